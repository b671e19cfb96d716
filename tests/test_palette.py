"""Colours of runs are never those of classes: no two of both look alike."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from explorer.views.metric_plots import styles
from explorer.views.palette import PETROFF_10, RUN_COLORS, class_colors, run_colors

# B. Ottosson, "A perceptual color space for image processing" (2020): OKLab, from linear sRGB.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _lab(color: str) -> NDArray[np.float64]:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    lab: NDArray[np.float64] = TO_LAB @ np.cbrt(TO_CONES @ linear)
    return lab


def _apart(one: str, other: str) -> float:
    return float(np.linalg.norm(_lab(one) - _lab(other)))


def test_oklab_is_that_of_its_source() -> None:
    np.testing.assert_allclose(_lab("#ffffff"), [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(_lab("#ff0000"), [0.6280, 0.2249, 0.1258], atol=1e-4)


def test_a_run_s_colour_is_as_far_from_every_class_s_as_classes_are_from_one_another() -> None:
    least = min(_apart(*pair) for pair in combinations(PETROFF_10, 2))
    assert min(_apart(*pair) for pair in product(RUN_COLORS, PETROFF_10)) >= least - 0.001
    assert min(_apart(*pair) for pair in combinations(RUN_COLORS, 2)) >= least - 0.001


def test_figures_of_runs_have_the_colours_of_runs() -> None:
    drawn = {style["color"] for style in styles([f"run {i}" for i in range(40)]).values()}
    assert drawn == set(run_colors(40)) == set(RUN_COLORS)
    assert not drawn & set(class_colors(62))
