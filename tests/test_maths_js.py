"""The browser's mathematics against scipy, numpy and torch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from safetensors.numpy import save
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.special import erfc, ndtri
from scipy.stats import kstest, norm
from torch.distributions import MultivariateNormal, kl_divergence

from tests.arrays import compute
from tests.javascript import JavaScript

PARSE = """
async ({ bytes }) => {
  const { parseSafetensors } = await import("/assets/network/safetensors.js");
  const { tensors, metadata } = parseSafetensors(bytes.buffer);
  const row = ([name, { shape, data }]) => [name, data.constructor.name, shape, [...data]];
  return { metadata, tensors: Object.entries(tensors).map(row) };
}
"""
PATH = """
async ({ edges, count, from, to }) => {
  const { shortestPath } = await import("/assets/maths/shortest_path.js");
  const neighbours = (node, each) => edges.filter(([a]) => a === node).forEach(([, b, length]) => each(b, length));
  return shortestPath(count, from, to, neighbours);
}
"""
POSTERIOR = """
async ({ mu, factor, epsilon }) => {
  const { Posterior } = await import("/assets/maths/posterior.js");
  const posterior = new Posterior({ mu, factor, sigma: [] }, false);
  const z = posterior.z(epsilon);
  return { z, back: posterior.epsilon(z), kl: posterior.kl() };
}
"""
EMBEDDING = """
async ({ xy, mu, dim, at, z }) => {
  const { Embedding, nearestRows } = await import("/assets/maths/projection.js");
  const map = new Embedding(xy, mu);
  return {
    latent: map.latent(at), point: map.project(z), onRow: map.latent([xy[6], xy[7]]),
    nearest: nearestRows(mu, dim, z, 7), odd: nearestRows(mu, dim, z, 5, (row) => row % 2 === 1),
  };
}
"""
PLANES = """
async ({ mu, spread, axes, z, basis, origin, dim, factor }) => {
  const { FlatPlane, rawAxes } = await import("/assets/maths/projection.js");
  const covariance = (i, a, b) => (a === b ? spread[i * dim + a] ** 2 : 0.01);
  const raw = rawAxes({ mu, dim, count: mu.length / dim, covariance }, axes, z);
  const flat = new FlatPlane(new Float32Array(2), origin, basis, null);
  return {
    xy: raw.xy, cov: raw.cov, through: raw.latent([7, 8]), point: raw.project(z),
    latent: flat.latent([0.5, -2]), back: flat.project(flat.latent([0.5, -2])), ellipse: flat.ellipseOf(factor),
  };
}
"""


def _map(javascript: JavaScript, module: str, function: str, values: list[object]) -> list[object]:
    """What a function of one module gives for each of several lists of arguments."""
    source = """async ({ module, name, values }) => {
      const found = await import(`/assets/${module}.js`);
      return values.map((some) => found[name](...some));
    }"""
    return javascript.evaluate(source, {"module": module, "name": function, "values": values})


def test_the_error_function_is_scipy_s(javascript: JavaScript) -> None:
    x = np.linspace(-6, 12, 2001)
    np.testing.assert_allclose(_map(javascript, "maths/erf", "erfc", x[:, None].tolist()), erfc(x), rtol=1.2e-7)


def test_shares_and_quantiles_of_the_normal_are_scipy_s(javascript: JavaScript) -> None:
    p = np.concatenate(
        [np.linspace(0.0005, 0.9995, 2001), 10.0 ** -np.arange(1, 300, 7), 1 - 10.0 ** -np.arange(1, 16)]
    )
    found = _map(javascript, "maths/normal", "quantile", p[:, None].tolist())
    np.testing.assert_allclose(found, ndtri(p), rtol=1e-13, atol=1e-13)
    ends = _map(javascript, "maths/normal", "quantile", [[0], [1], [-1]])
    assert ends[:2] == [-math.inf, math.inf]
    assert math.isnan(ends[2])
    z = np.linspace(-8, 8, 500)
    np.testing.assert_allclose(
        _map(javascript, "maths/normal", "cumulative", z[:, None].tolist()), norm.cdf(z), rtol=2e-7
    )


def test_draws_are_those_of_a_standard_normal_and_repeated_by_their_seed(javascript: JavaScript) -> None:
    draw = """async (seed) => {
      const { Random } = await import("/assets/maths/normal.js");
      const random = new Random(seed);
      return Array.from({ length: 20000 }, () => random.normal());
    }"""
    draws = javascript.evaluate(draw, 3)
    assert kstest(draws, "norm").pvalue > 0.001
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 0.03
    assert javascript.evaluate(draw, 3) == draws
    assert abs(np.corrcoef(draws, javascript.evaluate(draw, 4))[0, 1]) < 0.03


@pytest.mark.parametrize("scale", [1, 1e-6, 1e6])
def test_eigenvalues_and_ellipses_are_numpy_s(javascript: JavaScript, scale: float) -> None:
    factors = np.random.default_rng(1).normal(size=(40, 2, 2))
    factors[20:, 1] = factors[20:, 0] * 3 + 1e-3 * factors[20:, 1]  # almost flat
    matrices = scale * factors @ factors.transpose(0, 2, 1)
    entries = matrices[:, [0, 0, 1], [0, 1, 1]].tolist()
    expected, vectors = np.linalg.eigh(matrices)
    for found, values, directions in zip(
        _map(javascript, "maths/covariance", "eigen", entries), expected, vectors, strict=True
    ):
        np.testing.assert_allclose(found["values"], values[::-1], rtol=1e-9, atol=1e-14 * values[1])
        along = [math.cos(found["angle"]), math.sin(found["angle"])] @ directions[:, 1]
        assert abs(along) == pytest.approx(1, abs=1e-9)
    ellipses = _map(javascript, "maths/covariance", "ellipse", entries)
    np.testing.assert_allclose([[e["rx"], e["ry"]] for e in ellipses], np.sqrt(expected[:, ::-1]), rtol=1e-4)
    others = _map(javascript, "maths/covariance", "eigen", [[1, 2, 1], [0, 0, 0], [-3, 0, -1], [1, 0, 1e-20]])
    assert [one["values"] for one in others] == [[3, -1], [0, 0], [-1, -3], [1, 1e-20]]


def test_ticks_are_round_and_within_their_axis(javascript: JavaScript) -> None:
    least = [[0.03], [0.011], [2], [2.001], [4.2], [7], [1000], [0.05]]
    found = _map(javascript, "maths/ticks", "tickStep", least)
    np.testing.assert_allclose(found, [0.05, 0.02, 2, 2, 5, 10, 1000, 0.05], rtol=1e-12)
    found = _map(javascript, "maths/ticks", "ticks", [[-1.1, 2.1, 0.5], [0, 4, 2], [0.1, 0.9, 1]])
    np.testing.assert_allclose(found[0], np.arange(-1, 2.1, 0.5), atol=1e-12)
    assert found[1:] == [[0, 2, 4], []]


def test_a_posterior_is_torch_s(javascript: JavaScript) -> None:
    rng = np.random.default_rng(2)
    factor = np.tril(rng.normal(size=(5, 5)))
    factor[range(5), range(5)] = rng.uniform(0.2, 2, 5)
    mu, epsilon = rng.normal(size=(2, 5))
    rows = [factor[d, : d + 1].tolist() for d in range(5)]
    given = {"mu": mu.tolist(), "factor": rows, "epsilon": epsilon.tolist()}
    found = javascript.evaluate(POSTERIOR, given)
    np.testing.assert_allclose(found["z"], mu + factor @ epsilon, rtol=1e-12)
    np.testing.assert_allclose(found["back"], epsilon, rtol=1e-9)
    q = MultivariateNormal(torch.tensor(mu), scale_tril=torch.tensor(factor))
    prior = MultivariateNormal(torch.zeros(5).double(), torch.eye(5).double())
    assert found["kl"] == pytest.approx(kl_divergence(q, prior).item(), rel=1e-12)
    short = javascript.evaluate(POSTERIOR, {**given, "epsilon": [1.0]})
    np.testing.assert_allclose(short["z"], mu + factor[:, 0], rtol=1e-12)


def test_planes_map_there_and_back(javascript: JavaScript) -> None:
    rng = np.random.default_rng(3)
    dim, axes = 5, [3, 1]
    mu = rng.normal(size=(30, dim)).astype(np.float32)
    spread = rng.uniform(0.1, 2, (30, dim)).astype(np.float32)
    basis = np.linalg.qr(rng.normal(size=(dim, 2)))[0].T
    origin, z = rng.normal(size=(2, dim))
    factor = np.tril(rng.normal(size=(dim, dim)))
    rows = [factor[d, : d + 1].tolist() for d in range(dim)]
    found = compute(
        javascript, PLANES, mu=mu, spread=spread, axes=axes, z=z, basis=basis, origin=origin, dim=dim, factor=rows
    )
    np.testing.assert_array_equal(found["xy"].reshape(30, 2), mu[:, axes])
    np.testing.assert_allclose(found["cov"].reshape(30, 3)[:, [0, 2]], spread[:, axes] ** 2, rtol=1e-6)
    np.testing.assert_allclose(found["cov"].reshape(30, 3)[:, 1], 0.01, rtol=1e-6)
    expected = z.copy()
    expected[axes] = [7, 8]
    np.testing.assert_allclose(found["through"], expected, rtol=1e-12)
    np.testing.assert_allclose(found["point"], z[axes], rtol=1e-12)
    np.testing.assert_allclose(found["latent"], origin + [0.5, -2] @ basis, rtol=1e-12)
    np.testing.assert_allclose(found["back"], [0.5, -2], rtol=1e-9)
    values = np.linalg.eigvalsh(basis @ factor @ factor.T @ basis.T)[::-1]
    np.testing.assert_allclose([found["ellipse"]["rx"], found["ellipse"]["ry"]], np.sqrt(values), rtol=1e-6)


def _weighted(keys: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Franke and Little's mean of the ten nearest."""
    distances = np.linalg.norm(keys - at, axis=1)
    order = np.argsort(distances)[:11]
    near, reach = distances[order[:10]], distances[order[10]]
    weights = ((reach - near) / (reach * near)) ** 2
    return weights @ values[order[:10]] / weights.sum()


