"""The Streamlit dashboard: imports :mod:`core`, is never imported by it."""
