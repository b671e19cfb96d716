"""The app's pages: each lays out widgets, calls a view and shows it."""