def test_a_map_without_an_inverse_goes_by_the_ten_nearest(javascript: JavaScript) -> None:
    rng = np.random.default_rng(4)
    xy, mu = rng.normal(size=(200, 2)).astype(np.float32), rng.normal(size=(200, 6)).astype(np.float32)
    at, z = np.array([0.3, -0.8]), rng.normal(size=6)
    found = compute(javascript, EMBEDDING, xy=xy, mu=mu, dim=6, at=at, z=z)
    np.testing.assert_allclose(found["latent"], _weighted(xy, at, mu), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["point"], _weighted(mu, z, xy), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["onRow"], mu[3], atol=1e-6)
    squared = ((mu - z) ** 2).sum(1)
    assert found["nearest"]["rows"] == np.argsort(squared)[:7].tolist()
    np.testing.assert_allclose(found["nearest"]["squared"], np.sort(squared)[:7], rtol=1e-6)
    assert found["odd"]["rows"] == (1 + 2 * np.argsort(squared[1::2])[:5]).tolist()


def test_the_shortest_path_is_scipy_s(javascript: JavaScript) -> None:
    rng = np.random.default_rng(5)
    for count in (2, 20, 60):
        a, b = rng.integers(0, count, (2, 3 * count))
        lengths = rng.uniform(0.1, 3, 3 * count)
        graph = {(one, other): length for one, other, length in zip(a, b, lengths, strict=True) if one != other}
        edges = [[int(one), int(other), length] for (one, other), length in graph.items()]
        sparse = coo_matrix(([e[2] for e in edges], ([e[0] for e in edges], [e[1] for e in edges])), (count, count))
        expected = dijkstra(sparse.tocsr(), indices=0)
        assert count == 2 or np.isfinite(expected).sum() > 1
        for to in range(1, count):
            found = javascript.evaluate(PATH, {"edges": edges, "count": count, "from": 0, "to": to})
            if np.isinf(expected[to]):
                assert found is None
                continue
            assert found["length"] == pytest.approx(expected[to], rel=1e-12)
            walked = [graph[step] for step in zip(found["nodes"], found["nodes"][1:], strict=False)]
            assert (found["nodes"][0], found["nodes"][-1]) == (0, to)
            assert sum(walked) == pytest.approx(expected[to], rel=1e-12)


