"""The data sets by name, and what makes them."""
