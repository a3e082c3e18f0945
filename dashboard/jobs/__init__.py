"""Work in threads and processes beside the page; knows no Streamlit."""
