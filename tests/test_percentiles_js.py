"""The Prior page's grid of percentiles and the prior's density, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import kstest, multivariate_normal, norm

from tests.javascript import JavaScript

GRID = """
async ([side, low, origin, basis, xy]) => {
  const { Percentiles } = await import("/assets/pages/prior/percentiles.js");
  const { LatentSpace } = await import("/assets/run/latent_space.js");
  const data = (values) => ({ data: Float32Array.from(values.flat()) });
  const count = xy.length;
  const space = new LatentSpace({
    xy: data(xy), origin: data([origin]), basis: data(basis), reconstruction: data([[]]),
    mu: { data: new Float32Array(count * origin.length) }, label: { data: new Int32Array(count) },
  }, null);
  const grid = new Percentiles(space, side, low);
  return {
    percent: grid.percent, values: grid.values, counts: [...grid.counts(space)],
    z: Array.from({ length: side * side }, (_, cell) => space.latent(grid.point(cell))),
    cells: xy.map((point) => grid.cell(point)),
  };
}
"""


def test_log_density_is_scipy_s(javascript: JavaScript) -> None:
    z = np.random.default_rng(1).normal(size=(50, 3)) * 3
    ours = javascript.evaluate("async (z) => z.map((await import('/assets/maths/normal.js')).logDensity)", z.tolist())
    np.testing.assert_allclose(ours, multivariate_normal(np.zeros(3)).logpdf(z), rtol=1e-12)


@pytest.mark.parametrize(("side", "low"), [(20, 5.0), (5, 0.1), (40, 45.0), (7, 12.5)])
def test_the_grid_is_at_percentiles_of_the_prior(javascript: JavaScript, side: int, low: float) -> None:
    xy = np.random.default_rng(2).normal(size=(3000, 2)).astype(np.float32)
    found = javascript.evaluate(GRID, [side, low, [0, 0], [[1, 0], [0, 1]], xy.tolist()])
    p = np.linspace(low, 100 - low, side)
    np.testing.assert_allclose(found["percent"], p, rtol=1e-12)
    np.testing.assert_allclose(found["values"], norm.ppf(p / 100), atol=1e-12)
    # Row by row from the top: z2 falls down the grid, z1 rises along a row.
    expected = [[x, y] for y in norm.ppf(p / 100)[::-1] for x in norm.ppf(p / 100)]
    np.testing.assert_allclose(found["z"], expected, atol=1e-6)
    # An image lies in the cell whose percentile is nearest to its own.
    half = (100 - 2 * low) / (side - 1) / 2
    edges = norm.ppf(np.clip(np.linspace(low - half, 100 - low + half, side + 1) / 100, 0, 1))
    counts, _, _ = np.histogram2d(xy[:, 1], xy[:, 0], bins=[edges, edges])
    np.testing.assert_array_equal(np.array(found["counts"]).reshape(side, side), counts[::-1])
    column, row = (np.clip(np.searchsorted(edges, xy[:, i], "right") - 1, 0, side - 1) for i in (0, 1))
    np.testing.assert_array_equal(found["cells"], (side - 1 - row) * side + column)


def test_in_more_dimensions_the_grid_s_middle_is_the_plane_s_point_nearest_the_prior_s_mean(
    javascript: JavaScript,
) -> None:
    rng = np.random.default_rng(3)
    basis = np.linalg.qr(rng.normal(size=(4, 2)))[0].T
    origin = rng.normal(size=4)
    found = javascript.evaluate(GRID, [5, 5.0, origin.tolist(), basis.tolist(), [[0, 0]]])
    middle = origin - basis.T @ (basis @ origin)
    np.testing.assert_allclose(found["z"][12], middle, atol=1e-6)
    # Along each axis of the plane the prior is N(0, 1) around that point.
    np.testing.assert_allclose((np.array(found["z"][14]) - middle) @ basis[0], norm.ppf(0.95), atol=1e-6)


def test_the_normal_quantile_is_scipy_s(javascript: JavaScript) -> None:
    p = np.concatenate(
        [np.linspace(0.0005, 0.9995, 2001), 10.0 ** -np.arange(1, 300, 7), 1 - 10.0 ** -np.arange(1, 16)]
    )
    quantile = "async (p) => p.map((await import('/assets/maths/normal.js')).quantile)"
    np.testing.assert_allclose(javascript.evaluate(quantile, p.tolist()), ndtri(p), rtol=1e-13, atol=1e-13)
    ends = javascript.evaluate(
        "async (p) => p.map((await import('/assets/maths/normal.js')).quantile).map(String)", [0, 1, -1]
    )
    assert ends == ["-Infinity", "Infinity", "NaN"]


def test_draws_are_those_of_a_standard_normal(javascript: JavaScript) -> None:
    draws = javascript.evaluate(
        "async () => { const { Random } = await import('/assets/maths/normal.js'); const random = new Random(3);"
        " return Array.from({ length: 20000 }, () => random.normal()); }"
    )
    assert kstest(draws, "norm").pvalue > 0.001
