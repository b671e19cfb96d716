"""`csv:FILE`: a table of numbers, a row for each image and a column for each pixel, as a data set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.data.image_data import ImageData
from training.data.own_images import own_path
from training.data.table import columns_of, load_columns, readable, square_side
from training.errors import UserError

if TYPE_CHECKING:
    from training.data.table import Columns

MAX_BYTES = 4_000_000_000
MAX_LINE = 20_000_000  # characters of the first line
NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]+(e[-+]?[0-9]+)?", re.IGNORECASE)


def load_csv(file: str) -> ImageData:
    """A column for each pixel, from 0 on in any range, and one of labels if there is one; raises UserError.

    With a line of names or without, where the label is the first column or the last. Commas, semicolons or tabs. A
    column of texts `pixels`, numbers with spaces between, is taken, too; one called `usage` or `split` is the split.
    """
    columns, named = _table(own_path(file))
    return load_columns(f"csv:{file}", columns if named else _with_label(columns))


def read_csv(path: Path) -> Columns:
    """The columns of a table, by the names in its first line or as f0, f1 and so on; raises UserError."""
    return _table(path)[0]


def _table(path: Path) -> tuple[Columns, bool]:
    """The columns, and whether they have names."""
    if path.stat().st_size > MAX_BYTES:
        raise UserError(f"{path}: more than {MAX_BYTES:,} bytes; make an array of it, and use npz:FILE")
    with readable(path, "CSV file"):
        from pyarrow import csv

        delimiter, cells = _first_line(path)
        named = not all(NUMBER.fullmatch(cell) for cell in cells)
        columns = columns_of(
            csv.read_csv(
                path,
                read_options=csv.ReadOptions(autogenerate_column_names=not named, block_size=MAX_LINE),
                parse_options=csv.ParseOptions(delimiter=delimiter),
            )
        )
    return columns, named


def _first_line(path: Path) -> tuple[str, list[str]]:
    """What its cells are parted by, and the cells."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        line = lines.readline(MAX_LINE).strip()
    delimiter = max(",;\t", key=line.count)
    return delimiter, [cell.strip().strip('"') for cell in line.split(delimiter)]


def _with_label(columns: Columns) -> Columns:
    """Columns without names: one more than a square has the label first, or last if the first never changes."""
    names = list(columns)
    if square_side(len(names)) or not square_side(len(names) - 1):
        return columns
    label = names[0] if len(np.unique(columns[names[0]])) > 1 else names[-1]
    return {"label": columns[label], **{name: column for name, column in columns.items() if name != label}}
