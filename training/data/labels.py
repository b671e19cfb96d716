"""What each image is labelled: whole numbers, texts or one-hot rows as the names of classes, and the number of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.natural_order import natural_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE = -1  # the number of an image without a label, in the files of others too
MAX_TEXT = 100  # characters; what is longer is a caption


@dataclass(frozen=True)
class Labels:
    """`number` int64 (N,), an index into `classes`, or NONE."""

    classes: tuple[str, ...]
    number: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.number)


def no_labels(count: int) -> Labels:
    """Of images that have none."""
    return Labels((), np.full(count, NONE, np.int64))


def labels_of_names(names: Sequence[str | None]) -> Labels:
    """A class for each name, in natural order; no name, no label."""
    classes = tuple(sorted({name for name in names if name}, key=natural_key))
    numbers = {name: number for number, name in enumerate(classes)}
    return Labels(classes, np.array([numbers[name] if name else NONE for name in names], np.int64))


def labels_of_values(values: NDArray[Any], class_names: Sequence[str] = ()) -> Labels | None:
    """Of an array with a whole number (as a float, too), truth value, text or one-hot row for each image, or None.

    -1, not a number and the empty text mean that an image has no label. `class_names`: of the numbers from 0.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    elif values.ndim == 2 and values.shape[1] > 1 and _is_one_hot(values):
        return _numbered(values.argmax(axis=1).astype(np.int64), class_names)
    if values.ndim != 1:
        return None
    kind = values.dtype.kind
    if kind == "b":
        return _numbered(values.astype(np.int64), class_names or ("False", "True"))
    if kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if kind in "US":
        return labels_of_names(values.tolist()) if values.dtype.itemsize <= 4 * MAX_TEXT else None
    if kind == "f":
        missing = np.isnan(values)
        if not np.isfinite(values[~missing]).all() or (values[~missing] != np.round(values[~missing])).any():
            return None
        values = np.where(missing, NONE, values)
    if kind not in "iuf" or not (np.abs(values.astype(np.float64)) < 2**53).all():
        return None
    return _numbered(values.astype(np.int64), class_names)


def _is_one_hot(values: NDArray[Any]) -> bool:
    if values.dtype.kind not in "biuf":
        return False
    return bool(((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all())


def _numbered(values: NDArray[np.int64], class_names: Sequence[str]) -> Labels:
    found = np.unique(values[values != NONE])
    number = np.where(values == NONE, NONE, np.searchsorted(found, values))
    named = len(found) > 0 and found[0] >= 0 and found[-1] < len(class_names)
    return Labels(tuple(class_names[value] if named else str(value) for value in found.tolist()), number)
