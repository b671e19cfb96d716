"""`folder:PATH`: any folder of pictures as a data set, its sub-folders the labels or the split if there are any."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.columns import take_columns
from training.data.folder_layout import OUTSIDE, Layout, layout_of
from training.data.folder_table import FolderTable
from training.data.image_columns import read_columns
from training.data.image_data import ImageData, Split
from training.data.labels import Labels
from training.data.natural_order import natural_key
from training.data.own_images import LEAST, note, own_data, own_path, usable
from training.data.partition import partition
from training.data.picture_cache import files_as_pictures, load_pictures
from training.data.table import headers_of
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Index = NDArray[np.int64]


def load_folder(folder: str, data_dir: Path, size: tuple[int, int] | None) -> ImageData:
    """The pictures anywhere under `folder`, made `size` (H, W); raises UserError.

    Folders named train, test and the like are the split. Without them a fixed shuffle holds out a tenth each, at most
    5,000, for validation and test. A table in it, as labels.csv, gives columns, and labels where folders give none.
    What is made of the pictures is kept in `data_dir`/folders. Hidden files are passed over.
    """
    name = f"folder:{folder}"
    root = own_path(folder, is_folder=True)
    everything = _files(root)
    table = FolderTable(name, root, everything)
    files = [file for file in everything if file != table.path]
    if len(files) < LEAST:
        raise UserError(f"{name}: {len(files)} files in it, at least {LEAST} pictures are needed")
    folders = [file.relative_to(root).parts[:-1] for file in files]

    def divide(readable: Index, image_bytes: int) -> dict[str, Index]:
        if not len(readable):
            raise UserError(f"{name}: none of its {len(files):,} files can be read as a picture")
        layout = layout_of([folders[place] for place in readable.tolist()])
        inside = np.flatnonzero(np.array(layout.given) != OUTSIDE)
        if len(inside) < LEAST:
            raise UserError(f"{name}: {len(inside)} pictures in it, at least {LEAST} are needed")
        given = [layout.given[place] for place in inside.tolist()]
        labels, _ = _labels(layout, table, readable)
        parts = partition(labels.number[inside], given, image_bytes)
        return {part: readable[inside[chosen]] for part, chosen in parts.items()}

    key = hashlib.sha256(os.fsencode(f"{root.resolve()} {size}")).hexdigest()[:12]
    cache = data_dir / "folders" / f"{root.resolve().name}-{key}"
    readable, parts = load_pictures(cache, files_as_pictures(files, table.stamp), size, divide)
    layout = layout_of([folders[place] for place in readable.tolist()])
    if outside := layout.given.count(OUTSIDE):
        note(name, f"{outside:,} pictures are left out, as they lie outside of the folders of its split")
    found, label = _labels(layout, table, readable)
    labels = usable(name, found)
    arrays = {one: values[readable] for one, values in table.arrays.items() if one != label}
    whole = {"": len(readable)}
    columns, _ = read_columns(name, headers_of(arrays), lambda some: {one: arrays[one] for one in some}, [], whole)
    places = {part: np.searchsorted(readable, cached.index) for part, cached in parts.items()}
    splits = {
        part: Split(parts[part].images, labels.number[place], take_columns(columns, place))
        for part, place in places.items()
    }
    return own_data(name, splits, labels, layout.given, "pictures", f"the folder {root.resolve().name}")


def _labels(layout: Layout, table: FolderTable, places: Index) -> tuple[Labels, str | None]:
    """Of the folders where there are several, else of the table's column that is named, else of the one folder."""
    found, column = table.labels(places)
    return (found, column) if column and len(layout.labels.classes) < 2 else (layout.labels, None)


def _files(root: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=natural_key)
        found += [Path(folder, name) for name in sorted(names, key=natural_key) if not name.startswith(".")]
    return [file for file in found if file.is_file()]
