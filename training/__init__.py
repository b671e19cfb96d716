"""Train variational autoencoders and write checkpoints that the explorer opens."""
