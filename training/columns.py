"""Columns: what is known of each image beside its label, as the factors it was drawn with: numbers or categories."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.labels import NONE, labels_of_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_COLUMNS = 100
MAX_NAME = 80  # characters
MAX_CATEGORIES = 200  # of a column of texts; one with more tells each image apart
MAX_DESCRIPTION = 400_000  # bytes of all names together, in config.json
FEW = 10  # different whole numbers that are categories, as the numbers of clusters are; more are a scale


@dataclass(frozen=True, eq=False)
class Column:
    """One value for each of N images.

    Without `categories`, `values` (N,) are float32, NaN where there is none; with them, int32 indices into
    `categories`, -1 where there is none.
    """

    values: NDArray[Any]
    categories: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)


Columns = Mapping[str, Column]


def number_column(values: NDArray[Any]) -> Column:
    """Numbers (N,); those that are not finite count as missing."""
    with np.errstate(over="ignore"):
        numbers = values.astype(np.float32)
    return Column(np.where(np.isfinite(numbers), numbers, np.float32(np.nan)))


def category_column(number: NDArray[Any], categories: Sequence[str]) -> Column:
    """Indices (N,) into `categories`, -1 for none."""
    return Column(number.astype(np.int32), tuple(categories))


def column_of(values: NDArray[Any]) -> Column | None:
    """A column of an array (N,) or (N, 1), its kind by what it holds; None if it can be no column.

    Texts, truth values and at most ten different whole numbers are categories, all other numbers a scale. Texts of
    which there are more than 200, or which are all different, as are names of files, tell images apart and are none;
    nor is an empty column.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.dtype.kind not in "biufSU":
        return None
    return _texts(values) if values.dtype.kind in "SU" else _numbers(values)


def _texts(values: NDArray[Any]) -> Column | None:
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    labels = labels_of_names(values.tolist())
    count = len(labels.classes)
    if not 0 < count <= MAX_CATEGORIES or count == (labels.number != NONE).sum() > FEW:
        return None  # each of its own
    short = max(map(len, labels.classes)) <= MAX_NAME
    return category_column(labels.number, labels.classes) if short else None


def _numbers(values: NDArray[Any]) -> Column | None:
    known = np.isfinite(values)
    found, number = np.unique(values[known], return_inverse=True)
    if not len(found):
        return None
    if (values.dtype.kind == "f" and (found != np.round(found)).any()) or len(found) > FEW:
        return number_column(values)
    index = np.full(len(values), NONE, np.int32)
    index[known] = number
    return category_column(index, [str(one if values.dtype.kind == "b" else int(one)) for one in found])


def columns_of_array(name: str, values: NDArray[Any]) -> dict[str, Column]:
    """The column of an array (N,), if it can be one; of one (N, K) of numbers the columns `name 1` to `name K`."""
    wide = values.ndim == 2 and 1 < values.shape[1] <= MAX_COLUMNS and values.dtype.kind in "biuf"
    parts = {f"{name} {k + 1}": values[:, k] for k in range(values.shape[1])} if wide else {name: values}
    return {part: column for part, one in parts.items() if (column := column_of(one))}


def within_limits(columns: Columns) -> dict[str, Column]:
    """The first of `columns`, as many as a run may carry, their names cut to what is shown."""
    found: dict[str, Column] = {}
    size = 0
    for name, column in columns.items():
        size += len(json.dumps(described({name: column})))
        if len(found) < MAX_COLUMNS and size <= MAX_DESCRIPTION:
            found.setdefault(name[:MAX_NAME], column)
    return found


def take_columns(columns: Columns, index: Any) -> dict[str, Column]:
    """The values of some images, by anything that NumPy takes as an index."""
    return {name: Column(column.values[index], column.categories) for name, column in columns.items()}


def join_columns(parts: Sequence[Columns]) -> dict[str, Column]:
    """The columns of several parts of one data set, which all have the same, one after the other."""
    return {
        name: Column(np.concatenate([part[name].values for part in parts]), column.categories)
        for name, column in parts[0].items()
    }


# ---- as a checkpoint holds them

Categories = dict[str, tuple[str, ...] | None]


def described(columns: Columns) -> list[dict[str, Any]]:
    """What config.json says of them: `name`, and `categories` or null, in the order of their tensors."""
    return [
        {"name": name, "categories": None if column.categories is None else list(column.categories)}
        for name, column in columns.items()
    ]


def parse_description(value: Any) -> Categories:
    """The categories of each column by name, None for numbers, of what `described` gives; raises ValueError."""
    found: Categories = {}
    for one in value if isinstance(value, list) else [None]:
        name, categories = (one.get("name"), one.get("categories")) if isinstance(one, dict) else (None, None)
        texts = isinstance(categories, list) and all(isinstance(text, str) for text in categories)
        if not isinstance(name, str) or name in found or not (categories is None or texts):
            raise ValueError("'columns' must list for each a 'name' of its own, and its 'categories' or null")
        found[name] = None if categories is None else tuple(categories)
    return found


def tensors_of(columns: Columns) -> dict[str, NDArray[Any]]:
    """Their values by place, "0", "1" and so on: a name may hold what a tensor's may not."""
    return {str(place): column.values for place, column in enumerate(columns.values())}


def columns_of_tensors(tensors: Mapping[str, NDArray[Any]], categories: Categories) -> dict[str, Column]:
    """The columns whose values are `tensors`; raises ValueError where these do not fit the description."""
    columns = {}
    for place, (name, texts) in enumerate(categories.items()):
        if (values := tensors.get(str(place))) is None:
            raise ValueError(f"tensor '{place}' is missing")
        kind, shape = np.dtype(np.float32 if texts is None else np.int32), tensors["0"].shape[:1]
        if values.dtype != kind or values.shape != shape:
            raise ValueError(f"tensor '{place}' is {values.dtype} {values.shape}, expected {kind} {shape}")
        if texts is not None and len(values) and not -1 <= values.min() <= values.max() < len(texts):
            raise ValueError(f"tensor '{place}' must hold numbers from -1 to {len(texts) - 1}")
        columns[name] = Column(values, texts)
    return columns
