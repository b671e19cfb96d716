"""Named arrays as a data set: which of them are images, which labels, and what part of a split each is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.image_data import ImageData
from training.data.labels import Labels, labels_of_values, no_labels
from training.data.own_images import listed, note, split_array
from training.data.partition import PARTS
from training.data.pixel_range import find_range
from training.data.split_name import part_and_rest
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

# What people call them, the likeliest first; capital letters and the name of a part of the split count for nothing.
IMAGES = ("images", "imgs", "image", "img", "x", "data", "arr_0")
SURE_LABELS = ("labels", "label")  # must be labels; the others are used if they can be
LABELS = (*SURE_LABELS, "y", "targets", "target", "classes", "class", "arr_1")
CLASS_NAMES = ("class_names", "label_names", "classes", "names")
LEAST_SIDE = 4  # pixels of an image that is given as a row of numbers
WHOLE = ""  # the part of an array that says nothing of one


@dataclass(frozen=True)
class Header:
    """What is known of an array before it is read; `dtype` is None for what is no array of numbers or texts."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None

    def __str__(self) -> str:
        """As NumPy writes it."""
        return f"{self.shape} {self.dtype or 'objects'}"


def load_arrays(name: str, headers: dict[str, Header], read: Callable[[list[str]], Arrays]) -> ImageData:
    """The images among the arrays of the file in `name` = "kind:FILE", of which `read` reads those named.

    Images are (N, H, W), (N, C, H, W) or (N, H, W, C), C 1 or 3, or (N, H * H), of any type whose range can be told.
    Labels are (N,) or (N, 1) whole numbers or texts, or one-hot (N, K). Either may be in several arrays, as in x_train
    and x_test. Arrays that are not used are named. Raises UserError naming what else was found.
    """
    images = _parts_called(headers, IMAGES)
    if not images:
        there = [f"{array} {header}" for array, header in headers.items()]
        raise UserError(f"{name}: no array 'images', only {listed(there) or 'nothing'}; name the array of images so")
    wanted = list(images.values())
    given_names = next((array for array in headers if array.lower() in CLASS_NAMES and _is_text(headers[array])), None)
    chosen = _labels_of(headers, images, {*wanted, given_names})
    arrays = read([*wanted, *chosen.values(), *([given_names] if given_names else [])])
    pixels, flat = [], set()
    for array in wanted:
        laid_out = _channels_first(name, array, arrays[array])
        pixels.append(laid_out)
        flat |= {laid_out.shape[1:]} if arrays[array].ndim == 2 else set()
    if len({part.shape[1:] for part in pixels}) > 1:
        shapes = ", ".join(f"{array} {arrays[array].shape}" for array in wanted)
        raise UserError(f"{name}: images of one size are needed, found {shapes}")
    for _, height, width in flat:
        note(name, f"rows of {height * width:,} pixels are taken as {height} x {width}")
    lengths = [len(part) for part in pixels]
    pixel_range = find_range(f"{name}: {_quoted(wanted)}", pixels)
    eight_bits = [pixel_range.eight_bits(part) for part in pixels]
    class_names = list(map(str, arrays[given_names].tolist())) if given_names else []
    labels = _labels(name, chosen, arrays, dict(zip(images, lengths, strict=True)), class_names)
    used = {*wanted, *(chosen.values() if labels.classes else ()), given_names}
    if unused := [f"{array} {header}" for array, header in headers.items() if array not in used]:
        note(name, f"not used: {listed(unused)}")
    given = [part for part, count in zip(images, lengths, strict=True) for _ in range(count)]
    return split_array(name, eight_bits[0] if len(eight_bits) == 1 else np.concatenate(eight_bits), labels, given)


