"""A data set: its images, held as uint8 and split once and for all, and what is known of it without loading it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.columns import Columns, join_columns, take_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray


UNLABELLED = "image"  # the one class of a data set without labels
NO_LABEL = "no label"  # the last class, of images without a label where others have one
MAX_HELD_OUT = 5_000  # images each for validation and for test, and in the gallery
MAX_GALLERY_BYTES = 64_000_000  # a page loads it whole


@dataclass(frozen=True)
class Split:
    """`images` uint8 (N, C, H, W), in memory or mapped from an .npy file.

    `labels` int64 (N,), an index into the data set's `classes`, or -1: of none of them, which the gallery never is.
    `columns`: what else is known of each image, by name; the same columns in all splits of a data set.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    columns: Columns = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    def take(self, index: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
        """The images at `index` (B,), in memory.

        A file is mapped for the moment only: pages that were read would go on counting as this process's memory.
        """
        images = self.images
        if isinstance(images, np.memmap):
            images = np.load(str(images.filename), mmap_mode="r", allow_pickle=False)
        return np.take(np.asarray(images), index, axis=0)


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

    def labelled(self, split: Split) -> NDArray[np.int64]:
        """The places of the images of `split` that are of a class."""
        last = len(self.classes) - (self.classes[-1] == NO_LABEL)
        return np.flatnonzero((split.labels >= 0) & (split.labels < last))

    def relabelled(self, classes: tuple[str, ...], number: NDArray[np.int64]) -> ImageData:
        """The same images, those labelled i becoming `number[i]` of other `classes`."""
        parts = (self.train, self.validation, self.test, self.gallery)
        train, validation, test, gallery = (replace(split, labels=number[split.labels]) for split in parts)
        return replace(self, classes=classes, train=train, validation=validation, test=test, gallery=gallery)


def held_out_count(count: int) -> int:
    """How many of `count` images are held out for validation, and as many for test."""
    return min(MAX_HELD_OUT, count // 10)


def with_gallery(parts: dict[str, Split], in_words: dict[str, str], **known: Any) -> ImageData:
    """A data set of `train`, `validation` and `test`, what these parts are `in_words`, and what else is `known` of it.

    Its gallery holds validation and test images, as many as a page can show.
    """
    gallery = _gallery_of(parts["validation"], parts["test"])
    everything: dict[str, Any] = {**known, **parts, "gallery": gallery}
    return ImageData(split={**in_words, "gallery": f"the first {len(gallery):,} of validation and test"}, **everything)


def most_in_gallery(image_bytes: int) -> int:
    """How many images of so many bytes each a page can show."""
    return min(MAX_HELD_OUT, MAX_GALLERY_BYTES // image_bytes)


def _gallery_of(validation: Split, test: Split) -> Split:
    most = most_in_gallery(test.images[0].size)
    rest = slice(max(0, most - len(validation)))
    return Split(
        np.concatenate([validation.images[:most], test.images[rest]]),
        np.concatenate([validation.labels[:most], test.labels[rest]]),
        join_columns([take_columns(validation.columns, slice(most)), take_columns(test.columns, rest)]),
    )


def shuffled(
    name: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    classes: tuple[str, ...],
    held_out: int,
    source: str,
    licence: str,
    columns: Columns | None = None,
) -> ImageData:
    """Split a set by a fixed shuffle: `held_out` images each for validation and test, the rest for training."""
    order = np.random.default_rng(0).permutation(len(images))
    places = {"validation": order[:held_out], "test": order[held_out : 2 * held_out], "train": order[2 * held_out :]}
    parts = {
        part: Split(images[index], labels[index], take_columns(columns or {}, index)) for part, index in places.items()
    }
    return with_gallery(
        parts,
        shuffle_in_words(parts, "images"),
        name=name,
        classes=classes,
        source=source,
        licence=licence,
    )


def shuffle_in_words(parts: dict[str, Split], what: str) -> dict[str, str]:
    """In words, the parts of a fixed shuffle that begins with validation and test."""
    return {
        "train": f"{len(parts['train']):,} {what} after a fixed shuffle",
        "validation": f"the first {len(parts['validation']):,} {what} of that shuffle",
        "test": f"the next {len(parts['test']):,}",
    }


@dataclass(frozen=True)
class Listing:
    """What is known of a data set before it is loaded; `is_here` and `load` take the data folder."""

    name: str
    size: str
    source: str
    licence: str
    is_here: Callable[[Path], bool]
    load: Callable[[Path], ImageData]
