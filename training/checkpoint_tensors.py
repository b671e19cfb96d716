"""What the tensors of a checkpoint must be: their types, shapes and ranges, for its reader and its writer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.model.spec import ModelSpec
from training.regular_file import CheckpointError
from training.tensor_files import expect, require

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

LARGEST_WEIGHT = 1e8  # products of larger ones leave float32
LARGEST_LOG_VAR = 50.0


def check_weights(path: str | Path, model: ModelSpec, arrays: Arrays) -> None:
    """Refuse weights, all float32, that are no model's; raises CheckpointError that names the run at `path`."""
    file = "model.safetensors"
    for name, array in arrays.items():
        expect(path, file, name, array, np.float32, array.shape, LARGEST_WEIGHT)
    if model.prior != "standard":
        count, dim = model.prior_components, model.latent_dim
        for name, shape in {"logits": (count,), "mean": (count, dim), "log_var": (count, dim)}.items():
            require(path, file, arrays, f"prior.{name}")
            most = LARGEST_LOG_VAR if name == "log_var" else LARGEST_WEIGHT
            expect(path, file, f"prior.{name}", arrays[f"prior.{name}"], np.float32, shape, most)
    if model.likelihood == "gaussian":
        require(path, file, arrays, "log_sigma")
        expect(path, file, "log_sigma", arrays["log_sigma"], np.float32, (), LARGEST_LOG_VAR / 2)


def check_latents(path: str | Path, model: ModelSpec, classes: int, arrays: Arrays) -> None:
    """Refuse latents that are not as docs/checkpoint-format.md says, for this many `classes`; raises the same."""
    file, dim = "latents.safetensors", model.latent_dim
    require(path, file, arrays, "mu")
    count = len(np.atleast_1d(arrays["mu"]))
    shapes: dict[str, tuple[int, ...]] = {"mu": (count, dim), "label": (count,)}
    if model.has_decoder:
        shapes |= {"reconstruction": (count,)}
    if model.posterior != "deterministic":
        full = model.posterior == "full"
        shapes |= {"kl": (count,), **({"scale_tril": (count, dim, dim)} if full else {"log_var": (count, dim)})}
    if dim > 2:
        shapes |= {"pca": (count, 2), "pca_mean": (dim,), "pca_components": (2, dim)}
        shapes |= {"umap": (count, 2)} if "umap" in arrays else {}  # not there where measuring was interrupted
    for name, shape in shapes.items():
        require(path, file, arrays, name)
        expect(path, file, name, arrays[name], np.int64 if name == "label" else np.float32, shape)
    if "log_var" in shapes:
        expect(path, file, "log_var", arrays["log_var"], np.float32, shapes["log_var"], LARGEST_LOG_VAR)
    if "scale_tril" in shapes and not (np.diagonal(arrays["scale_tril"], axis1=1, axis2=2) > 0).all():
        raise CheckpointError(f"{Path(path) / file}: 'scale_tril' must have a positive diagonal")
    label = arrays["label"]
    if count == 0 or label.min() < 0 or label.max() >= classes:
        raise CheckpointError(
            f"{Path(path) / file}: 'label' must hold at least one number, each from 0 to {classes - 1}"
        )
