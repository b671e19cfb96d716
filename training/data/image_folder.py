"""`folder:PATH`: any folder of pictures as a data set, its sub-folders the labels if there are any."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np

from training.data.image_data import UNLABELLED, ImageData, held_out_count, shuffle_in_words, with_gallery
from training.data.picture_cache import Picture, load_pictures
from training.errors import UserError

BESIDE = "(beside the folders)"  # the class of pictures that lie in no sub-folder where others do
LEAST = 20


def load_folder(folder: str, data_dir: Path, size: tuple[int, int] | None) -> ImageData:
    """The pictures anywhere under `folder`, made `size` (H, W); raises UserError.

    A fixed shuffle holds out a tenth each, at most 5,000, for validation and test. What is made of the pictures is kept
    in `data_dir`/folders. Hidden files are passed over.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UserError(f"folder:{folder}: not a folder")
    files = _files(root)
    if len(files) < LEAST:
        raise UserError(f"folder:{folder}: {len(files)} files in it, at least {LEAST} pictures are needed")
    classes, pictures = _labelled(root, files)
    order = np.random.default_rng(0).permutation(len(pictures))
    first, second = held_out_count(len(pictures)), 2 * held_out_count(len(pictures))
    places = {"validation": order[:first], "test": order[first:second], "train": order[second:]}
    parts = {part: [pictures[i] for i in chosen] for part, chosen in places.items()}
    key = hashlib.sha256(f"{root.resolve()} {size}".encode()).hexdigest()[:12]
    split = load_pictures(data_dir / "folders" / f"{root.resolve().name}-{key}", parts, size)
    return with_gallery(
        split,
        shuffle_in_words(split, "pictures"),
        name=f"folder:{folder}",
        classes=classes,
        source=f"the folder {root.resolve().name}",
        licence="unknown",
    )


def _files(root: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(folder, name) for name in sorted(names) if not name.startswith(".")]
    return [file for file in found if file.is_file()]


def _labelled(root: Path, files: list[Path]) -> tuple[tuple[str, ...], list[Picture]]:
    """Class names, and each file with the number of the sub-folder of `root` that it is in."""
    within = [file.relative_to(root).parts for file in files]
    names = [parts[0] if len(parts) > 1 else BESIDE for parts in within]
    classes = tuple(sorted(set(names)))
    if classes == (BESIDE,):
        return (UNLABELLED,), [Picture(file, 0) for file in files]
    number = {name: label for label, name in enumerate(classes)}
    return classes, [Picture(file, number[name]) for file, name in zip(files, names, strict=True)]
