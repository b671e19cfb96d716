"""A data set: its images, held as uint8 and split once and for all, and what is known of it without loading it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Split:
    """`images` uint8 (N, C, H, W); `labels` int64 (N,), an index into the data set's `classes`."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class ImageData:
    """A data set with its splits. `gallery` holds the held-out images that the explorer shows.

    `shareable`: whether they may lie beside runs that are given on.
    """

    name: str
    classes: tuple[str, ...]
    source: str
    licence: str
    split: dict[str, str]
    train: Split
    validation: Split
    test: Split
    gallery: Split
    shareable: bool = True

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)"""
        _, channels, height, width = self.train.images.shape
        return channels, height, width


@dataclass(frozen=True)
class Listing:
    """What is known of a data set before it is loaded; `is_here` and `load` take the data folder."""

    name: str
    size: str
    source: str
    licence: str
    is_here: Callable[[Path], bool]
    load: Callable[[Path], ImageData]
