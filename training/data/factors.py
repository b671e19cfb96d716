"""The data set `factors`: shapes that this project draws, one for each combination of five factors."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.columns import category_column, number_column
from training.data.image_data import ImageData, Listing, shuffled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Plane = NDArray[np.float64]

SIDE = 28  # pixels
SHAPES = ("ellipse", "triangle", "corner")
SCALES = np.linspace(0.6, 1, 5)  # of the largest, whose half-width is RADIUS
# Less than half a turn, so that no two of them look alike, whatever the shape's symmetry.
ORIENTATIONS = np.linspace(-70, 70, 8)  # degrees, anticlockwise
PLACES = np.linspace(9, 19, 10)  # of the middle, in pixels from the left or from the top
RADIUS = 7.7  # pixels
HELD_OUT = 1250
SOURCE = "drawn by this project"
LICENCE = "mit"


def _ellipse(x: Plane, y: Plane) -> Plane:
    a, b = 1.0, 0.5
    length = np.hypot(x / a, y / b)
    slope = np.hypot(x / a**2, y / b**2)
    return np.asarray(length * (length - 1) / np.maximum(slope, 1e-9))  # to first order, right at the edge


def _triangle(x: Plane, y: Plane) -> Plane:
    # Tip at (0, 1), base from (-0.7, -0.7) to (0.7, -0.7): inside of three lines.
    side = np.hypot(1.7, 0.7)
    return np.asarray(np.maximum(-0.7 - y, (1.7 * np.abs(x) + 0.7 * (y - 1)) / side))


def _corner(x: Plane, y: Plane) -> Plane:
    return np.minimum(_box(x + 0.45, y, 0.3, 0.9), _box(x, y + 0.6, 0.75, 0.3))


def _box(x: Plane, y: Plane, half_width: float, half_height: float) -> Plane:
    return np.maximum(np.abs(x) - half_width, np.abs(y) - half_height)


_DISTANCES = {"ellipse": _ellipse, "triangle": _triangle, "corner": _corner}


def draw(shape: str, scale: ArrayLike, orientation: ArrayLike, x: ArrayLike, y: ArrayLike) -> NDArray[np.uint8]:
    """Images (..., SIDE, SIDE): white on black, each pixel as bright as the share of it that the shape covers.

    That share is taken from the signed distance of the pixel's middle to the edge, cut to half a pixel to each side.
    The factors are single numbers or (...,): `orientation` in degrees; `x`, `y` of the middle in pixels.
    """
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    size, angle, x, y = (
        np.asarray(factor)[..., None, None] for factor in (RADIUS * np.asarray(scale), np.deg2rad(orientation), x, y)
    )
    right, up = (columns - x) / size, (y - rows) / size
    turned = right * np.cos(angle) + up * np.sin(angle), up * np.cos(angle) - right * np.sin(angle)
    covered = np.clip(0.5 - size * _DISTANCES[shape](*turned), 0, 1)
    return np.asarray(np.round(255 * covered).astype(np.uint8))


def _always_here(data_dir: Path) -> bool:
    return True


def _load(data_dir: Path) -> ImageData:
    numbers = np.array(list(product(SCALES, ORIENTATIONS, PLACES, PLACES)))
    images = np.concatenate([draw(shape, *numbers.T) for shape in SHAPES])[:, None]
    shapes = np.repeat(np.arange(len(SHAPES)), len(numbers))
    values = zip(("scale", "orientation", "x", "y"), np.tile(numbers, (len(SHAPES), 1)).T, strict=True)
    columns = {"shape": category_column(shapes, SHAPES), **{name: number_column(value) for name, value in values}}
    return shuffled(
        "factors",
        images,
        shapes,
        SHAPES,
        held_out=HELD_OUT,
        source=SOURCE,
        licence=LICENCE,
        columns=columns,
    )


SETS = (
    Listing(
        "factors",
        "12,000 images, 28x28, 3 shapes, 5 factors",
        SOURCE,
        LICENCE,
        _always_here,
        _load,
    ),
)
