"""Draws of posteriors on the plane against NumPy's Cholesky factors, and which points a run shows by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from explorer import loader
from tests.javascript import JavaScript
from tests.server import ROOT
from training import checkpoint

RunFile = Callable[[Path, loader.Part], str]

SHIPPED = ROOT / "checkpoints" / "mnist"

DRAWN = """
async ({ means, cov }) => {
  const { drawnPoints } = await import("/assets/maths/drawn_points.js");
  const draw = () => Array.from(drawnPoints(Float32Array.from(means), Float32Array.from(cov)));
  return [draw(), draw()];
}
"""
SHOWN = """
async ({ latents, decoder }) => {
  const { loadSpace } = await import("/assets/run/loading.js");
  const space = await loadSpace({ latents, decoder });
  const shown = Object.fromEntries(["auto", "means", "draws"].map((kind) => [kind, space.withPoints(kind)]));
  return {
    draws: Object.fromEntries(Object.entries(shown).map(([kind, one]) => [kind, one.draws])),
    xy: Array.from(shown.draws.xy),
    point: shown.draws.point(7),
    nearest: shown.draws.nearestCodes(shown.draws.code(7), 1)[0].index,
  };
}
"""


def test_draws_have_the_mean_and_covariance_of_each_posterior(javascript: JavaScript) -> None:
    rng = np.random.default_rng(0)
    count = 4000
    means = rng.normal(size=(count, 2)) * 5
    factors = rng.normal(size=(count, 2, 2))
    cov = factors @ factors.transpose(0, 2, 1)
    triangles = cov[:, [0, 0, 1], [0, 1, 1]]
    first, again = javascript.evaluate(DRAWN, {"means": means.ravel().tolist(), "cov": triangles.ravel().tolist()})
    assert first == again, "points must not jump from one time to the next"
    residuals = np.reshape(first, (-1, 2)) - means
    epsilon = np.linalg.solve(np.linalg.cholesky(cov), residuals[..., None])[..., 0]
    np.testing.assert_allclose(np.cov(epsilon.T), np.eye(2), atol=0.08)
    for axis in (0, 1):
        assert stats.kstest(epsilon[:, axis], "norm").pvalue > 1e-3


@pytest.mark.parametrize(("run", "auto"), [("kl", True), ("elbo", False), ("autoencoder", False), ("elbo-16d", False)])
def test_draws_are_shown_where_the_means_tell_nothing(
    javascript: JavaScript, run_file: RunFile, run: str, auto: bool
) -> None:
    files = {part: run_file(SHIPPED / run, part) for part in ("latents", "decoder")}
    shown = javascript.evaluate(SHOWN, files)
    noisy = run != "autoencoder"
    assert shown["draws"] == {"auto": auto, "means": False, "draws": noisy}
    latents = checkpoint.load_latents(SHIPPED / run)
    plane = latents["pca"] if "pca" in latents else latents["mu"]
    np.testing.assert_allclose(shown["point"], plane[7], atol=1e-4)  # the handle's and the ellipse's place stays
    assert shown["nearest"] == 7
    away = np.reshape(shown["xy"], (-1, 2)) - plane
    if run == "kl":
        np.testing.assert_allclose(np.cov(away.T), np.eye(2), atol=0.08)
    elif noisy:
        assert 0 < np.abs(away).mean() < np.abs(plane).mean()
    else:
        np.testing.assert_allclose(away, 0, atol=1e-4)
