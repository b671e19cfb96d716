"""Which value of a set's pixels is black and which is white, told from all of them, and said where it is unusual."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHITES = (1, 255, 1023, 4095, 16383, 65535)  # of floats, and of 8, 10, 12, 14 and 16 bits
TOLERANCE = 1e-3  # of the range: what rounding and resampling may add to either end
BLOCK = 1024  # images that are looked at, or made 8-bit, at once


@dataclass(frozen=True)
class PixelRange:
    """`black` and `white` become 0 and 255, what is between them in proportion."""

    black: float
    white: float

    def eight_bits(self, images: NDArray[Any]) -> NDArray[np.uint8]:
        """`images` (N, ...) of any real type as uint8 of the same shape; what lies outside the range is cut off."""
        if images.dtype == np.uint8 and (self.black, self.white) == (0, 255):
            return np.ascontiguousarray(images)
        whole = np.empty(images.shape, np.uint8)
        for start in range(0, len(images), BLOCK):
            block = images[start : start + BLOCK].astype(np.float32)
            scaled = (block - self.black) * np.float32(255 / (self.white - self.black))
            whole[start : start + BLOCK] = np.round(np.clip(scaled, 0, 255))
        return whole


def white_of(high: float, whole: bool, usual: float) -> float | None:
    """The white of pixels from 0 to `high` > 0, which is `usual` in their type; None if there is no telling.

    A value in the upper half of a usual range is of that range. Pixels that reach no further than half of the least
    that it could be (0 and 1 in 8 bits, 0 to 15, a division by 255 too many) are taken to be white at their highest:
    as they are, every image would be black. `whole`: only whole numbers occur.
    """
    if usual / 2 < high <= usual * (1 + TOLERANCE):
        return usual
    for white in WHITES[1 if whole else 0 :]:
        if white / 2 < high <= white * (1 + TOLERANCE):
            return white
    if whole or high <= 0.5:
        return high
    return None


def find_range(what: str, arrays: list[NDArray[Any]]) -> PixelRange:
    """The range of all of `arrays` (N, ...) together, said on standard error unless it is their type's own.

    Raises UserError naming `what` for a type or values that are no pixels'.
    """
    kinds = {array.dtype.kind for array in arrays}
    if not kinds <= set("biuf"):
        names = ", ".join(sorted({str(array.dtype) for array in arrays}))
        raise UserError(f"{what} is of type {names}, expected whole numbers, truth values or floats")
    if kinds == {"b"}:
        return PixelRange(0, 1)
    low, high, whole = _extent(arrays, look_for_whole="f" in kinds)
    usual = {("u", 1): 255, ("u", 2): 65535}.get((arrays[0].dtype.kind, arrays[0].dtype.itemsize), 1)
    found = _range(low, high, whole, usual)
    if found is None:
        raise UserError(
            f"{what} has values from {low:.9g} to {high:.9g}, expected 0 to 1, 0 to 255, or whole numbers from 0"
        )
    if (found.black, found.white) != (0, usual):
        print(
            f"note: {what} has values from {low:.9g} to {high:.9g}: "
            f"{found.black:.9g} is taken as black, {found.white:.9g} as white",
            file=sys.stderr,
        )
    return found


def _extent(arrays: list[NDArray[Any]], look_for_whole: bool) -> tuple[float, float, bool]:
    """The lowest and the highest value (nan where any is), and whether all are whole numbers."""
    lows, highs, whole = [], [], True
    for array in arrays:
        for start in range(0, len(array), BLOCK):
            block = array[start : start + BLOCK]
            lows.append(float(block.min()))
            highs.append(float(block.max()))
            whole = whole and not (look_for_whole and bool((block != np.round(block)).any()))
    return float(np.min(lows)), float(np.max(highs)), whole


def _range(low: float, high: float, whole: bool, usual: float) -> PixelRange | None:
    if not np.isfinite([low, high]).all() or high <= 0:
        return None
    if abs(low + 1) <= TOLERANCE and abs(high - 1) <= TOLERANCE:
        return PixelRange(-1, 1)  # as for a decoder that ends in tanh
    white = white_of(high, whole, usual)
    if white is None or low < -TOLERANCE * white:
        return None
    return PixelRange(0, white)
