"""A trained model on images: its loss terms, and its latents of the held-out images."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from training.data.datasets import Split
from training.model.posterior import sample
from training.model.vae import VAE
from training.objective import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_IMAGES, MOST_VALUES = 1000, 3_000_000  # at once: more would take gigabytes for large images
SAMPLES = 16
TERMS_OF_BOUND = ("reconstruction", "kl", "bound")
SEED = 0


def portion(shape: Sequence[int]) -> int:
    """How many images of `shape` (C, H, W) are encoded or decoded at once."""
    return max(1, min(MOST_IMAGES, MOST_VALUES // math.prod(shape)))


def as_pixels(images: Tensor) -> Tensor:
    """uint8 images as float32 in [0, 1], any shape."""
    return images.float().div_(255)


def mean_image(split: Split) -> Tensor:
    """The mean of its images, (C, H, W) in [0, 1]."""
    parts = np.array_split(np.arange(len(split)), math.ceil(len(split) / portion(split.images.shape[1:])))
    total = sum(split.take(part).sum(axis=0, dtype=np.int64) for part in parts)
    return torch.from_numpy(total / (255 * len(split))).float()


@torch.no_grad()
def encode_all(model: VAE, images: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Parameters of q(z|x), as `VAE.encode` gives them, of uint8 `images` (N, C, H, W), on the images' device.

    `y` (N, K): their classes, one-hot, for a conditional model.
    """
    model.eval()
    size = portion(images.shape[1:])
    classes = (None,) * len(images) if y is None else torch.split(y, size)
    parts = [model.encode(as_pixels(batch), of) for batch, of in zip(torch.split(images, size), classes, strict=False)]
    return torch.cat([mu for mu, _ in parts]), torch.cat([spread for _, spread in parts])


@torch.no_grad()
def decode_all(model: VAE, z: Tensor, y: Tensor | None = None) -> Iterator[Tensor]:
    """E[x|z] of latents (N, D), portion by portion; `y` (N, K): their classes, one-hot, for a conditional model."""
    size = portion(model.spec.image_shape)
    for start in range(0, len(z), size):
        yield model.image(z[start : start + size], None if y is None else y[start : start + size])


def by_class(model: VAE, y: Tensor | None, images: Tensor, measure: Callable[[VAE, Tensor], Tensor]) -> Tensor:
    """`measure(model, images)`, a number an image, (N,); of a conditional model with each image's class given.

    `y` (N, K): their classes, one-hot, or None.
    """
    if y is None:
        return measure(model, images)
    found = torch.zeros(len(images), dtype=torch.float64)
    for label in range(-1, model.spec.condition):
        alike = (y == model.classes_of(np.array([label]))).all(dim=1).cpu()  # type: ignore[attr-defined]
        if alike.any():
            found[alike] = measure(model.given(label), images[alike]).double().cpu()
    return found


@torch.no_grad()
def terms_of(model: VAE, images: Tensor, y: Tensor | None = None, samples: int = SAMPLES, seed: int = SEED) -> Terms:
    """Both terms for each of N uint8 images, with `samples` draws of z each from a generator of its own.

    `y`: as in `encode_all`.
    """
    mu, spread = encode_all(model, images, y)
    generator = torch.Generator().manual_seed(seed)
    reconstruction, kl = torch.zeros(2, len(images), device=mu.device)
    draws = samples if model.spec.posterior != "deterministic" else 1
    size = portion(images.shape[1:])
    for _ in range(draws):
        eps = torch.randn(mu.shape, generator=generator).to(mu.device)
        for start in range(0, len(images), size):
            part = slice(start, start + size)
            z = sample(mu[part], spread[part], eps[part])
            given = None if y is None else y[part]
            reconstruction[part] += model.reconstruction(as_pixels(images[part]), z, given) / draws
            kl[part] += model.kl(mu[part], spread[part], z) / draws
    return Terms(reconstruction, kl)


@torch.no_grad()
def weighted_terms_of(model: VAE, images: Tensor, y: Tensor | None, samples: int, seed: int = SEED) -> Terms:
    """Terms with the importance-weighted bound of `samples` draws for each of N uint8 images; else as `terms_of`."""
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    size = max(1, portion(images.shape[1:]) // samples)
    found = []
    for start in range(0, len(images), size):
        part = slice(start, start + size)
        x = as_pixels(images[part])
        noise = torch.randn(len(x), samples, model.spec.latent_dim, generator=generator).to(x.device)
        found.append(model.weighted_terms(x, noise, None if y is None else y[part]))
    reconstruction, kl, bound = (torch.cat([getattr(t, name) for t in found]) for name in TERMS_OF_BOUND)
    return Terms(reconstruction, kl, bound)


def gallery_latents(model: VAE, gallery: Split, seed: int = SEED) -> dict[str, NDArray[Any]]:
    """The arrays of latents.safetensors (see docs/checkpoint-format.md) for the held-out images, all but UMAP's."""
    device = next(model.parameters()).device
    images = torch.from_numpy(gallery.images).to(device)
    y = model.classes_of(gallery.labels)
    mu, spread = encode_all(model, images, y)
    terms = terms_of(model, images, y)
    tensors = {"mu": mu, "reconstruction": terms.reconstruction}
    if model.spec.posterior != "deterministic":
        tensors |= {"scale_tril" if model.spec.posterior == "full" else "log_var": spread, "kl": terms.kl}
    arrays: dict[str, NDArray[Any]] = {name: tensor.cpu().numpy() for name, tensor in tensors.items()}
    arrays["label"] = gallery.labels
    if model.spec.latent_dim > 2:
        from training.measure.projection import pca_plane

        arrays |= pca_plane(arrays["mu"], seed)
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def umap_of(mu: NDArray[np.float32], seed: int) -> dict[str, NDArray[Any]]:
    """UMAP's part of latents.safetensors, which takes the longest of all; `mu` (N, D > 2)."""
    from training.measure.projection import umap_map

    return {"umap": umap_map(mu, seed)}
