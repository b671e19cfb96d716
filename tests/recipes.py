"""What made-up runs of the table are made with: a model, its data, and the options of a fit."""

from __future__ import annotations

from pathlib import Path

from training.options import FitOptions

MODEL = {
    "architecture": "mlp",
    "hidden_dims": (512, 256),
    "decoder_hidden_dims": (256, 512),
    "activation": "silu",
    "posterior": "diagonal",
    "likelihood": "bernoulli",
    "latent_dim": 2,
    "image_shape": (1, 28, 28),
}
DATA = {"name": "mnist", "split": {"train": "training images 6,000-59,999"}}
RECIPE = FitOptions(out=Path("unused")).recipe()
