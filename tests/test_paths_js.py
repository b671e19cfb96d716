"""The page's paths against scipy: great circles, shortest paths over a graph, lengths in image space."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from playwright.sync_api import Browser, Page
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import geometric_slerp

from tests.arrays import compute
from tests.opener import patient_page
from tests.server import serve
from training import checkpoint

SPHERICAL = """
async ({ a, b, ts }) => {
  const { spherical } = await import("/assets/maths/paths.js");
  return ts.map(spherical(a, b));
}
"""
GRID = """
async ({ run, a, b, part }) => {
  const { ImageGrid, evenly } = await import("/assets/pages/interpolate/image_grid.js");
  const { loadSpace } = await import("/assets/run/loading.js");
  const space = await loadSpace({ latents: `/runs/digits/${run}/latents`, decoder: `/runs/digits/${run}/decoder` });
  const grid = new ImageGrid(space);
  const all = (job) => { for (;;) { const { done, value } = job.next(); if (done) return value; } };
  const [from, to] = [a, b].map((point) => space.latent(point));
  const fill = grid.fill(a);
  for (let i = 0; i < part * grid.count; i++) fill.next();
  const graph = all(grid.graph(from, to));
  const edges = [];
  const nodes = Array.from({ length: graph.count }, (_, node) => node);
  for (const node of nodes) graph.neighbours(node, (other, length) => edges.push([node, other, length]));
  const route = all(grid.route(from, to));
  const refined = all(grid.refine(route));
  const path = evenly(refined);
  return {
    count: graph.count, first: grid.count, edges: Float64Array.from(edges.flat()),
    vectors: Float32Array.from(nodes.flatMap((node) => Array.from(graph.vector(node)))),
    rough: route.rough.length, line: route.line.length, length: refined.length,
    path: Array.from({ length: 65 }, (_, i) => path(i / 64)), from, to, back: space.project(from),
    done: grid.done,
  };
}
"""


@pytest.fixture(scope="module")
def page(trained: Path, browser: Browser) -> Iterator[Page]:
    with serve(trained) as address:
        page = patient_page(browser)
        page.goto(f"{address}/assets/dom/icon.svg")
        yield page
        page.close()


def _spherical(page: Page, a: list[float], b: list[float], ts: list[float]) -> np.ndarray:
    return np.array(page.evaluate(SPHERICAL, {"a": a, "b": b, "ts": ts}))


@pytest.mark.parametrize("dim", [2, 3, 16])
def test_spherical_is_scipy_s_great_circle_with_an_even_norm(page: Page, dim: int) -> None:
    rng = np.random.default_rng(dim)
    ts = np.linspace(0, 1, 11)
    for _ in range(20):
        a, b = rng.normal(size=(2, dim)) * rng.uniform(0.1, 5, (2, 1))
        norms = (1 - ts) * np.linalg.norm(a) + ts * np.linalg.norm(b)
        directions = geometric_slerp(a / np.linalg.norm(a), b / np.linalg.norm(b), ts)
        ours = _spherical(page, a.tolist(), b.tolist(), ts.tolist())
        np.testing.assert_allclose(ours, norms[:, None] * directions, atol=1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [([1, 2], [2, 4]), ([1, 2], [1, 2]), ([0, 0], [3, -1]), ([3, -1], [0, 0]), ([0, 0], [0, 0]), ([1e-200, 0], [1, 0])],
)
def test_spherical_of_parallel_and_zero_vectors_is_the_straight_line(
    page: Page, a: list[float], b: list[float]
) -> None:
    ts = np.linspace(0, 1, 7)
    line = (1 - ts)[:, None] * np.array(a) + ts[:, None] * np.array(b)
    np.testing.assert_allclose(_spherical(page, a, b, ts.tolist()), line, atol=1e-12)


@pytest.mark.parametrize(("a", "b"), [([1, 2], [-2, -4]), ([0, 3, 0], [0, -1, 0]), ([1, 1, 1], [-1, -1, -1])])
def test_spherical_of_opposite_vectors_goes_half_round_and_never_through_zero(
    page: Page, a: list[float], b: list[float]
) -> None:
    ts = np.linspace(0, 1, 33)
    ours = _spherical(page, a, b, ts.tolist())
    ra, rb = np.linalg.norm(a), np.linalg.norm(b)
    np.testing.assert_allclose(ours[0], a, atol=1e-12)
    np.testing.assert_allclose(ours[-1], b, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), (1 - ts) * ra + ts * rb, atol=1e-12)
    angles = np.arccos(np.clip(ours @ np.array(a) / np.linalg.norm(ours, axis=1) / ra, -1, 1))
    np.testing.assert_allclose(angles, np.pi * ts, atol=1e-6)


def _images(trained: Path, run: str, vectors: npt.ArrayLike) -> np.ndarray:
    model = checkpoint.load_model(trained / "digits" / run)
    with torch.no_grad():
        return model.image(torch.from_numpy(np.array(vectors, np.float32))).flatten(1).double().numpy()


@pytest.mark.parametrize("run", ["elbo", "autoencoder", "conv"])
@pytest.mark.parametrize("part", [0.3, 1.0])
def test_the_shortest_path_is_scipy_s_on_images_decoded_by_torch(
    page: Page, trained: Path, run: str, part: float
) -> None:
    latents = checkpoint.load_latents(trained / "digits" / run)
    xy = latents["pca"] if "pca" in latents else latents["mu"]
    rng = np.random.default_rng(1)
    for a, b in xy[rng.integers(0, len(xy), (4, 2))]:
        found = compute(page, GRID, run=run, a=a.tolist(), b=b.tolist(), part=part)
        images = _images(trained, run, found["vectors"].reshape(found["count"], -1))
        one, two, ours = found["edges"].reshape(-1, 3).T
        one, two = one.astype(int), two.astype(int)
        lengths = np.linalg.norm(images[one] - images[two], axis=1)
        np.testing.assert_allclose(ours, lengths, atol=2e-4)
        # An edge of length 0 would be no edge to scipy.
        graph = coo_matrix((np.maximum(lengths, 1e-12), (one, two)), shape=(found["count"],) * 2)
        shortest = shortest_path(graph.tocsr(), indices=found["first"])[-1]
        assert found["rough"] == pytest.approx(shortest, rel=1e-4, abs=1e-4)
        np.testing.assert_allclose(found["back"], a, atol=1e-4)


@pytest.mark.parametrize("run", ["reconstruction", "elbo", "kl", "conv"])
def test_the_shortest_path_is_never_longer_than_the_straight_line(page: Page, trained: Path, run: str) -> None:
    rng = np.random.default_rng(2)
    for a, b in [*rng.normal(size=(5, 2, 2)) * 1.5, np.array([[9, 9], [-9, 8]]), np.array([[0.3, 0.1], [0.3, 0.1]])]:
        found = compute(page, GRID, run=run, a=a.tolist(), b=b.tolist(), part=1)
        ts = np.linspace(0, 1, 65)[:, None]
        line = (1 - ts) * np.array(found["from"]) + ts * np.array(found["to"])
        straight = np.linalg.norm(np.diff(_images(trained, run, line), axis=0), axis=1).sum()
        ours = np.linalg.norm(np.diff(_images(trained, run, found["path"]), axis=0), axis=1)
        assert found["line"] == pytest.approx(straight, rel=1e-4, abs=1e-4)
        assert found["length"] <= found["line"]
        assert ours.sum() <= straight * (1 + 1e-3) + 1e-4
        np.testing.assert_allclose(found["path"][0], found["from"], atol=1e-9)
        np.testing.assert_allclose(found["path"][-1], found["to"], atol=1e-9)