def test_a_path_through_vectors_keeps_to_their_marks(javascript: JavaScript) -> None:
    vectors = np.random.default_rng(6).normal(size=(5, 3))
    marks = [0, 0, 1, 1, 4.5]  # two in one place, twice
    source = """async ({ vectors, marks, count }) => {
      const { through, sample } = await import("/assets/maths/paths.js");
      return sample(through(vectors, marks), count);
    }"""
    found = javascript.evaluate(source, {"vectors": vectors.tolist(), "marks": marks, "count": 40})
    at = np.linspace(0, marks[-1], 41)
    expected = [np.interp(at, [0, 1e-12, 1, 1 + 1e-12, 4.5], vectors[:, d]) for d in range(3)]
    np.testing.assert_allclose(found, np.transpose(expected), atol=1e-9)


def test_dimensions_are_ordered_by_what_they_say(javascript: JavaScript) -> None:
    mu = (np.random.default_rng(7).normal(size=(100, 4)) * [1, 3, 0.5, 2]).astype(np.float32)
    source = """async ({ mu, kl }) => {
      const { dimensionOrder, variance } = await import("/assets/maths/latent_dimensions.js");
      const latents = { mu, dim: 4, count: 100 };
      return { order: dimensionOrder(latents, kl), variances: [0, 1, 2, 3].map((d) => variance(mu, 4, 100, d)) };
    }"""
    found = compute(javascript, source, mu=mu, kl=None)
    assert found["order"] == [1, 3, 0, 2]
    np.testing.assert_allclose(found["variances"], mu.var(0), rtol=1e-5)
    assert compute(javascript, source, mu=mu, kl=[0.1, 0, 5, 2])["order"] == [2, 3, 0, 1]


