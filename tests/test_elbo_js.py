"""The mathematics of the Probability page in the browser, against torch, scipy and closed forms."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from explorer import loader
from tests.eq_10 import gap_and_elbo, log_evidence
from tests.javascript import JavaScript
from tests.server import ROOT
from training import checkpoint
from training.measure.true_posterior import true_posterior
from training.options import FitOptions
from training.run import fit

RunFile = Callable[[Path, loader.Part], str]

SHIPPED = ROOT / "checkpoints" / "mnist"

LOAD = """
  const load = async (url, pixels) => {
    const { fetchSafetensors } = await import("/assets/network/safetensors.js");
    const { Decoder } = await import("/assets/network/decoder.js");
    const { LogLikelihood } = await import("/assets/network/log_likelihood.js");
    const { tensors, metadata } = await fetchSafetensors(url);
    return new LogLikelihood(new Decoder(tensors, metadata), pixels);
  };
  const finish = (job) => { for (;;) { const { done, value } = job.next(); if (done) return value; } };
  const { Gaussian } = await import("/assets/maths/gaussian.js");
  const elbo = await import("/assets/maths/elbo.js");
"""


@pytest.fixture(scope="module")
def runs(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small runs, and one with a full covariance and Gaussian pixels."""
    root = tmp_path_factory.mktemp("probability")
    shutil.copytree(trained / "digits", root / "digits")
    full = FitOptions(
        out=root / "digits" / "full",
        dataset="digits",
        epochs=1,
        hidden_dims=(16,),
        posterior="full",
        likelihood="gaussian",
    )
    fit(full)
    return root / "digits"


def _run(javascript: JavaScript, body: str, argument: Any = None) -> Any:
    return javascript.evaluate(f"async (argument) => {{ {LOAD} {body} }}", argument)


def _image(index: int) -> torch.Tensor:
    images = checkpoint.load_gallery(SHIPPED / "gallery.safetensors")["images"]
    return torch.from_numpy(images[index : index + 1]).float() / 255


@pytest.mark.parametrize("nodes", ["gaussHermite(4)", "gaussHermite(5)", "gaussHermite(12)", "disc(0.5, 5.25)"])
def test_rules_give_the_moments_of_a_standard_normal(javascript: JavaScript, nodes: str) -> None:
    found = javascript.evaluate(
        f"""async () => {{ const {{ gaussHermite, disc }} = await import("/assets/maths/quadrature.js");
        return {nodes}.map(({{ epsilon, weight }}) => [...epsilon, weight]); }}"""
    )
    x, y, weight = np.array(found).T
    expected = {(0, 0): 1, (1, 0): 0, (2, 0): 1, (0, 4): 3, (2, 2): 1, (3, 1): 0, (2, 4): 3, (6, 0): 15}
    for (a, b), moment in expected.items():
        assert (weight * x**a * y**b).sum() == pytest.approx(moment, abs=2e-2 if "disc" in nodes else 1e-9)


@pytest.mark.parametrize(
    ("run", "likelihood"), [("elbo", "bernoulli"), ("conv", "continuous-bernoulli"), ("full", "gaussian")]
)
def test_every_likelihood_is_torch_s(
    javascript: JavaScript, run: str, likelihood: str, runs: Path, run_file: RunFile
) -> None:
    model = checkpoint.load_model(runs / run)
    assert model.spec.likelihood == likelihood
    torch.manual_seed(0)
    z = 2 * torch.randn(22, model.spec.latent_dim)
    x = torch.rand(1, *model.spec.image_shape)
    with torch.no_grad():
        expected = -model.reconstruction(x.expand(22, -1, -1, -1), z)
    body = """
      const likelihood = await load(argument.url, argument.x);
      const logits = argument.z.map((z) => Float32Array.from(likelihood.decoder.logits(z)));
      return [
        argument.z.map((z) => likelihood.at(z)),
        [...likelihood.atEach(argument.z)],
        logits.map((values) => likelihood.ofLogits(values)),
      ];
    """
    argument = {"url": run_file(runs / run, "decoder"), "x": x.flatten().tolist(), "z": z.tolist()}
    for found in _run(javascript, body, argument):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-3)


