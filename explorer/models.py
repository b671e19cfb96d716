"""The door to a run's model itself, for what the browser cannot compute: routes and the Gradients page.

torch is imported by the first question, and by nothing before it.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import gc_freeze, loader
from training import checkpoint
from training.data.binarize import fixed_draw
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.model.vae import VAE


WITHOUT_TORCH = "This server only shows runs: torch, which computes this, is not installed on it (pip install torch)."


def why_none() -> str:
    """Why no model can be had on this server, in one line; "" where torch is installed."""
    return "" if find_spec("torch") else WITHOUT_TORCH


def need_torch() -> None:
    """Raise UserError on a server that only shows runs."""
    if line := why_none():
        raise UserError(line)


@lru_cache(maxsize=6)
def load_model(path: Path, version: str) -> VAE:
    """A run's model; `version`: its config's.

    Raises Replaced where it has another one by now, CheckpointError for a damaged one, UserError without torch.
    """
    need_torch()
    model = checkpoint.load_model(path, config_of(path, version))
    gc_freeze.settle()
    return model


@lru_cache(maxsize=4)
def load_images(path: Path, version: str) -> NDArray[Any]:
    """The held-out images as a run takes them, (N, C, H, W) uint8; raises the same."""
    config = config_of(path, version)
    images = checkpoint.load_gallery(path.parent / checkpoint.GALLERY, config.dataset["gallery_sha256"])["images"]
    return images if config.binarize == "none" else fixed_draw(images)


def config_of(path: Path, version: str) -> checkpoint.Config:
    """What a run is, if it still has this version; raises Replaced else."""
    config = checkpoint.load_config(path)
    if config.version != version:
        raise loader.Replaced(f"{path}: has been replaced; reload the page")
    return config
