"""Arrays beside the images of a file as columns: a value, or a few numbers, for each image."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from training.columns import MAX_COLUMNS, Column, category_column, columns_of_array, number_column, within_limits
from training.data.own_images import listed, note
from training.data.split_name import part_and_rest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.data.image_arrays import Header

# Two public sets do not name the factors in their arrays (N, 6); shapes are numbered from 1 and from 0.
DSPRITES = ("color", "shape", "scale", "orientation", "position x", "position y")
DSPRITES_SHAPES = ("square", "ellipse", "heart")
SHAPES_3D = ("floor hue", "wall hue", "object hue", "scale", "shape", "orientation")
SHAPES_3D_SHAPES = ("cube", "cylinder", "sphere", "pill")


def read_columns(
    name: str,
    headers: Mapping[str, Header],
    read: Callable[[list[str]], dict[str, NDArray[Any]]],
    used: Collection[str],
    lengths: Mapping[str, int],
) -> tuple[dict[str, Column], list[str]]:
    """Columns of the arrays that are not `used`, and the names of the arrays that they are in; both are said.

    `lengths`: the images of each part of the split, in their order; of "" where the file is one whole.
    """
    places: dict[str, dict[str, str]] = {}
    for array, header in headers.items():
        part, rest = part_and_rest(array) if "" not in lengths else ("", array)
        if array not in used and part in lengths and _may_be_column(header, lengths[part]):
            places.setdefault(rest, {})[part] = array
    found: dict[str, Column] = {}
    taken: list[str] = []
    for rest, of_part in places.items():
        arrays = [of_part[part] for part in lengths if part in of_part]
        if len(arrays) == len(lengths) and (made := _columns(name, rest, list(read(arrays).values()))):
            found |= made
            taken += arrays
    found = within_limits(found)
    if found:
        note(name, f"kept as columns: {listed(list(found))}")
    return found, taken


def _may_be_column(header: Header, count: int) -> bool:
    shape = header.shape
    narrow = len(shape) == 1 or (len(shape) == 2 and 0 < shape[1] <= MAX_COLUMNS)
    return header.dtype is not None and header.dtype.kind in "biufSU" and narrow and shape[0] == count


def _columns(name: str, array: str, parts: list[NDArray[Any]]) -> dict[str, Column]:
    if len({(part.shape[1:], part.dtype.kind in "SU") for part in parts}) > 1:
        return {}
    values = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if values.ndim == 2 and values.shape[1] == len(DSPRITES):
        if array == "latents_values":
            return _factors(values, DSPRITES, DSPRITES_SHAPES, 1)
        if array == "latents_classes":
            return {}  # the same once more, as numbers of steps
        if array == "labels" and "3dshapes" in name.lower():
            return _factors(values, SHAPES_3D, SHAPES_3D_SHAPES, 0)
    return columns_of_array(array, values)


def _factors(values: NDArray[Any], names: tuple[str, ...], shapes: tuple[str, ...], first: int) -> dict[str, Column]:
    """Each factor that varies: its values as they are, those of the shape by their names."""
    found: dict[str, Column] = {}
    for factor, one in zip(names, values.T, strict=True):
        index = one.astype(np.int64) - first
        named = factor == "shape" and index.min() >= 0 and index.max() < len(shapes)
        if one.min() < one.max():
            found[factor] = category_column(index, shapes) if named else number_column(one)
    return found
