"""Picture files as arrays on disk, made once: uint8 as they will be used, so that training maps them into memory."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from training.data.image_data import Split
from training.data.own_images import printable
from training.data.partition import PARTS
from training.data.pictures import FULL, Look, Source, UnreadablePicture, highest_value, look, read_picture
from training.data.pixel_range import white_of
from training.errors import UserError

VERSION = 2
INDEX, SKIPPED = "index.json", "skipped.txt"
DEFAULT_SIZE = (64, 64)
MAX_OWN_SIDE = 128  # pixels; larger pictures are made smaller unless a size is asked for
COPIED = 1_000  # images at once
SHOWN = 10  # unreadable files that are named one by one


@dataclass(frozen=True)
class PictureSet:
    """Pictures wherever they are: `names` of them for messages, and a `signature` that changes when any of them does.

    `open` gives them in turn, as paths or opened files.
    """

    names: list[str]
    signature: str
    open: Callable[[], Iterable[Source]]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class CachedPart:
    """`images` uint8 (N, C, H, W), and the place `index` int64 (N,) of each in its PictureSet."""

    images: NDArray[np.uint8]
    index: NDArray[np.int64]


Divide = Callable[[NDArray[np.int64], int], dict[str, NDArray[np.int64]]]


def files_as_pictures(paths: list[Path], extra: object = None) -> PictureSet:
    """Picture files; `extra`: what else their use depends on."""
    digest = hashlib.sha256(json.dumps(extra).encode())
    for path in paths:
        stat = path.stat()
        digest.update(json.dumps([str(path), stat.st_size, stat.st_mtime_ns]).encode())
    return PictureSet(list(map(str, paths)), digest.hexdigest(), lambda: paths)


def load_pictures(
    cache: Path, pictures: PictureSet, size: tuple[int, int] | None, divide: Divide
) -> tuple[NDArray[np.int64], dict[str, CachedPart]]:
    """The places of the pictures that can be read, and these as uint8 images of `size` (H, W), kept in `cache`.

    They are in the parts that `divide` makes of those places, given the bytes of an image, too. `train` is mapped from
    the cache, which is made anew when a picture changes. Grey if all of them are. No size: their own if they have one
    and it is small, else 64 x 64. What cannot be read is left out, listed in its skipped.txt, and told on standard
    error. Raises UserError as `divide` does.
    """
    signature = hashlib.sha256(json.dumps([VERSION, size, pictures.signature]).encode()).hexdigest()
    if _stored_signature(cache) != signature:
        _write(cache, pictures, size, divide, signature)
    _tell(cache)
    return _stored(cache / "readable.npy"), {part: _part(cache, part) for part in PARTS}


def _stored_signature(cache: Path) -> str | None:
    try:
        return str(json.loads((cache / INDEX).read_bytes())["signature"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(cache: Path, pictures: PictureSet, size: tuple[int, int] | None, divide: Divide, signature: str) -> None:
    fresh = cache.with_name(f".{cache.name}.writing-{os.getpid()}")
    try:
        fresh.mkdir(parents=True)
        problems: dict[int, str] = {}
        looks: dict[int, Look] = {}
        for place, source in _each(pictures, range(len(pictures)), "looking at pictures", problems):
            with _noted(place, problems):
                looks[place] = look(source)
        whites = _whites(pictures, looks, problems)
        channels = 1 if all(found.grey for found in looks.values()) else 3
        shape = (channels, *(size or _common_size({found.size for found in looks.values()})))
        everything = fresh / "all.npy"
        readable = _write_images(everything, pictures, shape, whites, problems)
        np.save(fresh / "readable.npy", readable)
        for part, chosen in divide(readable, math.prod(shape)).items():
            _copy_images(everything, np.searchsorted(readable, chosen), fresh / f"{part}.npy", shape)
            np.save(fresh / f"{part}.index.npy", chosen)
        everything.unlink()
        skipped = [f"{printable(pictures.names[place])}: {why}" for place, why in sorted(problems.items())]
        words = {"signature": signature, "range": _told_range(whites)}
        (fresh / SKIPPED).write_text("".join(f"{line}\n" for line in skipped), encoding="utf-8")
        (fresh / INDEX).write_text(json.dumps(words), encoding="utf-8")
        shutil.rmtree(cache, ignore_errors=True)
        fresh.rename(cache)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _each(
    pictures: PictureSet, wanted: Collection[int], what: str, problems: dict[int, str]
) -> Iterator[tuple[int, Source]]:
    """The pictures `wanted` with their places, but those with problems, and a bar."""
    from tqdm import tqdm

    for place, source in enumerate(
        tqdm(pictures.open(), total=len(pictures), desc=what, unit=" files", mininterval=0.5)
    ):
        if place in wanted and place not in problems:
            yield place, source


def _whites(pictures: PictureSet, looks: dict[int, Look], problems: dict[int, str]) -> dict[int, float]:
    """Which value is white in pictures of 8 and of 16 bits, of those that occur.

    The pictures are read only until one shows that the whole range is used, which is mostly the first.
    """
    highest = {bits: 0 for bits in FULL if any(found.bits == bits for found in looks.values())}
    open_questions = set(highest)
    for place, source in _each(pictures, looks, "finding black and white", problems):
        bits = looks[place].bits
        if bits in open_questions:
            with _noted(place, problems):
                highest[bits] = max(highest[bits], highest_value(source))
            open_questions -= {bits} if highest[bits] > FULL[bits] / 2 else set()
        if not open_questions:
            break
    return {bits: white_of(high, True, FULL[bits]) or FULL[bits] for bits, high in highest.items()}


def _told_range(whites: dict[int, float]) -> str:
    """In words, what is white where that is not the highest value there is room for."""
    unusual = [f"{white:g} in those of {bits} bits" for bits, white in whites.items() if white != FULL[bits]]
    return f"the pictures are dark throughout: taken as white is {', '.join(unusual)}" if unusual else ""


def _common_size(sizes: set[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) == 1 and max(min(sizes)) <= MAX_OWN_SIDE:
        return min(sizes)
    return DEFAULT_SIZE


def _write_images(
    path: Path, pictures: PictureSet, shape: tuple[int, int, int], whites: dict[int, float], problems: dict[int, str]
) -> NDArray[np.int64]:
    """Write all images, picture by picture; returns the places of those that could be read."""
    readable = []
    with path.open("wb") as file:
        _write_header(file, (0, *shape))
        for place, source in _each(pictures, range(len(pictures)), "reading pictures", problems):
            with _noted(place, problems):
                file.write(read_picture(source, shape[0], shape[1:], whites).tobytes())
                readable.append(place)
        _write_header(file, (len(readable), *shape))
    return np.array(readable, np.int64)


def _copy_images(source: Path, rows: NDArray[np.int64], path: Path, shape: tuple[int, int, int]) -> None:
    """Write those `rows` of an array file to another, in that order, a few at a time."""
    images = Split(np.load(source, mmap_mode="r", allow_pickle=False), rows)
    with path.open("wb") as file:
        _write_header(file, (len(rows), *shape))
        for start in range(0, len(rows), COPIED):
            file.write(images.take(rows[start : start + COPIED]).tobytes())


@contextmanager
def _noted(place: int, problems: dict[int, str]) -> Iterator[None]:
    try:
        yield
    except UnreadablePicture as error:
        problems[place] = str(error)


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """The same bytes for every count: NumPy leaves room for the first axis to grow."""
    end = file.tell()
    file.seek(0)
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    file.seek(max(end, file.tell()))


def _tell(cache: Path) -> None:
    """What was found when the cache was made."""
    if words := json.loads((cache / INDEX).read_bytes())["range"]:
        print(f"note: {words}", file=sys.stderr)
    lines = (cache / SKIPPED).read_text(encoding="utf-8").splitlines()
    if not lines:
        return
    rest = f"; all are listed in {cache / SKIPPED}" if len(lines) > SHOWN else ""
    print(f"note: {len(lines):,} files are left out, as they cannot be used{rest}", file=sys.stderr)
    for line in lines[:SHOWN]:
        print(f"  {line}", file=sys.stderr)


def _part(cache: Path, part: str) -> CachedPart:
    """Training images mapped; what is held out is little, and read whole."""
    return CachedPart(_stored(cache / f"{part}.npy", mapped=part == "train"), _stored(cache / f"{part}.index.npy"))


def _stored(file: Path, mapped: bool = False) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(file, mmap_mode="r" if mapped else None, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: damaged; delete {file.parent} and run again") from error
    return array
