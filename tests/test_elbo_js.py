"""The mathematics of the Probability page in the browser, against torch, scipy and closed forms."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page
from torch.distributions import MultivariateNormal, kl_divergence

from tests.server import ROOT, serve
from training import checkpoint
from training.measure.true_posterior import true_posterior
from training.options import FitOptions
from training.run import fit

SHIPPED = ROOT / "checkpoints" / "mnist"

LOAD = """
  const load = async (run, pixels) => {
    const { fetchSafetensors } = await import("/assets/network/safetensors.js");
    const { Decoder } = await import("/assets/network/decoder.js");
    const { LogLikelihood } = await import("/assets/network/log_likelihood.js");
    const { tensors, metadata } = await fetchSafetensors(`/runs/${run}/decoder`);
    return new LogLikelihood(new Decoder(tensors, metadata), pixels);
  };
  const finish = (job) => { for (;;) { const { done, value } = job.next(); if (done) return value; } };
  const { Gaussian } = await import("/assets/maths/gaussian.js");
  const elbo = await import("/assets/maths/elbo.js");
"""


@pytest.fixture(scope="module")
def runs(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small runs, one with a full covariance and Gaussian pixels, and two of the shipped ones."""
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
    (root / "mnist").mkdir()
    for name in ("elbo", "gallery.safetensors"):
        (root / "mnist" / name).symlink_to(SHIPPED / name)
    return root


@pytest.fixture(scope="module")
def app(runs: Path) -> Iterator[str]:
    with serve(runs) as address:
        yield address


@pytest.fixture
def page(app: str, browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"{app}/assets/dom/icon.svg")
    yield page
    page.close()


def _run(page: Page, body: str, argument: Any = None) -> Any:
    return page.evaluate(f"async (argument) => {{ {LOAD} {body} }}", argument)


def _image(index: int) -> torch.Tensor:
    images = checkpoint.load_gallery(SHIPPED / "gallery.safetensors")["images"]
    return torch.from_numpy(images[index : index + 1]).float() / 255


@pytest.mark.parametrize("nodes", ["gaussHermite(4)", "gaussHermite(5)", "gaussHermite(12)", "disc(0.5, 5.25)"])
def test_rules_give_the_moments_of_a_standard_normal(page: Page, nodes: str) -> None:
    found = page.evaluate(
        f"""async () => {{ const {{ gaussHermite, disc }} = await import("/assets/maths/quadrature.js");
        return {nodes}.map(({{ epsilon, weight }}) => [...epsilon, weight]); }}"""
    )
    x, y, weight = np.array(found).T
    expected = {(0, 0): 1, (1, 0): 0, (2, 0): 1, (0, 4): 3, (2, 2): 1, (3, 1): 0, (2, 4): 3, (6, 0): 15}
    for (a, b), moment in expected.items():
        assert (weight * x**a * y**b).sum() == pytest.approx(moment, abs=2e-2 if "disc" in nodes else 1e-9)


