"""HDF5 files, AnnData's .h5ad among them: their arrays by path; texts and categories as arrays of texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.image_arrays import Header
from training.errors import UserError, one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_BYTES = 8_000_000_000  # of the arrays that are read
MAX_ARRAYS = 10_000
TEXT = np.dtype("U1")  # of a header: how long the texts are is not known before they are read


def hdf5_headers(file: Path) -> dict[str, Header]:
    """Shape and type of each array, by its path as in `obsm/X_umap`; raises UserError."""
    with _opened(file) as arrays:
        return {name: Header(tuple(_values(array).shape), _type(array)) for name, array in arrays.items()}


def read_hdf5(file: Path, names: list[str]) -> dict[str, NDArray[Any]]:
    """Those arrays; raises UserError, for more than 8 GB too."""
    with _opened(file) as arrays:
        size = sum(_values(arrays[name]).nbytes for name in names)
        if size > MAX_BYTES:
            raise UserError(f"{file}: {size:,} bytes when unpacked, more than {MAX_BYTES:,}")
        return {name: _read(arrays[name]) for name in names}


@contextmanager
def _opened(file: Path) -> Iterator[dict[str, Any]]:
    """Each array by its path: a dataset, or a group that holds the codes of categories.

    Links and data in other files are passed over. Whatever goes wrong becomes a UserError.
    """
    try:
        import h5py
    except ImportError as error:
        raise UserError(f"{file}: h5py reads such files and is not installed: pip install h5py") from error
    try:
        with h5py.File(file, "r") as opened:
            found: dict[str, Any] = {}

            def visit(name: str, item: Any) -> None:
                if len(found) >= MAX_ARRAYS:
                    raise ValueError(f"more than {MAX_ARRAYS:,} arrays")
                if any(name.startswith(f"{group}/") for group in categorical):
                    return
                if isinstance(item, h5py.Group):
                    if {"codes", "categories"} <= {*item.keys()}:
                        categorical.append(name)
                        found[name] = item
                elif not item.external and not item.is_virtual and item.shape is not None:
                    found[name] = item

            categorical: list[str] = []
            opened.visititems(visit)
            yield found
    except UserError:
        raise
    except Exception as error:  # a hostile file can make the reader raise anything
        raise UserError(f"{file}: not an HDF5 file that can be read ({one_line(error, 120)})") from error


def _values(array: Any) -> Any:
    """What has a value for each row: the dataset itself, or a group's codes."""
    return array["codes"] if hasattr(array, "keys") else array


def _older_categories(array: Any) -> Any:
    """The texts that a dataset's numbers stand for, as older AnnData files keep them; None without."""
    table = array.parent.get("__categories")
    return table.get(array.name.rsplit("/", 1)[-1]) if hasattr(table, "get") else None


def _type(array: Any) -> np.dtype[Any] | None:
    import h5py

    if hasattr(array, "keys") or _older_categories(array) is not None or h5py.check_string_dtype(array.dtype):
        return TEXT
    return array.dtype if array.dtype.kind in "biufS" else None


def _read(array: Any) -> NDArray[Any]:
    import h5py

    if hasattr(array, "keys"):
        return _named(array["codes"][()], _read(array["categories"]))
    if (categories := _older_categories(array)) is not None:
        return _named(array[()], _read(categories))
    if h5py.check_string_dtype(array.dtype):
        return np.array(array.asstr(errors="replace")[()].tolist(), dtype=str)
    values: NDArray[Any] = array[()]
    return values


def _named(codes: NDArray[Any], categories: NDArray[Any]) -> NDArray[Any]:
    """The category of each code as a text, empty for -1."""
    texts: NDArray[Any] = np.array([*map(str, categories.tolist()), ""])[codes]
    return texts
