"""`npz:FILE` and `safetensors:FILE`: an array of images, and of labels if there is one, as a data set."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.image_data import UNLABELLED, ImageData, held_out_count, shuffled
from training.errors import UserError, one_line
from training.tensor_files import MAX_HEADER_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

MAX_BYTES = 8_000_000_000
LEAST = 20
LABELS = ("labels", "label")
BLOCK = 1024  # images that are made 8-bit at once


def load_npz(file: str) -> ImageData:
    """A NumPy archive with an array `images` and perhaps `labels`, as `load_arrays` takes them; raises UserError."""
    return load_arrays(f"npz:{file}", _read_npz(Path(file)))


def load_safetensors(file: str) -> ImageData:
    """The same of a safetensors file, a checkpoint's gallery for one."""
    return load_arrays(f"safetensors:{file}", _read_safetensors(Path(file)))


def load_arrays(name: str, arrays: Arrays) -> ImageData:
    """`images` (N, H, W), (N, C, H, W) or (N, H, W, C), C 1 or 3: uint8, truth values, or floats in [0, 1].

    `labels` (N,): whole numbers or texts. A fixed shuffle holds out a tenth each, at most 5,000, for validation and
    test. Raises UserError naming what else was found.
    """
    if "images" not in arrays:
        raise UserError(f"{name}: no array 'images', only {', '.join(sorted(arrays)[:8]) or 'nothing'}")
    images = _eight_bits(name, _channels_first(name, arrays["images"]))
    if len(images) < LEAST:
        raise UserError(f"{name}: {len(images)} images in it, at least {LEAST} are needed")
    given = next((arrays[key] for key in LABELS if key in arrays), None)
    classes, labels = _labels(name, given, len(images))
    return shuffled(
        name,
        images,
        labels,
        classes=classes,
        held_out=held_out_count(len(images)),
        source=f"the file {Path(name.partition(':')[2]).name}",
        licence="unknown",
    )


def _channels_first(name: str, images: NDArray[Any]) -> NDArray[Any]:
    """(N, C, H, W) of any of the three layouts; where two fit, the first channel axis counts."""
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[1] not in (1, 3) and images.shape[3] in (1, 3):
        images = images.transpose(0, 3, 1, 2)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or 0 in images.shape:
        raise UserError(
            f"{name}: 'images' has shape {images.shape}, expected (N, H, W), (N, C, H, W) or (N, H, W, C) with C 1 or 3"
        )
    return images


def _eight_bits(name: str, images: NDArray[Any]) -> NDArray[np.uint8]:
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    if images.dtype.kind not in "bf":
        raise UserError(f"{name}: 'images' is of type {images.dtype}, expected uint8, bool, or floats from 0 to 1")
    whole = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), BLOCK):
        block = images[start : start + BLOCK].astype(np.float32)
        low, high = block.min(), block.max()
        if not (low >= 0 and high <= 1):
            raise UserError(f"{name}: 'images' has values from {low:g} to {high:g}, expected 0 to 1 (or uint8)")
        whole[start : start + BLOCK] = np.round(block * 255)
    return whole


def _labels(name: str, given: NDArray[Any] | None, count: int) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Class names and the label of each image; one class if none are given."""
    if given is None:
        return (UNLABELLED,), np.zeros(count, np.int64)
    if given.shape != (count,) or given.dtype.kind not in "iubU":
        raise UserError(
            f"{name}: 'labels' is of shape {given.shape} and type {given.dtype}, "
            f"expected whole numbers or texts of shape ({count},)"
        )
    values, labels = np.unique(given, return_inverse=True)
    return tuple(map(str, values)), labels.astype(np.int64)


def _read_npz(file: Path) -> Arrays:
    _check_size(file)
    try:
        with zipfile.ZipFile(file) as archive:
            whole = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            wanted = {name: info for name, info in whole.items() if name in ("images", *LABELS)}
            if sum(info.file_size for info in wanted.values()) > MAX_BYTES:
                raise UserError(f"{file}: more than {MAX_BYTES:,} bytes when unpacked")
            arrays: Arrays = dict.fromkeys(whole, np.empty(0))  # what else is there is only named
            return arrays | {name: _read_array(archive, info) for name, info in wanted.items()}
    except UserError:
        raise
    except Exception as error:  # a hostile archive can make zipfile and NumPy raise anything
        raise _refused(file, "NumPy archive", error) from error


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    """One array, its shape held against the bytes that are there before any memory is taken for it."""
    with archive.open(info) as packed:
        version = np.lib.format.read_magic(packed)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = read_header[version](packed)
        size = dtype.itemsize
        for side in shape:
            size *= side
        if dtype.hasobject:
            raise ValueError(f"{info.filename} holds Python objects, which are never loaded")
        if packed.tell() + size != info.file_size:
            raise ValueError(f"{info.filename} has {info.file_size:,} bytes, its shape {shape} needs {size:,}")
    with archive.open(info) as packed:
        array: NDArray[Any] = np.lib.format.read_array(packed, allow_pickle=False)
    return array


def _read_safetensors(file: Path) -> Arrays:
    from safetensors import safe_open

    _check_size(file)
    try:
        with file.open("rb") as opened:
            header = int.from_bytes(opened.read(8), "little")
        if header > MAX_HEADER_BYTES:
            raise ValueError(f"header of {header:,} bytes, expected at most {MAX_HEADER_BYTES:,}")
        with safe_open(file, "np") as archive:
            names = list(archive.keys())
            arrays: Arrays = dict.fromkeys(names, np.empty(0))
            return arrays | {name: archive.get_tensor(name) for name in names if name in ("images", *LABELS)}
    except Exception as error:  # a hostile file can make the reader raise anything
        raise _refused(file, "safetensors file", error) from error


def _check_size(file: Path) -> None:
    if not file.is_file():
        raise UserError(f"{file}: no such file")
    if file.stat().st_size > MAX_BYTES:
        raise UserError(f"{file}: more than {MAX_BYTES:,} bytes; make a folder of pictures of it, and use folder:PATH")


def _refused(file: Path, kind: str, error: Exception) -> UserError:
    return UserError(f"{file}: not a {kind} that can be read ({one_line(error, 120)})")
