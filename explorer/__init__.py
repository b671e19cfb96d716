"""The latent-space explorer: a Streamlit app over the checkpoints that training writes."""
