"""The shortest path in image space against a geodesic that torch relaxes from the same ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer import loader
from tests.javascript import JavaScript
from tests.server import ROOT
from training import checkpoint
from training.model.vae import VAE

RunFile = Callable[[Path, loader.Part], str]

SHIPPED = ROOT / "checkpoints" / "mnist"
PIECES = 64

REFINE = """
async ({ latents, decoder, from, to }) => {
  const { ImageGrid, evenly, measure } = await import("/assets/pages/interpolate/image_grid.js");
  const { linear, spherical } = await import("/assets/maths/paths.js");
  const { loadSpace } = await import("/assets/run/loading.js");
  const space = await loadSpace({ latents, decoder });
  const [a, b] = [from, to].map((index) => Array.from(space.code(index)));
  const all = (job) => { for (;;) { const { done, value } = job.next(); if (done) return value; } };
  const grid = new ImageGrid(space);
  all(grid.fill(space.point(from)));
  const start = performance.now();
  const refined = all(grid.refine(all(grid.route(a, b)), [spherical(a, b)]));
  const path = evenly(refined);
  const line = all(measure(linear(a, b), space)).length;
  return { path: Array.from({ length: 65 }, (_, i) => path(i / 64)), length: refined.length, line,
    ms: performance.now() - start };
}
"""


def _length(model: VAE, z: torch.Tensor) -> torch.Tensor:
    """(pieces,) L2 distances between the images along a path."""
    return model.image(z).flatten(1).diff(dim=0).norm(dim=1)


def _relaxed(model: VAE, ends: torch.Tensor, start: torch.Tensor) -> float:
    """The length of a path whose inner nodes torch moves until its energy no longer falls."""
    inner = start[1:-1].clone().requires_grad_()
    with torch.no_grad():
        still = 1e-6 * _length(model, start).square().sum().item()
    options = {"max_iter": 300, "history_size": 20, "tolerance_change": still, "line_search_fn": "strong_wolfe"}
    optimizer = torch.optim.LBFGS([inner], **options)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        energy = _length(model, torch.cat([ends[:1], inner, ends[1:]])).square().sum()
        energy.backward()  # type: ignore[no-untyped-call]
        return energy

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return _length(model, torch.cat([ends[:1], inner, ends[1:]])).sum().item()


@pytest.mark.parametrize(
    ("run", "a", "b"), [("elbo-16d", 1426, 3163), ("elbo-full-covariance", 1426, 3163), ("elbo", 1100, 3300)]
)
def test_no_relaxed_path_is_much_shorter(javascript: JavaScript, run_file: RunFile, run: str, a: int, b: int) -> None:
    urls = {part: run_file(SHIPPED / run, part) for part in ("latents", "decoder")}
    found = javascript.evaluate(REFINE, {**urls, "from": a, "to": b})
    model = checkpoint.load_model(SHIPPED / run).double().requires_grad_(False)
    mu = torch.from_numpy(checkpoint.load_latents(SHIPPED / run)["mu"][[a, b]]).double()
    ts = torch.linspace(0, 1, PIECES + 1).double()[:, None]
    line = (1 - ts) * mu[0] + ts * mu[1]
    path = torch.tensor(found["path"]).double()
    with torch.no_grad():
        length, straight = _length(model, path).sum().item(), _length(model, line).sum().item()
    assert found["length"] == pytest.approx(length, rel=5e-3)
    assert found["line"] == pytest.approx(straight, rel=1e-4)
    np.testing.assert_allclose(path[[0, -1]], mu, atol=1e-6)
    geodesic = min(_relaxed(model, mu, start[::2]) for start in (line, path))
    with torch.no_grad():
        assert _length(model, path[::2]).sum() <= 1.05 * geodesic
