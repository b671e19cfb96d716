"""A file of latents as people have them, with labels, columns and paths of pictures if there are any."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from training.columns import Column, columns_of_array, within_limits
from training.data.array_file import npz_headers, read_npz, read_safetensors, safetensors_headers
from training.data.csv_file import read_csv
from training.data.hdf5 import hdf5_headers, read_hdf5
from training.data.image_arrays import LABELS, Header
from training.data.labels import Labels, labels_of_values, no_labels
from training.data.natural_order import natural_key
from training.data.own_images import listed, note
from training.data.parquet_file import read_columns_of_parquet
from training.data.table import headers_of
from training.errors import UserError, one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]
    Headers = dict[str, Header]

MAX_DIMENSIONS = 512
MAX_CLASSES = 200  # that labels may have unless they are asked for
MAX_VALUES = 20_000_000  # numbers of all latents together, which a page loads
MAX_ROWS = 1_000_000
# What people call them, the likeliest first; a group's name and "X_" before it count for nothing.
NAMES = (
    *("latents", "latent", "z", "mu", "codes", "embeddings", "embedding", "umap", "tsne", "phate", "coordinates"),
    *("coords", "xy", "scvi", "pca", "pc", "dim", "arr_0", "array"),
)
LABEL_NAMES = (*LABELS, "cell_type", "celltype", "leiden", "louvain", "cluster", "clusters")
PATHS = ("image", "images", "image_path", "path", "paths", "file", "filename", "file_name", "img")
PICTURE = re.compile(r".+\.(png|jpe?g|gif|bmp|tiff?|webp|avif|jp2|ppm|pgm|tga|ico)", re.IGNORECASE)


@dataclass(frozen=True)
class Latents:
    """Of N points: `mu` (N, D) float32, `labels`, `columns`, and the `paths` of their pictures, or None.

    `what`: which of the file's arrays or columns they are, in words.
    """

    mu: NDArray[np.float32]
    labels: Labels
    columns: dict[str, Column]
    paths: list[str] | None
    what: str


def read_latents(
    path: Path, latents: str | None = None, label: str | None = None, images: str | None = None
) -> Latents:
    """The latents in a file, by its ending; raises UserError naming what it holds.

    `latents`, `label`, `images`: the arrays or columns to use, where they are not to be found by their names. Rows
    without coordinates are left out; of more than a page can load, a fixed choice is taken; both are said.
    """
    headers, read = _opened(path)
    is_anndata = path.suffix.lower() == ".h5ad"
    coordinates = _coordinates(path, headers, latents, "obsm/" if is_anndata else "")
    mu = _stacked(path, read(coordinates), coordinates)
    count = len(mu)
    free = [name for name in headers if name not in coordinates and headers[name].shape[:1] == (count,)]
    if is_anndata:
        free = [name for name in free if name.startswith("obs/")]
    label_name = _named(path, free, label, LABEL_NAMES, "label")
    image_name = _named(path, free, images, PATHS, "images")
    labels, used = _labels(path, read, label_name, label is not None)
    labels = labels if used else no_labels(count)
    paths = _paths(path, read, image_name, images is not None)
    columns: dict[str, Column] = {}
    for name in free:
        is_values = headers[name].dtype is not None and len(headers[name].shape) <= 2
        if is_values and name not in (used, image_name if paths else None):
            columns |= columns_of_array(_short(name), read([name])[name])
    kept = _rows(path, mu)
    labels = Labels(labels.classes, labels.number[kept])
    columns = {name: Column(one.values[kept], one.categories) for name, one in within_limits(columns).items()}
    what = coordinates[0] if len(coordinates) == 1 else f"{coordinates[0]} to {coordinates[-1]}"
    found = [f"latents from '{what}'", f"labels from '{used}'" if used else "no labels"]
    found += [f"pictures from '{image_name}'"] if paths else []
    note(str(path), f"{', '.join(found)}, columns: {listed(list(columns)) or 'none'}")
    return Latents(mu[kept], labels, columns, [paths[row] for row in kept.tolist()] if paths else None, what)


def _opened(path: Path) -> tuple[Headers, Callable[[list[str]], Arrays]]:
    """What the arrays, or columns, of a file are, and what reads them."""
    kind = path.suffix.lower()
    if kind in (".npz", ".safetensors", ".h5", ".hdf5", ".h5ad"):
        headers_of_file, read = {
            ".npz": (npz_headers, read_npz),
            ".safetensors": (safetensors_headers, read_safetensors),
        }.get(kind, (hdf5_headers, read_hdf5))
        return headers_of_file(path), partial(read, path)
    if kind == ".npy":
        arrays = {"array": _npy(path)}
    elif kind in (".csv", ".tsv"):
        arrays = read_csv(path)
    elif kind in (".parquet", ".pq"):
        arrays = read_columns_of_parquet(path)
    else:
        raise UserError(f"{path}: none of .npy, .npz, .safetensors, .csv, .tsv, .parquet, .h5 and .h5ad")
    return headers_of(arrays), lambda names: {name: arrays[name] for name in names}


def _npy(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # a hostile file can make NumPy raise anything
        raise UserError(f"{path}: not a NumPy file that can be read ({one_line(error, 120)})") from error
    return array


def _coordinates(path: Path, headers: Headers, wanted: str | None, group: str) -> list[str]:
    """The array (N, D), or the columns, that the coordinates are in; one column may be all of them."""
    tables = [name for name, header in headers.items() if _is_table(header) and name.startswith(group)]
    groups = _groups(headers) if not group else {}
    if wanted is not None:
        for name in (wanted, f"{group}{wanted}", f"obsm/{wanted}"):
            if name in headers and _is_table(headers[name]):
                return [name]
        listed_columns = [wanted] if wanted in headers else [name.strip() for name in wanted.split(",")]
        if all(name in headers and _is_number(headers[name]) for name in listed_columns):
            return listed_columns
        if found := [names for name, names in groups.items() if _stem(name) == _stem(wanted)]:
            return found[0]
        raise UserError(f"{path}: no coordinates '{wanted}', only {_there(headers, group)}")
    choices = {**{name: [name] for name in tables}, **groups}
    for name in NAMES:
        if of_name := [found for choice, found in choices.items() if _stem(choice) == name]:
            return of_name[0]
    lower = {_stem(name): name for name in headers if _is_number(headers[name])}
    if "x" in lower and "y" in lower:
        return [lower[axis] for axis in ("x", "y", "z") if axis in lower]
    if not groups and (single := next((lower[name] for name in NAMES if name in lower), None)):
        return [single]
    if len(choices) == 1:
        return next(iter(choices.values()))
    which = "several could be the coordinates" if choices else "no coordinates"
    say = "say which with --latents NAME, or NAME,NAME for columns"
    raise UserError(f"{path}: {which}: {_there(headers, group)}; {say}")


def _there(headers: Headers, group: str) -> str:
    return listed([f"{name} {header}" for name, header in headers.items() if name.startswith(group)]) or "nothing"


def _is_table(header: Header) -> bool:
    number = header.dtype is not None and header.dtype.kind in "iuf"
    return number and len(header.shape) == 2 and 1 <= header.shape[1] <= MAX_DIMENSIONS


def _is_number(header: Header) -> bool:
    return header.dtype is not None and header.dtype.kind in "iuf" and len(header.shape) == 1


def _groups(headers: Headers) -> dict[str, list[str]]:
    """Columns of numbers that are called alike but for a number at their end, by what they are called."""
    found: dict[str, list[str]] = {}
    for name, header in headers.items():
        if _is_number(header) and (parts := re.fullmatch(r"(.*?)[ _.\-]?([0-9]+)", name)):
            found.setdefault(parts[1], []).append(name)
    return {name: sorted(names, key=natural_key) for name, names in found.items() if len(names) > 1}


def _stem(name: str) -> str:
    return re.sub(r"^x_|[ _.\-]+$", "", PurePath(name).name.lower())


def _short(name: str) -> str:
    """The name of a column: that of an array without its group."""
    return name.removeprefix("obs/")


def _stacked(path: Path, arrays: Mapping[str, NDArray[Any]], names: list[str]) -> NDArray[np.float32]:
    parts = [arrays[name] for name in names]
    if not len(parts[0]):
        raise UserError(f"{path}: no rows in it")
    with np.errstate(over="ignore"):
        table = (parts[0] if parts[0].ndim == 2 else np.stack(parts, axis=1)).astype(np.float32)
    if table.shape[1] > MAX_DIMENSIONS:
        raise UserError(f"{path}: {table.shape[1]} coordinates, at most {MAX_DIMENSIONS} can be shown")
    return table


def _named(path: Path, free: list[str], wanted: str | None, names: tuple[str, ...], option: str) -> str | None:
    if wanted is None:
        return next((one for name in names for one in free if _short(one).lower() == name), None)
    for name in (wanted, f"obs/{wanted}"):
        if name in free:
            return name
    raise UserError(f"{path}: --{option} {wanted}: no such column, only {listed(list(map(_short, free))) or 'none'}")


def _labels(
    path: Path, read: Callable[[list[str]], Arrays], name: str | None, asked: bool
) -> tuple[Labels, str | None]:
    if name is None:
        return no_labels(0), None
    values = read([name])[name]
    found = labels_of_values(values) if values.dtype.kind != "O" else None
    if found is not None and (asked or 1 < len(found.classes) <= MAX_CLASSES):
        return found, name
    if asked:
        raise UserError(f"{path}: --label {_short(name)}: neither whole numbers nor short texts")
    return no_labels(0), None


def _paths(path: Path, read: Callable[[list[str]], Arrays], name: str | None, asked: bool) -> list[str] | None:
    if name is None:
        return None
    texts = read([name])[name].tolist()
    if all(isinstance(text, str) for text in texts) and any(PICTURE.fullmatch(text) for text in texts):
        return [str(text) for text in texts]
    if asked:
        raise UserError(f"{path}: --images {_short(name)}: holds no names of pictures")
    return None


def _rows(path: Path, mu: NDArray[np.float32]) -> NDArray[np.int64]:
    """The rows to show."""
    kept = np.flatnonzero(np.isfinite(mu).all(axis=1))
    if not len(kept):
        raise UserError(f"{path}: no row has coordinates that are all numbers")
    if len(kept) < len(mu):
        note(str(path), f"{len(mu) - len(kept):,} of {len(mu):,} rows have no coordinates and are left out")
    most = min(MAX_ROWS, MAX_VALUES // mu.shape[1])
    if len(kept) > most:
        note(str(path), f"{most:,} of {len(kept):,} rows are shown, a fixed random choice: more would not fit a page")
        kept = np.sort(np.random.default_rng(0).permutation(kept)[:most])
    return kept