@pytest.mark.parametrize("run", ["digits/elbo", "digits/conv", "digits/full"])
def test_every_likelihood_is_torch_s(page: Page, run: str, runs: Path) -> None:
    model = checkpoint.load_model(runs / run)
    torch.manual_seed(0)
    z = 2 * torch.randn(22, model.spec.latent_dim)
    x = torch.rand(1, *model.spec.image_shape)
    with torch.no_grad():
        expected = -model.reconstruction(x.expand(22, -1, -1, -1), z)
    body = """
      const likelihood = await load(argument.run, argument.x);
      return [argument.z.map((z) => likelihood.at(z)), Array.from(likelihood.atEach(argument.z))];
    """
    one_by_one, four_at_a_time = _run(page, body, {"run": run, "x": x.flatten().tolist(), "z": z.tolist()})
    np.testing.assert_allclose(one_by_one, expected, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(four_at_a_time, expected, rtol=1e-5, atol=1e-3)


def test_a_gaussian_is_torch_s(page: Page) -> None:
    covariance = torch.tensor([[0.5, -0.3], [-0.3, 0.4]], dtype=torch.double)
    mu = torch.tensor([0.7, -1.1], dtype=torch.double)
    q = MultivariateNormal(mu, covariance)
    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    body = """
      const q = Gaussian.of([0.7, -1.1], [0.5, -0.3, 0.4]);
      const [a, b, c, d, e] = q.text().split(",").map(Number);
      const diagonal = q.diagonal();
      return { kl: q.kl(), z: q.z([1.3, -0.4]), log: q.logDensity([1.3, -0.4]), back: q.covariance(),
        text: new Gaussian([a, b], [c, d], e).covariance(), diagonal: [...diagonal.radii, diagonal.angle] };
    """
    found = _run(page, body)
    assert found["kl"] == pytest.approx(kl_divergence(q, prior).item())
    assert found["log"] == pytest.approx(q.log_prob(torch.tensor(found["z"], dtype=torch.double)).item())
    np.testing.assert_allclose(found["back"], [0.5, -0.3, 0.4])
    np.testing.assert_allclose(found["text"], [0.5, -0.3, 0.4], rtol=1e-4)
    # Of all diagonal Gaussians of that mean, none is nearer in KL from it to q.
    *radii, angle = found["diagonal"]
    assert angle == 0
    nearest = kl_divergence(MultivariateNormal(mu, torch.diag(torch.tensor(radii).double() ** 2)), q)
    for change in ([1.05, 1], [0.95, 1], [1, 1.05], [1, 0.95]):
        other = MultivariateNormal(mu, torch.diag((torch.tensor(radii) * torch.tensor(change)).double() ** 2))
        assert kl_divergence(other, q) > nearest


def test_without_a_correlation_the_axes_keep_their_order(page: Page) -> None:
    found = _run(page, "const q = Gaussian.of([0, 0], [0.01, 0, 4]); return [...q.radii, q.angle];")
    np.testing.assert_allclose(found, [0.1, 2, 0])


@pytest.mark.parametrize("index", [0, 450])
def test_eq_10_closes_and_each_part_is_right(page: Page, app: str, index: int) -> None:
    """ELBO against 6,000 draws in torch; log p(x) = gap + ELBO, for the encoder's q and for one that is far off."""
    model, x = checkpoint.load_model(SHIPPED / "elbo"), _image(index)
    answer = page.request.get(f"{app}/laboratory/mnist/elbo/posterior?v=1&image={index}")
    header = answer.body()[8 : 8 + int.from_bytes(answer.body()[:8], "little")]
    facts = json.loads(json.loads(header)["__metadata__"]["facts"])
    assert facts["log_evidence"] == pytest.approx(true_posterior(model, x).log_evidence, abs=1e-6)
    with torch.no_grad():
        mu, log_var = model.encode(x)
    encoder = [*mu[0].tolist(), *torch.exp(0.5 * log_var)[0].tolist(), 0.0]
    body = """
      const likelihood = await load("mnist/elbo", argument.x);
      return argument.qs.map(([x, y, a, b, angle]) => {
        const q = new Gaussian([x, y], [a, b], angle);
        const { elbo: live } = elbo.terms(q, likelihood);
        const fine = finish(elbo.fineTerms(q, likelihood));
        return { live, ...fine, gap: finish(elbo.gap(q, likelihood, argument.normaliser)) };
      });
    """
    wide = [encoder[0] + 0.02, encoder[1], 2 * encoder[2], 1.5 * encoder[3], 0.4]
    argument = {"x": x.flatten().tolist(), "qs": [encoder, wide], "normaliser": facts["log_normaliser"]}
    generator = torch.Generator().manual_seed(0)
    for (a, b, first, second, angle), found in zip(argument["qs"], _run(page, body, argument), strict=True):
        turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        factor = turn * torch.tensor([first, second])
        z = torch.tensor([a, b]) + torch.randn(6_000, 2, generator=generator) @ factor.T
        with torch.no_grad():
            lost = model.reconstruction(x.expand(len(z), -1, -1, -1), z)
        assert found["reconstruction"] == pytest.approx(
            lost.mean().item(), abs=5 * lost.std().item() / 6_000**0.5 + 0.01
        )
        assert abs(facts["log_evidence"] - found["gap"] - found["elbo"]) <= 0.1
        assert found["gap"] > 0
        assert found["live"] == pytest.approx(found["elbo"], abs=0.05 * found["gap"] + 0.05)


@pytest.mark.parametrize("full", [False, True])
def test_the_ascent_ends_where_adam_does(page: Page, full: bool) -> None:
    model, x = checkpoint.load_model(SHIPPED / "elbo"), _image(17)
    for weight in model.parameters():
        weight.requires_grad_(False)
    mu, log_var = model.encode(x)
    start = [*mu[0].tolist(), *torch.exp(0.5 * log_var)[0].tolist(), 0.0]
    body = """
      const likelihood = await load("mnist/elbo", argument.x);
      const [x, y, a, b, angle] = argument.start;
      const ascent = new elbo.Ascent(new Gaussian([x, y], [a, b], angle), likelihood, argument.full);
      const elbos = [ascent.at.elbo];
      while (!ascent.done) { ascent.step(); elbos.push(ascent.at.elbo); }
      const { mu, radii, angle: turned } = ascent.at.q;
      return { elbos, angle: turned, best: finish(elbo.fineTerms(ascent.at.q, likelihood)).elbo, q: [...mu, ...radii] };
    """
    found = _run(page, body, {"x": x.flatten().tolist(), "start": start, "full": full})
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


def test_contours_lie_on_their_level(page: Page) -> None:
    rows, columns = 40, 60
    y, x = np.mgrid[:rows, :columns]
    radius = np.hypot(x - 30, y - 18)
    window = {"rows": rows, "columns": columns, "values": (-radius).ravel().tolist()}
    path = page.evaluate(
        'async (window) => (await import("/assets/run/true_posterior.js")).contour(window, -12.3)', window
    )
    points = np.array([[float(v) for v in part.split()] for part in path.replace("L", "M").split("M") if part])
    assert len(points) > 80
    distance = np.hypot(points[:, 0] * columns - 0.5 - 30, points[:, 1] * rows - 0.5 - 18)
    np.testing.assert_allclose(distance, 12.3, atol=0.05)
    assert (
        page.evaluate('async (window) => (await import("/assets/run/true_posterior.js")).contour(window, 5)', window)
        == ""
    )


def test_jensen_s_gap_is_that_of_the_two_values(page: Page) -> None:
    for spread in (0, 0.3, 0.99):
        found = page.evaluate('async (s) => (await import("/assets/pages/probability/jensen.js")).jensenGap(s)', spread)
        assert found == pytest.approx(math.log(1) - np.mean(np.log([1 - spread, 1 + spread])), abs=1e-12)
