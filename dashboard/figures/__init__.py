"""Numbers in, figures out: no Streamlit, no torch, no model in here, so each figure can be tested alone."""
