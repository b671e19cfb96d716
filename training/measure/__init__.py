"""What is measured of a run: figures and their definitions, evidence, bounds, distances, gradient variance."""
