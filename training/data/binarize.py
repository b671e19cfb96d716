"""Grey images made black and white, of which a Bernoulli likelihood is a probability: by one fixed draw, or anew."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from training.data.image_data import ImageData, Split

if TYPE_CHECKING:
    from numpy.typing import NDArray

BinarizeName = Literal["none", "fixed", "stochastic"]
BLOCK_VALUES = 2_000_000  # pixels at once


def fixed_draw(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each of N images (N, ...) with every pixel 0 or 255 by a draw whose chance of 255 is its grey value / 255.

    The draw hangs on the image alone: mulberry32, seeded by the FNV-1a hash of its bytes, so that Python and the
    browser (explorer/web/maths/binarize.js) see the same image, whatever others are beside it.
    """
    flat = np.ascontiguousarray(images).reshape(len(images), math.prod(images.shape[1:]))
    out = np.empty_like(flat)
    size = max(1, BLOCK_VALUES // flat.shape[1])
    for start in range(0, len(flat), size):
        part = flat[start : start + size]
        out[start : start + size] = np.where(_uniform(_hash(part), part.shape[1]) < part / 255, 255, 0)
    return out.reshape(images.shape)


def binarized(split: Split) -> Split:
    """The same split with its images by the fixed draw."""
    return replace(split, images=fixed_draw(np.asarray(split.images)))


def as_modelled(data: ImageData, binarize: str) -> ImageData:
    """The data set with the validation, test and gallery images that a run's terms are of: binary unless "none".

    Both ways of training are evaluated on the fixed draw, so that figures repeat themselves and are of one and the
    same images. The training images stay as they are: `Trainer` draws them.
    """
    if binarize == "none":
        return data
    parts: dict[str, Any] = {name: binarized(getattr(data, name)) for name in ("validation", "test", "gallery")}
    return replace(data, **parts)


def _hash(rows: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """FNV-1a of each row (N, P), (N,)."""
    found = np.full(len(rows), 2166136261, np.uint32)
    for column in rows.T:
        found = (found ^ column) * np.uint32(16777619)
    return found


def _uniform(seeds: NDArray[np.uint32], count: int) -> NDArray[np.float64]:
    """The first `count` numbers in (0, 1) of mulberry32 for each seed, (N, count)."""
    steps = np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
    state = seeds[:, None] + steps
    t = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
    t ^= t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))
    return np.asarray(((t ^ (t >> np.uint32(14))) + 0.5) / 2**32)


def has_grey(images: NDArray[np.uint8]) -> bool:
    """Whether any pixel, of any shape, is neither black nor white."""
    return bool(((images > 0) & (images < 255)).any())
