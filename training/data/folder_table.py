"""A table beside pictures, as `labels.csv`: a row for each, which names its file and says what is known of it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.csv_file import read_csv
from training.data.image_arrays import LABELS
from training.data.labels import Labels, labels_of_values, no_labels
from training.data.own_images import note
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

MAX_BYTES = 200_000_000
ENDINGS = (".csv", ".tsv")


class FolderTable:
    """What tables in `root` itself say of the pictures `files` (N,): the first that names at least half of them.

    `path`: its own, None without one; `stamp` changes when it does; `arrays`: its columns by name, (N,), nan or "" for
    a picture that it does not name.
    """

    def __init__(self, name: str, root: Path, files: list[Path]) -> None:
        self.path: Path | None = None
        self.stamp: list[int] | None = None
        self.arrays: Arrays = {}
        for path in (file for file in files if file.parent == root and file.suffix.lower() in ENDINGS):
            try:
                columns = read_csv(path) if path.stat().st_size <= MAX_BYTES else {}
            except UserError as error:
                note(name, str(error))
                continue
            pictures = [file for file in files if file != path]
            found = [(key, _rows(columns[key].tolist(), root, pictures)) for key in columns if _is_text(columns[key])]
            key, rows = max(found, key=lambda one: int((one[1] >= 0).sum()), default=("", np.zeros(0, np.int64)))
            if 2 * (rows >= 0).sum() >= max(1, len(pictures)):
                self.path, self.stamp = path, [path.stat().st_size, path.stat().st_mtime_ns]
                self.arrays = {one: _taken(values, rows) for one, values in columns.items() if one != key}
                return

    def labels(self, places: NDArray[np.int64]) -> tuple[Labels, str | None]:
        """Those of the pictures at `places`, by the column that is called so, and its name; else none."""
        for wanted in LABELS:
            for column, values in self.arrays.items():
                if column.lower() == wanted and values.dtype.kind != "O":
                    labels = labels_of_values(values[places])
                    if labels and labels.classes:
                        return labels, column
        return no_labels(len(places)), None


def _is_text(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "UO" and all(isinstance(value, str) for value in values[:100].tolist())


def _rows(texts: list[str], root: Path, pictures: list[Path]) -> NDArray[np.int64]:
    """The row that names each picture, by its path from the folder on, its name, or its name without ending; or -1."""
    row_of = {PurePosixPath(str(text).replace("\\", "/").strip()): row for row, text in enumerate(texts)}
    rows = np.full(len(pictures), -1, np.int64)
    for place, picture in enumerate(pictures):
        path = PurePosixPath(picture.relative_to(root).as_posix())
        names = (path, PurePosixPath(root.name) / path, PurePosixPath(path.name), PurePosixPath(path.stem))
        rows[place] = next((row_of[one] for one in names if one in row_of), -1)
    return rows


def _taken(values: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """The value of each row, none for -1."""
    taken = values[np.maximum(rows, 0)]
    if values.dtype.kind in "OU":
        return np.where(rows >= 0, taken, "") if values.dtype.kind == "U" else taken
    return np.where(rows >= 0, taken, np.nan) if (rows < 0).any() else taken
