"""The nearest of many points, found in a grid, against all distances."""

from __future__ import annotations

import numpy as np
import pytest

from tests.arrays import compute
from tests.javascript import JavaScript

NEAREST = """
async ({ xy, places, only }) => {
  const { NearestGrid } = await import("/assets/maths/nearest_grid.js");
  const grid = new NearestGrid(xy);
  const found = [];
  for (let i = 0; i < places.length; i += 2) {
    found.push(...grid.nearest(places.subarray(i, i + 2), 5, (index) => index % only === 0).squared);
  }
  const none = grid.nearest([0, 0], 5, () => false).rows.length;
  return { found: Float64Array.from(found), none, cells: grid.columns * grid.rows };
}
"""


@pytest.mark.parametrize("shape", ["cloud", "outlier", "line", "point"])
@pytest.mark.parametrize("only", [1, 50])
def test_the_nearest_are_the_nearest(javascript: JavaScript, shape: str, only: int) -> None:
    generator = np.random.default_rng(5)
    xy = generator.normal(0, 1, (20_000, 2)).astype(np.float32)
    if shape == "outlier":
        xy[0] = 500, -300
    if shape == "line":
        xy[:, 1] = 2
    if shape == "point":
        xy[:] = 1
    places = generator.normal(0, 3, (40, 2)).astype(np.float32)
    places[:4] = [[60, 0], [0, -60], [400, -400], [-50, 50]]  # far from all
    found = compute(javascript, NEAREST, xy=xy, places=places, only=only)
    distance = ((places[:, None].astype(float) - xy[None, ::only].astype(float)) ** 2).sum(2)
    np.testing.assert_allclose(found["found"].reshape(-1, 5), np.sort(distance, axis=1)[:, :5], rtol=1e-9)
    assert found["none"] == 0
    assert found["cells"] <= len(xy)
