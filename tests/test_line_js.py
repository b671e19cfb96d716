"""One latent dimension in the browser's modules: heights under the density, percentiles, the view, and Eq. 10."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import gaussian_kde, norm
from torch.distributions import Normal

from explorer import loader
from tests.javascript import JavaScript
from training import checkpoint
from training.measure.true_posterior import true_posterior
from training.options import FitOptions
from training.run import fit

RunFile = Callable[[Path, loader.Part], str]

LINE = """
async ([mu, side, low]) => {
  const { lineDensity, underDensity } = await import("/assets/maths/line_density.js");
  const { LinePercentiles } = await import("/assets/pages/prior/line_percentiles.js");
  const { Camera } = await import("/assets/plane/camera.js");
  const density = lineDensity(mu);
  const xy = underDensity(mu, density);
  const cells = new LinePercentiles(side, low);
  const points = Array.from({ length: side * side }, (_, cell) => cells.point(cell)[0]);
  const camera = Object.assign(new Camera(), { width: 400, height: 300 });
  camera.fit(xy, true);
  const floors = [camera.toPixel([0, 0])[1]];
  camera.zoom([100, 20], 3);
  camera.pan(30, 40);
  camera.frame([1, 0, 1.5, 1], 0.5);
  floors.push(camera.toPixel([0, 0])[1]);
  const back = camera.toPoint(camera.toPixel([0.3, 0.7]));
  return {
    density: [...density], heights: mu.map((_, i) => xy[2 * i + 1]), points, floors, back, range: camera.ranges()[0],
    cells: points.map((x) => cells.cell([x, 9])), counts: [...cells.counts({ mu, count: mu.length })],
    ends: [cells.cell([-50, 0]), cells.cell([50, 0])],
  };
}
"""


def test_a_line_s_points_percentiles_and_view(javascript: JavaScript) -> None:
    rng = np.random.default_rng(1)
    mu = np.concatenate([rng.normal(-1, 0.4, 1500), rng.normal(2, 0.7, 1500)])
    found = javascript.evaluate(LINE, [mu.tolist(), 6, 2.5])
    expected = gaussian_kde(mu, 0.08)(mu)
    density = np.array(found["density"])
    assert np.abs(density - expected).max() < 0.12 * expected.max()
    shares = np.array(found["heights"]) / (density / density.max())
    assert shares.min() > 0 and shares.max() < 1
    assert np.histogram(shares, 10, (0, 1))[0].min() > 200, "spread evenly under the density"
    percent = np.linspace(2.5, 97.5, 36)
    np.testing.assert_allclose(found["points"], norm.ppf(percent / 100), atol=1e-9)
    assert found["cells"] == list(range(36))
    half = (percent[1] - percent[0]) / 2
    edges = norm.ppf(np.append(percent - half, percent[-1] + half) / 100)
    assert found["counts"] == np.histogram(mu, edges)[0].tolist()
    assert found["ends"] == [0, 35]
    assert found["floors"][0] == pytest.approx(found["floors"][1]) and 150 < found["floors"][0] < 300
    assert found["back"] == pytest.approx([0.3, 0.7])
    assert found["range"] == pytest.approx([0.75, 1.75]), "framed across, whatever lies up"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("line") / "digits" / "line"
    fit(FitOptions(out=out, dataset="digits", latent_dim=1, epochs=4, hidden_dims=(32,)))
    return out


MEASURE = """
async ([latents, decoder, pixels, index, logNormaliser]) => {
  const { LatentSpace } = await import("/assets/run/latent_space.js");
  const { likelihoodOf } = await import("/assets/pages/probability/shown_image.js");
  const { fineTerms, gap, Ascent } = await import("/assets/maths/elbo.js");
  const { modes } = await import("/assets/maths/modes.js");
  const finish = (job) => { for (;;) { const { done, value } = job.next(); if (done) return value; } };
  const space = await LatentSpace.fetch({ latents, decoder });
  const likelihood = likelihoodOf(space, Float32Array.from(pixels));
  const q = space.gaussian(index);
  const ascent = new Ascent(q, likelihood, false);
  for (let i = 0; i < 60 && !ascent.done; i++) ascent.step();
  return {
    ...finish(fineTerms(q, likelihood)), gap: finish(gap(q, likelihood, logNormaliser)), mu: q.mu[0], sigma: q.radii[0],
    best: finish(fineTerms(ascent.current.q, likelihood)).elbo,
    idle: [ascent.current.q.mu[1], ascent.current.q.radii[1]],
    modes: modes([{ rows: 1, columns: 200, box: [-2, 0, 2, 1], values: Float64Array.from({ length: 200 }, (_, i) => {
      const x = -1.99 + 0.02 * i; // two modes, at -1 and 1
      return Math.log(0.7 * Math.exp(-0.5 * ((x + 1) / 0.2) ** 2) + 0.3 * Math.exp(-0.5 * ((x - 1) / 0.1) ** 2));
    }) }], true, 3).map((q) => [...q.mu, ...q.radii, q.angle]),
    reach: space.reach([3, 4]), place: space.place([0.5]), latent: space.latent([0.5, 7]),
  };
}
"""


def test_both_sides_of_eq_10_agree_with_a_sum_over_a_fine_grid(
    javascript: JavaScript, run: Path, run_file: RunFile
) -> None:
    model, latents = checkpoint.load_model(run), checkpoint.load_latents(run)
    pixels = checkpoint.load_gallery(run.parent / "gallery.safetensors")["images"][5] / np.float32(255)
    x = torch.from_numpy(pixels[None])
    posterior = true_posterior(model, x)
    argument = [run_file(run, "latents"), run_file(run, "decoder"), pixels.ravel().tolist(), 5]
    found = javascript.evaluate(MEASURE, [*argument, posterior.log_normaliser])
    axis = (torch.arange(16_000, dtype=torch.double) + 0.5) / 1000 - 8
    with torch.no_grad():
        log_likelihood = -model.reconstruction(x.expand(len(axis), -1, -1, -1), axis[:, None].float()).double()
    q = Normal(float(latents["mu"][5, 0]), math.exp(0.5 * float(latents["log_var"][5, 0])))
    weight = q.log_prob(axis).exp() / 1000
    log_joint = log_likelihood + Normal(0.0, 1.0).log_prob(axis)
    log_evidence = float(torch.logsumexp(log_joint, 0)) - math.log(1000)
    assert [found["mu"], found["sigma"]] == pytest.approx([float(q.mean), float(q.stddev)], rel=1e-5)
    assert found["reconstruction"] == pytest.approx(-float((weight * log_likelihood).sum()), abs=0.01)
    assert found["kl"] == pytest.approx(float(latents["kl"][5]), abs=1e-4)
    assert posterior.log_evidence == pytest.approx(log_evidence, abs=2e-3)
    assert log_evidence - found["elbo"] - found["gap"] == pytest.approx(0, abs=0.02)
    assert found["elbo"] <= found["best"] <= log_evidence + 1e-3
    assert found["idle"] == pytest.approx([0, 1], abs=1e-9), "what no decoder sees stays as the prior has it"
    _, wide, narrow = found["modes"]
    assert wide == pytest.approx([-1, 0, 0.2, 1, 0], abs=0.02)
    assert narrow == pytest.approx([1, 0, 0.1, 1, 0], abs=0.02)
    assert (found["reach"], found["place"], found["latent"]) == ([3, 0], [0.5, 0], [0.5])
