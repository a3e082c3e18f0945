"""What a person has chosen: as a value, in Streamlit's session, as an address, as a file, with its past."""
