"""`folder:PATH`: any folder of pictures as a data set, its sub-folders the labels or the split if there are any."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.data.folder_layout import OUTSIDE, layout_of
from training.data.image_data import ImageData, Split
from training.data.natural_order import natural_key
from training.data.own_images import LEAST, note, own_data, own_path, usable
from training.data.partition import partition
from training.data.picture_cache import files_as_pictures, load_pictures
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Index = NDArray[np.int64]


def load_folder(folder: str, data_dir: Path, size: tuple[int, int] | None) -> ImageData:
    """The pictures anywhere under `folder`, made `size` (H, W); raises UserError.

    Folders named train, test and the like are the split. Without them a fixed shuffle holds out a tenth each, at most
    5,000, for validation and test. What is made of the pictures is kept in `data_dir`/folders. Hidden files are passed
    over.
    """
    name = f"folder:{folder}"
    root = own_path(folder, is_folder=True)
    files = _files(root)
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
        parts = partition(layout.labels.number[inside], given, image_bytes)
        return {part: readable[inside[chosen]] for part, chosen in parts.items()}

    key = hashlib.sha256(os.fsencode(f"{root.resolve()} {size}")).hexdigest()[:12]
    cache = data_dir / "folders" / f"{root.resolve().name}-{key}"
    readable, parts = load_pictures(cache, files_as_pictures(files), size, divide)
    layout = layout_of([folders[place] for place in readable.tolist()])
    if outside := layout.given.count(OUTSIDE):
        note(name, f"{outside:,} pictures are left out, as they lie outside of the folders of its split")
    labels = usable(name, layout.labels)
    splits = {
        part: Split(cached.images, labels.number[np.searchsorted(readable, cached.index)])
        for part, cached in parts.items()
    }
    return own_data(name, splits, labels, layout.given, "pictures", f"the folder {root.resolve().name}")


def _files(root: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=natural_key)
        found += [Path(folder, name) for name in sorted(names, key=natural_key) if not name.startswith(".")]
    return [file for file in found if file.is_file()]
