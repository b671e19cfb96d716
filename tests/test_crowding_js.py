"""The density of points, which colours them where there are no classes, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr

from tests.arrays import compute
from tests.javascript import JavaScript

DENSITY = """
async ({ xy }) => {
  const { pointDensity } = await import("/assets/maths/point_density.js");
  return { density: pointDensity(xy) };
}
"""


@pytest.mark.parametrize("count", [400, 5000])
def test_the_density_is_that_of_gaussian_kernels_of_the_same_width(javascript: JavaScript, count: int) -> None:
    generator = np.random.default_rng(count)
    two = np.concatenate([generator.normal((0, 0), (1, 2), (count // 2, 2)), generator.normal(5, 0.5, (count // 2, 2))])
    found = compute(javascript, DENSITY, xy=two.astype(np.float32))["density"]
    low, high = np.quantile(two, [0.01, 0.99], axis=0)
    cell = (high - low) / round(8 * count ** (1 / 6))
    # Counting and reading between centres widen the kernel by a sixth of a cell's square each.
    width = cell * np.sqrt(1 + 1 / 3)
    inside = np.flatnonzero(((two > low) & (two < high)).all(axis=1))[:: count // 400]
    distances = cdist(two[inside] / width, two / width, "sqeuclidean")
    expected = np.exp(-0.5 * distances).mean(1) / (2 * np.pi * width.prod())
    assert spearmanr(found[inside], expected).statistic > 0.97
    np.testing.assert_allclose(found[inside].mean(), expected.mean(), rtol=0.06)


def test_points_in_one_place_have_a_density_still(javascript: JavaScript) -> None:
    found = compute(javascript, DENSITY, xy=np.float32([1, 2] * 50))["density"]
    assert all(np.isfinite(found))
    assert len(set(found)) == 1
