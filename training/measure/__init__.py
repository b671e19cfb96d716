"""What is measured of a run: metrics and their definitions, evidence, bounds, distances, gradient variance."""
