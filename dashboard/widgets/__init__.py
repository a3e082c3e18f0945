"""What several pages draw with: charts, explanations of settings, opening a file. May use Streamlit, the session."""
