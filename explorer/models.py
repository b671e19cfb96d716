"""The door to a run's model itself, for what the browser cannot compute: routes and the Gradients page.

torch is imported by the first question, and by nothing before it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import gc_freeze, loader
from training import checkpoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.model.vae import VAE


def version(run: loader.Run) -> str:
    """Changes with what the answers hang on: the run's weights and its data set's images."""
    return f"{run.config.files['model.safetensors'][:12]}{str(run.config.dataset['gallery_sha256'])[:12]}"


@lru_cache(maxsize=6)
def load_model(path: Path, version: str) -> VAE:
    """A run's model; `version` is the run's."""
    model = checkpoint.load_model(path)
    gc_freeze.settle()
    return model


@lru_cache(maxsize=4)
def load_images(path: Path, version: str) -> NDArray[Any]:
    """The held-out images of a run's data set, (N, C, H, W) uint8."""
    return checkpoint.load_gallery(path.parent / checkpoint.GALLERY)["images"]
