"""What the browser fetches or sends beside Streamlit's own."""
