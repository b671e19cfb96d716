"""Runs in one HTML file that needs no server: `python -m explorer.export`."""