def _parts_called(headers: dict[str, Header], names: tuple[str, ...]) -> dict[str, str]:
    """The array of each part, or of WHOLE, by the first of `names` that such an array has."""
    for wanted in names:
        found: dict[str, str] = {}
        for array in headers:
            part, rest = part_and_rest(array)
            if wanted in (rest, array.lower()):
                found.setdefault(WHOLE if array.lower() == wanted else part, array)
        if WHOLE in found:
            return {WHOLE: found[WHOLE]}
        if "train" in found:
            return {part: found[part] for part in PARTS if part in found}
    return {}


def _is_text(header: Header) -> bool:
    return header.dtype is not None and header.dtype.kind in "US" and len(header.shape) == 1


def _labels_of(headers: dict[str, Header], images: dict[str, str], taken: set[str | None]) -> dict[str, str]:
    """The array of labels of each part: one of a usual name, else the only one with a number or text for each image."""
    free = {array: header for array, header in headers.items() if array not in taken}
    for name in LABELS:
        found = _parts_called(free, (name,))
        if not set(images) <= set(found):
            continue
        found = {part: found[part] for part in images}
        if name in SURE_LABELS or all(
            free[array].shape[:1] == headers[images[part]].shape[:1] and _may_be_labels(free[array])
            for part, array in found.items()
        ):
            return found
    if set(images) != {WHOLE}:
        return {}
    count = headers[images[WHOLE]].shape[:1]
    others = [
        array for array, header in free.items() if header.shape in (count, (*count, 1)) and _may_be_labels(header)
    ]
    return {WHOLE: others[0]} if len(others) == 1 else {}


def _may_be_labels(header: Header) -> bool:
    return header.dtype is not None and header.dtype.kind in "biufUS" and len(header.shape) in (1, 2)


def _labels(
    name: str, chosen: dict[str, str], arrays: Arrays, lengths: dict[str, int], class_names: list[str]
) -> Labels:
    """Those of all parts together; none if the arrays `chosen` are not labels, unless their name says that they are."""
    count = sum(lengths.values())
    if not chosen:
        return no_labels(count)
    parts = [arrays[array] for array in chosen.values()]
    fits = all(len(arrays[array]) == lengths[part] for part, array in chosen.items() if arrays[array].ndim)
    same = len({(array.shape[1:], array.dtype.kind in "US") for array in parts}) == 1 and parts[0].ndim > 0
    found = labels_of_values(np.concatenate(parts), class_names) if fits and same else None
    sure = any(part_and_rest(array)[1] in SURE_LABELS for array in chosen.values())
    if found is None and sure:
        is_what = ", ".join(f"of shape {array.shape} and type {array.dtype}" for array in parts)
        raise UserError(
            f"{name}: {_quoted(list(chosen.values()))} is {is_what}, "
            f"expected whole numbers or texts of shape ({count},), or one-hot rows"
        )
    if found is None or (not sure and 2 * len(found.classes) > count):  # numbers of the images, or captions
        return no_labels(count)
    if not any(part_and_rest(array)[1] in LABELS for array in chosen.values()):
        note(name, f"{_quoted(list(chosen.values()))} is taken as labels")
    return found


def _channels_first(name: str, array: str, images: NDArray[Any]) -> NDArray[Any]:
    """(N, C, H, W) of any of the layouts; where two fit, the first channel axis counts."""
    if images.ndim == 2 and (side := math.isqrt(images.shape[1])) >= LEAST_SIDE and side**2 == images.shape[1]:
        images = images.reshape(-1, side, side)
    if images.ndim == 3:
        images = images[:, None]
    elif images.ndim == 4 and images.shape[1] not in (1, 3) and images.shape[3] in (1, 3):
        images = images.transpose(0, 3, 1, 2)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or 0 in images.shape:
        raise UserError(
            f"{name}: '{array}' has shape {images.shape}, expected (N, H, W), (N, C, H, W) or (N, H, W, C) with C 1 or "
            "3, or square images as rows (N, H * H)"
        )
    return images


def _quoted(arrays: list[str]) -> str:
    return ", ".join(f"'{array}'" for array in arrays)
