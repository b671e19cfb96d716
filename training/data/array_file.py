"""`npz:FILE`, `safetensors:FILE` and `h5:FILE`: an array of images, and what lies beside it, as a data set."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from training.data.hdf5 import hdf5_headers, read_hdf5
from training.data.image_arrays import Header, load_arrays
from training.data.image_data import ImageData
from training.data.own_images import expanded, listed, own_path
from training.errors import UserError, one_line
from training.tensor_files import MAX_HEADER_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

MAX_BYTES = 8_000_000_000
MAX_ARRAYS = 1_000
TYPES = {
    "BOOL": np.dtype("?"),
    **{f"{kind.upper()}{8 * size}": np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)},
    **{f"F{8 * size}": np.dtype(f"f{size}") for size in (2, 4, 8)},
    "BF16": np.dtype("f4"),
}


def load_npz(file: str) -> ImageData:
    """A NumPy archive of images and perhaps labels, as `load_arrays` takes them; raises UserError.

    FILE#NAME says which array holds the images.
    """
    return _load("npz", file, npz_headers, read_npz)


def load_safetensors(file: str) -> ImageData:
    """The same of a safetensors file, a checkpoint's gallery for one."""
    return _load("safetensors", file, safetensors_headers, read_safetensors)


def load_hdf5(file: str) -> ImageData:
    """The same of an HDF5 file, by the optional package h5py."""
    return _load("h5", file, hdf5_headers, read_hdf5)


def _load(
    kind: str,
    file: str,
    headers_of: Callable[[Path], dict[str, Header]],
    read_from: Callable[[Path, list[str]], Arrays],
) -> ImageData:
    place, _, array = (file, "", "") if expanded(Path(file)).exists() else file.partition("#")
    path, name = own_path(place), f"{kind}:{place}"
    headers = headers_of(path)
    if not array:
        return load_arrays(name, headers, partial(read_from, path))
    if array not in headers:
        raise UserError(f"{name}: no array '{array}', only {listed(list(headers)) or 'nothing'}")
    files = {"images": array, **{one: one for one in headers if one not in ("images", array)}}

    def read(names: list[str]) -> Arrays:
        arrays = read_from(path, [files[one] for one in names])
        return {one: arrays[files[one]] for one in names}

    return load_arrays(name, {one: headers[stored] for one, stored in files.items()}, read)


@contextmanager
def _npz(file: Path) -> Iterator[dict[str, tuple[zipfile.ZipFile, zipfile.ZipInfo]]]:
    """Where each array of an archive is; whatever goes wrong becomes a UserError."""
    _check_size(file)
    try:
        with zipfile.ZipFile(file) as archive:
            if len(archive.infolist()) > MAX_ARRAYS:
                raise ValueError(f"{len(archive.infolist()):,} arrays, expected at most {MAX_ARRAYS:,}")
            yield {info.filename.removesuffix(".npy"): (archive, info) for info in archive.infolist()}
    except UserError:
        raise
    except Exception as error:  # a hostile archive can make zipfile and NumPy raise anything
        raise _refused(file, "NumPy archive", error) from error


def npz_headers(file: Path) -> dict[str, Header]:
    """Shape and type of each array of a NumPy archive; raises UserError."""
    with _npz(file) as members:
        return {name: _npy_header(*member) for name, member in members.items()}


def _npy_header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header:
    """The shape and type of one array; those of nothing if it cannot be read, which matters only if it is needed."""
    try:
        with archive.open(info) as packed:
            shape, dtype = _read_header(packed)
            return Header(shape, None if dtype.hasobject else dtype)
    except Exception:  # as above
        return Header((), None)


def _read_header(packed: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(packed)
    read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, _, dtype = read_header[version](packed)
    return shape, dtype


def read_npz(file: Path, names: list[str]) -> Arrays:
    """Those arrays; raises UserError."""
    with _npz(file) as members:
        wanted = {name: members[name] for name in names}
        if sum(info.file_size for _, info in wanted.values()) > MAX_BYTES:
            raise UserError(f"{file}: more than {MAX_BYTES:,} bytes when unpacked")
        return {name: _read_array(*member) for name, member in wanted.items()}


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    """One array, its shape held against the bytes that are there before any memory is taken for it."""
    with archive.open(info) as packed:
        shape, dtype = _read_header(packed)
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


@contextmanager
def _safetensors(file: Path) -> Iterator[Any]:
    from safetensors import safe_open

    _check_size(file)
    try:
        with file.open("rb") as opened:
            header = int.from_bytes(opened.read(8), "little")
        if header > MAX_HEADER_BYTES:
            raise ValueError(f"header of {header:,} bytes, expected at most {MAX_HEADER_BYTES:,}")
        with safe_open(file, "np") as archive:
            yield archive
    except Exception as error:  # a hostile file can make the reader raise anything
        raise _refused(file, "safetensors file", error) from error


def safetensors_headers(file: Path) -> dict[str, Header]:
    """Shape and type of each tensor; raises UserError."""
    with _safetensors(file) as archive:
        slices = {name: archive.get_slice(name) for name in archive.keys()}  # noqa: SIM118
        return {name: Header(tuple(s.get_shape()), TYPES.get(s.get_dtype())) for name, s in slices.items()}


def read_safetensors(file: Path, names: list[str]) -> Arrays:
    """Those tensors; raises UserError."""
    with _safetensors(file) as archive:
        return {
            name: _widened(file, name) if archive.get_slice(name).get_dtype() == "BF16" else archive.get_tensor(name)
            for name in names
        }


def _widened(file: Path, name: str) -> NDArray[np.float32]:
    """A tensor of bfloat16, which NumPy does not have."""
    from safetensors import safe_open

    with safe_open(file, "pt") as archive:
        array: NDArray[np.float32] = archive.get_tensor(name).float().numpy()
    return array


def _check_size(file: Path) -> None:
    if file.stat().st_size > MAX_BYTES:
        raise UserError(f"{file}: more than {MAX_BYTES:,} bytes; make a folder of pictures of it, and use folder:PATH")


def _refused(file: Path, kind: str, error: Exception) -> UserError:
    return UserError(f"{file}: not a {kind} that can be read ({one_line(error, 120)})")
