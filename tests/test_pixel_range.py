"""Black and white, told from the values of a whole set."""

import numpy as np
import pytest

from training.data.pixel_range import PixelRange, find_range
from training.errors import UserError


@pytest.mark.parametrize(
    ("low", "high", "kind", "expected"),
    [
        (0, 1, "uint8", (0, 1)),
        (0, 15, "uint8", (0, 15)),
        (0, 16, "float32", (0, 16)),
        (0, 100, "uint8", (0, 100)),
        (0, 128, "uint8", (0, 255)),
        (0, 255, "int64", (0, 255)),
        (0, 253.7, "float64", (0, 255)),
        (0, 4000, "uint16", (0, 4095)),
        (0, 300, ">i4", (0, 300)),
        (0, 65535, ">u2", (0, 65535)),
        (0, 1, "bool", (0, 1)),
        (0, 1, "float16", (0, 1)),
        (0, 1 / 255, "float64", (0, 1 / 255)),
        (-1, 1, "float32", (-1, 1)),
        (-1, 1, "int8", (-1, 1)),
        (-1e-7, 1.0000001, "float64", (0, 1)),
        (0, 1.01, "float64", None),
        (-2.1, 2.6, "float32", None),
        (-128, 127, "int8", None),
        (0, np.inf, "float32", None),
        (0, 0, "uint8", None),
    ],
)
def test_ranges(low: float, high: float, kind: str, expected: tuple[float, float] | None) -> None:
    values = np.array([[low], [high], [low + (high - low) / 3 if "float" in kind and high != 16 else high]], kind)
    if expected is None:
        with pytest.raises(UserError, match=r"x has values from .* to .*, expected"):
            find_range("x", [values])
        return
    found = find_range("x", [values])
    assert (found.black, found.white) == pytest.approx(expected)
    assert found.eight_bits(values).min() == 0
    assert found.eight_bits(values).max() == min(255, round(255 * high / expected[1]))


def test_several_arrays_have_one_range_and_only_the_unusual_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for usual in (np.array([[255]], np.uint8), np.array([[1.0]]), np.array([[True]]), np.array([[65535]], np.uint16)):
        find_range("x", [usual])
    assert capsys.readouterr().err == ""
    found = find_range("x", [np.array([[0]], np.uint8), np.array([[7]], np.uint8)])
    assert found == PixelRange(0, 7)
    assert capsys.readouterr().err == "note: x has values from 0 to 7: 0 is taken as black, 7 as white\n"
