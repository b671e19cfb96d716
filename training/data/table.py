"""A table with a row for each image: its columns as arrays, and images whose pixels are columns."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.image_arrays import Header, load_arrays
from training.data.image_data import ImageData
from training.data.labels import MAX_TEXT
from training.data.natural_order import natural_key
from training.data.own_images import listed, note, printable
from training.data.split_name import part_of_folder
from training.errors import UserError, one_line

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Columns = dict[str, NDArray[Any]]

LEAST_PIXELS = 16
PIXELS = "pixels"  # the column of texts with all of an image's numbers
SPLIT_COLUMNS = ("usage", "split", "part", "subset", "set")


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """Whatever the reader of a damaged or hostile file raises becomes a UserError."""
    try:
        yield
    except UserError:
        raise
    except ImportError as error:
        raise UserError(f"{path}: pyarrow reads such files and is not installed: pip install pyarrow") from error
    except Exception as error:
        raise UserError(f"{path}: not a {kind} that can be read ({one_line(error, 120)})") from error


def columns_of(table: pa.Table) -> Columns:
    """Each column (N,): numbers, nan where there is none; texts, empty where there is none; objects for all else."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns: Columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_boolean(column.type) and column.null_count:
            column = pc.cast(column, pa.float64())
        if pa.types.is_boolean(column.type) or pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            columns[name] = column.to_numpy()
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            longest = pc.max(pc.utf8_length(column)).as_py() or 0
            texts = [text or "" for text in column.to_pylist()]
            columns[name] = np.array(texts, f"U{max(1, longest)}" if longest <= MAX_TEXT else object)
        else:
            columns[name] = np.full(len(column), None)
    return columns


def headers_of(columns: Columns) -> dict[str, Header]:
    """As those of arrays in a file."""
    return {
        name: Header(values.shape, None if values.dtype.kind == "O" else values.dtype)
        for name, values in columns.items()
    }


def load_columns(name: str, columns: Columns, given: list[str] | None = None) -> ImageData:
    """Images whose pixels are the most columns of numbers that are called alike but for numbers, or texts of numbers.

    `given` (N,): the part that each row is of, unless a column says so. Raises UserError.
    """
    pixels, used = _pixels(name, columns)
    side = square_side(pixels.shape[1] // 3)
    if square_side(pixels.shape[1]) is None and side and 3 * side**2 == pixels.shape[1]:
        note(name, f"{pixels.shape[1]:,} columns are taken as {side} x {side} pixels, red, green and blue of each")
        pixels = pixels.reshape(-1, side, side, 3)
    others = {printable(column): values for column, values in columns.items() if column not in used}
    given = _given(others) or given
    arrays = {**others, "images": pixels}
    return load_arrays(name, headers_of(arrays), lambda wanted: {one: arrays[one] for one in wanted}, given)


def square_side(count: int) -> int | None:
    """The side of a square image of `count` pixels."""
    side = math.isqrt(count)
    return side if side**2 == count >= LEAST_PIXELS else None


def _pixels(name: str, columns: Columns) -> tuple[NDArray[np.float32], set[str]]:
    """(N, P), and the columns that they are in."""
    texts = columns.get(PIXELS)
    if texts is not None and texts.dtype.kind in "OU":
        return _parsed(name, texts), {PIXELS}
    alike: dict[str, list[str]] = {}
    for column, values in columns.items():
        if values.dtype.kind in "biuf":
            alike.setdefault(re.sub("[0-9]+", "0", column), []).append(column)
    most = max(map(len, alike.values()), default=0)
    used = sorted(next((group for group in alike.values() if len(group) == most), []), key=natural_key)
    if len(used) < LEAST_PIXELS:
        raise UserError(f"{name}: no columns of pixels, only {listed(list(columns)) or 'nothing'}")
    pixels = np.empty((len(columns[used[0]]), len(used)), np.float32)
    for place, column in enumerate(used):
        pixels[:, place] = columns[column]
    return pixels, set(used)


def _parsed(name: str, texts: NDArray[Any]) -> NDArray[np.float32]:
    try:
        rows = [np.array((text or "").split(), np.float32) for text in texts.tolist()]
    except ValueError as error:
        raise UserError(f"{name}: '{PIXELS}' holds other texts than numbers with spaces between") from error
    lengths = {len(row) for row in rows}
    if len(lengths) != 1:
        raise UserError(f"{name}: '{PIXELS}' has {min(lengths, default=0)} to {max(lengths, default=0)} numbers a row")
    return np.stack(rows)


def _given(columns: Columns) -> list[str] | None:
    """The part of each row, if a column says so; that is taken out of `columns`."""
    for column, values in columns.items():
        if column.lower() in SPLIT_COLUMNS and values.dtype.kind == "U":
            parts = {value: part_of_folder(value) for value in np.unique(values).tolist()}
            if "train" in parts.values() and "" not in parts.values():
                del columns[column]
                return [parts[value] for value in values.tolist()]
    return None