@pytest.mark.parametrize("padding", ["", "x", "xx", "xxx"])
def test_safetensors_are_read_wherever_they_lie(javascript: JavaScript, padding: str) -> None:
    rng = np.random.default_rng(8)
    tensors = {
        "bytes": rng.integers(0, 256, (3, 5), dtype=np.uint8),
        "numbers": rng.normal(size=(2, 3)).astype(np.float32),
        "whole": rng.integers(-9, 9, 4, dtype=np.int32),
        "nothing": np.zeros((0, 2), np.float32),
    }
    written = save(tensors, {"padding": padding})
    # safetensors aligns its own files; others need not.
    header = written[8 : 8 + int.from_bytes(written[:8], "little")].rstrip() + b" " * len(padding)
    data = written[8 + int.from_bytes(written[:8], "little") :]
    file = len(header).to_bytes(8, "little") + header + data
    found = compute(javascript, PARSE, bytes=np.frombuffer(file, np.uint8))
    assert found["metadata"] == {"padding": padding}
    kinds = {np.uint8: "Uint8Array", np.float32: "Float32Array", np.int32: "Int32Array"}
    expected = [[name, kinds[v.dtype.type], list(v.shape), v.ravel().tolist()] for name, v in tensors.items()]
    assert sorted(found["tensors"]) == sorted(expected)


def test_what_the_browser_does_not_read_is_named(javascript: JavaScript) -> None:
    file = np.frombuffer(save({"double": np.zeros(3, np.float64)}), np.uint8)
    with pytest.raises(AssertionError, match="tensor double has type F64, which the browser does not read"):
        compute(javascript, PARSE, bytes=file)