def test_a_gaussian_is_torch_s(javascript: JavaScript) -> None:
    covariance = torch.tensor([[0.5, -0.3], [-0.3, 0.4]], dtype=torch.double)
    mu = torch.tensor([0.7, -1.1], dtype=torch.double)
    q = MultivariateNormal(mu, covariance)
    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    body = """
      const q = Gaussian.of([0.7, -1.1], [0.5, -0.3, 0.4]);
      const [a, b, c, d, e] = q.parameters();
      const diagonal = q.diagonal();
      return { kl: q.kl(), z: q.z([1.3, -0.4]), log: q.logDensity([1.3, -0.4]), back: q.covariance(),
        again: new Gaussian([a, b], [c, d], e).covariance(), diagonal: [...diagonal.radii, diagonal.angle] };
    """
    found = _run(javascript, body)
    assert found["kl"] == pytest.approx(kl_divergence(q, prior).item())
    assert found["log"] == pytest.approx(q.log_prob(torch.tensor(found["z"], dtype=torch.double)).item())
    np.testing.assert_allclose(found["back"], [0.5, -0.3, 0.4])
    np.testing.assert_allclose(found["again"], [0.5, -0.3, 0.4], rtol=1e-4)
    # Of all diagonal Gaussians of that mean, none is nearer in KL from it to q.
    *radii, angle = found["diagonal"]
    assert angle == 0
    nearest = kl_divergence(MultivariateNormal(mu, torch.diag(torch.tensor(radii).double() ** 2)), q)
    for change in ([1.05, 1], [0.95, 1], [1, 1.05], [1, 0.95]):
        other = MultivariateNormal(mu, torch.diag((torch.tensor(radii) * torch.tensor(change)).double() ** 2))
        assert kl_divergence(other, q) > nearest


def test_without_a_correlation_the_axes_keep_their_order(javascript: JavaScript) -> None:
    found = _run(javascript, "const q = Gaussian.of([0, 0], [0.01, 0, 4]); return [...q.radii, q.angle];")
    np.testing.assert_allclose(found, [0.1, 2, 0])


@pytest.mark.parametrize("index", [0, 450])
def test_eq_10_closes_and_each_part_is_right(javascript: JavaScript, run_file: RunFile, index: int) -> None:
    """ELBO and gap as by torch, for the encoder's q and for one that is far off; with log p(x) they make Eq. 10."""
    model, x = checkpoint.load_model(SHIPPED / "elbo"), _image(index)
    posterior = true_posterior(model, x)
    with torch.no_grad():
        mu, log_var = model.encode(x)
    encoder = [*mu[0].tolist(), *torch.exp(0.5 * log_var)[0].tolist(), 0.0]
    evidence = log_evidence(model, x, encoder)
    assert posterior.log_evidence == pytest.approx(evidence, abs=0.05)
    body = """
      const likelihood = await load(argument.url, argument.x);
      return argument.qs.map(([x, y, a, b, angle]) => {
        const q = new Gaussian([x, y], [a, b], angle);
        const { elbo: live } = elbo.terms(q, likelihood);
        const fine = finish(elbo.fineTerms(q, likelihood));
        return { live, ...fine, gap: finish(elbo.gap(q, likelihood, argument.normaliser)) };
      });
    """
    wide = [encoder[0] + 0.02, encoder[1], 2 * encoder[2], 1.5 * encoder[3], 0.4]
    argument = {"x": x.flatten().tolist(), "qs": [encoder, wide], "normaliser": posterior.log_normaliser}
    argument["url"] = run_file(SHIPPED / "elbo", "decoder")
    for q, found in zip(argument["qs"], _run(javascript, body, argument), strict=True):
        gap, elbo = gap_and_elbo(model, x, q, evidence)
        assert found["elbo"] == pytest.approx(elbo, abs=0.05)
        assert found["gap"] == pytest.approx(gap, abs=0.1)
        assert found["elbo"] == pytest.approx(-found["reconstruction"] - found["kl"])
        assert found["live"] == pytest.approx(found["elbo"], abs=0.05 * found["gap"] + 0.05)


