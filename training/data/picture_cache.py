"""Picture files as arrays on disk, made once: uint8 as they will be used, so that training maps them into memory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from training.data.image_data import Split
from training.data.pictures import Look, UnreadablePicture, look, read_picture
from training.errors import UserError

VERSION = 1
INDEX, SKIPPED = "index.json", "skipped.txt"
DEFAULT_SIZE = (64, 64)
MAX_OWN_SIDE = 128  # pixels; larger pictures are made smaller unless a size is asked for
SHOWN = 10  # unreadable files that are named one by one


@dataclass(frozen=True)
class Picture:
    """A file and the label of what it shows."""

    path: Path
    label: int


Parts = dict[str, list[Picture]]


def load_pictures(cache: Path, parts: Parts, size: tuple[int, int] | None) -> dict[str, Split]:
    """Each part's pictures as uint8 images of `size` (H, W), `train` mapped from `cache`, which is written if need be.

    Grey if all of them are. No size: their own if they have one and it is small, else 64 x 64. The cache is made anew
    when a file changes. Files that cannot be read are left out, listed in its skipped.txt, and told on standard error.
    Raises UserError for a part without pictures.
    """
    signature = _signature(parts, size)
    if _stored_signature(cache) != signature:
        _write(cache, parts, size, signature)
    _tell(cache)
    return {part: _part(cache, part) for part in parts}


def _signature(parts: Parts, size: tuple[int, int] | None) -> str:
    """Changes whenever a file, its place, or what is to be made of it does."""
    digest = hashlib.sha256(json.dumps([VERSION, size]).encode())
    for part, pictures in parts.items():
        for picture in pictures:
            stat = picture.path.stat()
            line = [part, str(picture.path), picture.label, stat.st_size, stat.st_mtime_ns]
            digest.update(json.dumps(line).encode())
    return digest.hexdigest()


def _stored_signature(cache: Path) -> str | None:
    try:
        return str(json.loads((cache / INDEX).read_bytes())["signature"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(cache: Path, parts: Parts, size: tuple[int, int] | None, signature: str) -> None:
    fresh = cache.with_name(f".{cache.name}.writing-{os.getpid()}")
    try:
        fresh.mkdir(parents=True)
        problems: dict[Path, str] = {}
        looks: dict[Path, Look] = {}
        every = [picture for pictures in parts.values() for picture in pictures]
        for picture in _with_progress(every, "looking at pictures"):
            with _noted(picture.path, problems):
                looks[picture.path] = look(picture.path)
        channels = 1 if all(found.grey for found in looks.values()) else 3
        shape = (channels, *(size or _common_size({found.size for found in looks.values()})))
        for part, pictures in parts.items():
            usable = [picture for picture in pictures if picture.path in looks]
            labels = _write_part(fresh / f"{part}.npy", usable, shape, problems)
            if not labels:
                raise UserError(f"{part}: none of its {len(pictures):,} files can be read as a picture")
            np.save(fresh / f"{part}.labels.npy", np.array(labels, np.int64))
        (fresh / SKIPPED).write_text("".join(f"{path}: {why}\n" for path, why in sorted(problems.items())))
        (fresh / INDEX).write_text(json.dumps({"signature": signature}))
        shutil.rmtree(cache, ignore_errors=True)
        fresh.rename(cache)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _common_size(sizes: set[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) == 1 and max(min(sizes)) <= MAX_OWN_SIDE:
        return min(sizes)
    return DEFAULT_SIZE


def _write_part(
    path: Path, pictures: list[Picture], shape: tuple[int, int, int], problems: dict[Path, str]
) -> list[int]:
    """Write one part's array picture by picture; returns the labels of those that could be read."""
    labels = []
    with path.open("wb") as file:
        _write_header(file, (0, *shape))
        for picture in _with_progress(pictures, f"reading pictures for {path.stem}"):
            with _noted(picture.path, problems):
                file.write(read_picture(picture.path, shape[0], shape[1:]).tobytes())
                labels.append(picture.label)
        _write_header(file, (len(labels), *shape))
    return labels


@contextmanager
def _noted(path: Path, problems: dict[Path, str]) -> Iterator[None]:
    try:
        yield
    except UnreadablePicture as error:
        problems[path] = str(error)


def _with_progress(pictures: list[Picture], what: str) -> Iterable[Picture]:
    from tqdm import tqdm

    shown: Iterable[Picture] = tqdm(pictures, desc=what, unit=" files", mininterval=0.5)
    return shown


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """The same bytes for every count: NumPy leaves room for the first axis to grow."""
    end = file.tell()
    file.seek(0)
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    file.seek(max(end, file.tell()))


def _tell(cache: Path) -> None:
    lines = (cache / SKIPPED).read_text().splitlines()
    if not lines:
        return
    rest = f"; all are listed in {cache / SKIPPED}" if len(lines) > SHOWN else ""
    print(f"note: {len(lines):,} files are left out, as they cannot be used{rest}", file=sys.stderr)
    for line in lines[:SHOWN]:
        print(f"  {line}", file=sys.stderr)


def _part(cache: Path, part: str) -> Split:
    """Training images mapped; what is held out is little, and read whole."""
    file = cache / f"{part}.npy"
    try:
        images = np.load(file, mmap_mode="r" if part == "train" else None, allow_pickle=False)
        return Split(images, np.load(cache / f"{part}.labels.npy", allow_pickle=False))
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: damaged; delete {cache} and run again") from error
