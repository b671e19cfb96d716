"""The variational autoencoder: its description, its networks and distributions, and other people's models."""