@pytest.mark.parametrize("full", [False, True])
def test_the_ascent_ends_where_adam_does(javascript: JavaScript, run_file: RunFile, full: bool) -> None:
    model, x = checkpoint.load_model(SHIPPED / "elbo"), _image(17)
    for weight in model.parameters():
        weight.requires_grad_(False)
    mu, log_var = model.encode(x)
    start = [*mu[0].tolist(), *torch.exp(0.5 * log_var)[0].tolist(), 0.0]
    body = """
      const likelihood = await load(argument.url, argument.x);
      const [x, y, a, b, angle] = argument.start;
      const ascent = new elbo.Ascent(new Gaussian([x, y], [a, b], angle), likelihood, argument.full);
      const elbos = [ascent.current.elbo];
      while (!ascent.done) { ascent.step(); elbos.push(ascent.current.elbo); }
      const { mu, radii, angle: turned } = ascent.current.q;
      const { elbo: best } = finish(elbo.fineTerms(ascent.current.q, likelihood));
      return { elbos, angle: turned, best, q: [...mu, ...radii] };
    """
    argument = {"x": x.flatten().tolist(), "start": start, "full": full}
    found = _run(javascript, body, {**argument, "url": run_file(SHIPPED / "elbo", "decoder")})
    assert (np.diff(found["elbos"]) >= 0).all()
    assert len(found["elbos"]) < 120
    assert full or found["angle"] == 0
    line, weights = np.polynomial.hermite_e.hermegauss(6)
    nodes = torch.tensor([[a, b] for a in line for b in line], dtype=torch.float32)
    weight = torch.tensor(np.outer(weights, weights).ravel() / weights.sum() ** 2, dtype=torch.float32)
    mean = mu[0].clone().requires_grad_()
    diagonal = (0.5 * log_var[0]).clone().requires_grad_()
    below = torch.zeros(1, requires_grad=True)
    adam = torch.optim.Adam([mean, diagonal, *([below] if full else [])], lr=0.02)
    for step in range(150):
        for group in adam.param_groups:
            group["lr"] = 0.02 * (1 - step / 150)
        factor = torch.stack(
            [torch.stack([diagonal[0].exp(), torch.zeros(())]), torch.stack([below[0], diagonal[1].exp()])]
        )
        z = mean + nodes @ factor.T
        joint = -model.reconstruction(x.expand(len(z), -1, -1, -1), z) - 0.5 * z.square().sum(1)
        best = (weight * joint).sum() + diagonal.sum() + 1
        adam.zero_grad()
        (-best).backward()
        adam.step()
    assert found["best"] == pytest.approx(best.item(), abs=0.05)
    assert found["best"] > found["elbos"][0] - 0.01


def test_contours_lie_on_their_level(javascript: JavaScript) -> None:
    rows, columns = 40, 60
    y, x = np.mgrid[:rows, :columns]
    radius = np.hypot(x - 30, y - 18)
    window = {"rows": rows, "columns": columns, "values": (-radius).ravel().tolist()}
    contour = "async ([window, level]) => (await import('/assets/run/true_posterior.js')).contour(window, level)"
    path = javascript.evaluate(contour, [window, -12.3])
    points = np.array([[float(v) for v in part.split()] for part in path.replace("L", "M").split("M") if part])
    assert len(points) > 80
    distance = np.hypot(points[:, 0] * columns - 0.5 - 30, points[:, 1] * rows - 0.5 - 18)
    np.testing.assert_allclose(distance, 12.3, atol=0.05)
    assert javascript.evaluate(contour, [window, 5]) == ""


def test_jensen_s_gap_is_that_of_the_two_values(javascript: JavaScript) -> None:
    for spread in (0, 0.3, 0.99):
        found = javascript.evaluate(
            "async (spread) => (await import('/assets/pages/probability/jensen.js')).jensenGap(spread)", spread
        )
        assert found == pytest.approx(math.log(1) - np.mean(np.log([1 - spread, 1 + spread])), abs=1e-12)
