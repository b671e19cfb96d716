"""Named arrays as a data set: which of them are images, which labels, and what part of a split each is."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.columns import MAX_COLUMNS
from training.data.image_columns import read_columns
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


def load_arrays(
    name: str, headers: dict[str, Header], read: Callable[[list[str]], Arrays], given: list[str] | None = None
) -> ImageData:
    """The images among the arrays of the file in `name` = "kind:FILE", of which `read` reads those named.

    Images are (N, H, W), (N, C, H, W) or (N, H, W, C), C 1 or 3, or (N, H * H), of any type whose range can be told.
    Labels are (N,) or (N, 1) whole numbers or texts, or one-hot (N, K). Either may be in several arrays, as in x_train
    and x_test; or `given` (N,) says which part each is of. Other arrays with a value for each image are
    columns; the rest are named. Raises UserError naming what else was found.
    """
    images = _parts_called(headers, IMAGES)
    if not images:
        there = [f"{array} {header}" for array, header in headers.items()]
        raise UserError(f"{name}: no array 'images', only {listed(there) or 'nothing'}; say which: {name}#NAME")
    chosen = LabelArrays.find(headers, images)
    arrays = read([*images.values(), *chosen.arrays()])
    pixels = [_channels_first(name, array, arrays[array]) for array in images.values()]
    if len({part.shape[1:] for part in pixels}) > 1:
        shapes = ", ".join(f"{array} {arrays[array].shape}" for array in images.values())
        raise UserError(f"{name}: images of one size are needed, found {shapes}")
    if any(arrays[array].ndim == 2 for array in images.values()):
        height, width = pixels[0].shape[2:]
        note(name, f"rows of {height * width:,} pixels are taken as {height} x {width}")
    pixel_range = find_range(f"{name}: {_quoted(images.values())}", pixels)
    eight_bits = [pixel_range.eight_bits(part) for part in pixels]
    lengths = dict(zip(images, map(len, pixels), strict=True))
    labels, used = chosen.labels(name, arrays, lengths)
    columns, kept = read_columns(name, headers, read, [*images.values(), *used], lengths)
    tell_unused(name, headers, [*images.values(), *used, *kept])
    given = given or [part for part, count in lengths.items() for _ in range(count)]
    arrays.clear()  # may be gigabytes
    pixels.clear()
    return split_array(
        name, eight_bits[0] if len(eight_bits) == 1 else np.concatenate(eight_bits), labels, given, columns
    )


@dataclass(frozen=True)
class LabelArrays:
    """Where labels may be: the array of each part that has one of a usual name, else `others` that could be labels.

    `class_names`: the array of the names of numbers.
    """

    of_part: dict[str, str]
    others: list[str]
    class_names: str | None

    @staticmethod
    def find(headers: dict[str, Header], images: dict[str, str]) -> LabelArrays:
        """By name, shape and type alone; `images` are the arrays of images of each part."""
        class_names = next((one for one in headers if one.lower() in CLASS_NAMES and _is_text(headers[one])), None)
        free = {one: header for one, header in headers.items() if one not in {*images.values(), class_names}}
        for name in (*LABELS, *(one.lower() for one in free if one.lower().endswith(("_label", "_labels")))):
            found = {part: one for part, one in _parts_called(free, (name,)).items() if part in images}
            if found and (
                name in SURE_LABELS
                or all(_may_be_labels(free[one], headers[images[part]]) for part, one in found.items())
            ):
                return LabelArrays(found, [], class_names)
        fit = [
            one for one, header in free.items() if WHOLE in images and _may_be_labels(header, headers[images[WHOLE]])
        ]
        return LabelArrays({}, [one for one in fit if math.prod(free[one].shape) == free[one].shape[0]], class_names)

    def arrays(self) -> list[str]:
        """Those to be read."""
        return [*self.of_part.values(), *self.others, *([self.class_names] if self.class_names else [])]

    def labels(
        self, name: str, arrays: Arrays, lengths: dict[str, int], class_names: Sequence[str] = ()
    ) -> tuple[Labels, list[str]]:
        """Of all parts, of `lengths`, together, and the arrays that they are in.

        None if the arrays are not labels; raises UserError where their name says that they are.
        """
        count = sum(lengths.values())
        named_in = [self.class_names] if self.class_names else []
        names = [str(value) for array in named_in for value in arrays[array].tolist()] or class_names
        if not self.of_part:
            tried = {one: labels_of_values(arrays[one], names) for one in self.others}
            good = {one: labels for one, labels in tried.items() if labels and 1 < len(labels.classes) <= count / 2}
            if len(good) != 1:
                return no_labels(count), []
            ((used, labels),) = good.items()
            note(name, f"'{used}' is taken as labels")
            return labels, [used, *named_in]
        parts = [arrays[array] for array in self.of_part.values()]
        fits = all(arrays[one].shape[:1] == (lengths[part],) for part, one in self.of_part.items())
        same = len({(part.shape[1:], part.dtype.kind in "US") for part in parts}) == 1
        found = labels_of_values(np.concatenate(parts), names) if fits and same else None
        sure = any(part_and_rest(array)[1] in SURE_LABELS for array in self.of_part.values())
        if found is None and sure and fits and all(_is_table(part) for part in parts):
            return no_labels(count), []  # factors, that is columns
        if found is None and sure:
            is_what = ", ".join(f"of shape {part.shape} and type {part.dtype}" for part in parts)
            raise UserError(
                f"{name}: {_quoted(self.of_part.values())} is {is_what}, "
                f"expected whole numbers or texts of shape ({count},), or one-hot rows"
            )
        if found is None or not found.classes or (not sure and len(found.classes) > count / 2):
            return no_labels(count), []  # numbers of the images, or captions
        there = [np.full(length, part in self.of_part) for part, length in lengths.items()]
        number = no_labels(count).number
        number[np.concatenate(there)] = found.number
        return Labels(found.classes, number), [*self.of_part.values(), *named_in]


def tell_unused(name: str, headers: dict[str, Header], used: Collection[str]) -> None:
    """Name the other arrays, in one line."""
    if unused := [f"{array} {header}" for array, header in headers.items() if array not in used]:
        note(name, f"not used: {listed(unused)}")


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


def _is_table(values: NDArray[Any]) -> bool:
    return values.ndim == 2 and 1 < values.shape[1] <= MAX_COLUMNS and values.dtype.kind in "biuf"


def _may_be_labels(header: Header, images: Header) -> bool:
    right_type = header.dtype is not None and header.dtype.kind in "biufUS"
    return right_type and len(header.shape) in (1, 2) and header.shape[0] == images.shape[0]


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


def _quoted(arrays: Iterable[str]) -> str:
    return ", ".join(f"'{array}'" for array in arrays)
