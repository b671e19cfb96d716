"""The data set `factors`: each combination once, drawn as it says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from training.data.datasets import ImageData, load_dataset
from training.data.factors import ORIENTATIONS, PLACES, RADIUS, SCALES, SHAPES, draw
from training.measure.disentanglement import factors_of


@pytest.fixture(scope="module")
def data() -> ImageData:
    return load_dataset("factors", Path("data"))


def test_every_combination_is_there_once(data: ImageData) -> None:
    combinations = len(SHAPES) * len(SCALES) * len(ORIENTATIONS) * len(PLACES) ** 2
    images = np.concatenate([data.train.images, data.validation.images, data.test.images])
    assert len(images) == combinations == 12_000
    assert len({image.tobytes() for image in images}) == combinations
    assert data.image_shape == (1, 28, 28)
    assert (data.classes, data.licence, data.shareable) == (SHAPES, "mit", True)


@pytest.mark.parametrize(
    ("shape", "area"),
    [("ellipse", math.pi * 0.5), ("triangle", 0.7 * 1.7), ("corner", 0.6 * 1.8 + 1.5 * 0.6 - 0.6 * 0.6)],
)
@pytest.mark.parametrize("orientation", [-70, 0, 25])
def test_a_shape_covers_its_area_and_lies_whole_in_the_image(shape: str, area: float, orientation: float) -> None:
    for scale in (0.6, 1):
        image = draw(shape, scale, orientation, 14.3, 13.1) / 255
        assert image.sum() == pytest.approx(area * (RADIUS * scale) ** 2, rel=0.05)
    for x in (PLACES[0], PLACES[-1]):
        at_edge = draw(shape, 1, orientation, x, x) / 255
        assert at_edge.sum() == pytest.approx(area * RADIUS**2, rel=0.05)


@pytest.mark.parametrize("orientation", [-50, 0, 30, 70])
def test_an_ellipse_lies_where_and_as_it_is_told(orientation: float) -> None:
    image = draw("ellipse", 0.9, orientation, 12.2, 15.7) / 255
    rows, columns = np.mgrid[:28, :28] + 0.5
    mass = image.sum()
    x, y = (image * columns).sum() / mass, (image * rows).sum() / mass
    assert (x, y) == pytest.approx((12.2, 15.7), abs=0.05)
    right, up = columns - x, y - rows
    xx, xy, yy = ((image * product).sum() for product in (right * right, right * up, up * up))
    assert math.degrees(0.5 * math.atan2(2 * xy, xx - yy)) == pytest.approx(orientation, abs=1)


def test_its_columns_are_what_each_image_was_drawn_with(data: ImageData) -> None:
    columns = data.test.columns
    assert list(columns) == ["shape", "scale", "orientation", "x", "y"]
    assert columns["shape"].categories == SHAPES
    assert np.array_equal(columns["shape"].values, data.test.labels)
    for i in (0, 7, 1249):
        shape, *numbers = (column.values[i] for column in columns.values())
        assert np.array_equal(draw(SHAPES[shape], *numbers), data.test.images[i, 0])
    factors = factors_of(data.gallery.columns)
    assert [len(np.unique(factor.code)) for factor in factors] == [3, 5, 8, 10, 10]
    assert [factor.value is None for factor in factors] == [True, False, False, False, False]


def test_it_is_drawn_the_same_each_time(data: ImageData) -> None:
    again = load_dataset("factors", Path("elsewhere"))
    assert np.array_equal(again.gallery.images, data.gallery.images)
    assert np.array_equal(again.gallery.labels, data.gallery.labels)
