"""Pure views: NumPy arrays and options in, a frozen dataclass out. No streamlit, no torch."""
