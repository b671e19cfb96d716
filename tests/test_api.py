"""Runs in Python: against torch's own model and distributions, the browser's paths, and the wrong shapes."""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch.distributions import Bernoulli, Independent, MultivariateNormal, Normal

from explorer.api import OpenRun, interpolate, open_run
from tests.contents import contents_of
from tests.javascript import JavaScript
from tests.server import ROOT
from training import checkpoint
from training.checkpoint import CheckpointError
from training.columns import Column

MNIST = ROOT / "checkpoints" / "mnist"


@pytest.fixture(scope="module")
def elbo() -> OpenRun:
    return open_run(MNIST / "elbo")


@pytest.fixture(scope="module")
def binary() -> OpenRun:
    return open_run(str(MNIST / "elbo-binary"))


def test_encode_and_decode_are_the_model_s_own(elbo: OpenRun) -> None:
    x = elbo.images()[:20]
    assert (x.dtype, x.shape, x.min(), x.max()) == (np.float32, (20, 1, 28, 28), 0, 1)
    mu, sigma = elbo.encode(x)
    stored = elbo.latents()
    np.testing.assert_allclose(mu, stored["mu"][:20], atol=2e-3)  # stored in half precision
    np.testing.assert_allclose(sigma, np.exp(stored["log_var"][:20] / 2), rtol=5e-3)
    model = checkpoint.load_model(MNIST / "elbo")
    with torch.no_grad():
        expected = torch.sigmoid(model.decode(torch.from_numpy(mu)))
    np.testing.assert_allclose(elbo.decode(mu), expected, atol=1e-6)


def test_a_full_covariance_gives_its_cholesky_factor_and_a_code_no_spread() -> None:
    full = open_run(MNIST / "elbo-full-covariance")
    spread = full.encode(full.images()[:5]).spread
    np.testing.assert_allclose(spread, full.latents()["scale_tril"][:5], atol=2e-3)
    code = open_run(MNIST / "autoencoder")
    assert not code.encode(code.images()[:5]).spread.any()


def test_log_evidence_is_what_simple_monte_carlo_finds(binary: OpenRun) -> None:
    x = binary.images()[:3]
    assert set(np.unique(x)) == {0, 1}
    found = binary.log_evidence(x)
    model, generator = checkpoint.load_model(MNIST / "elbo-binary"), torch.Generator().manual_seed(3)
    for image, value in zip(torch.from_numpy(x), found, strict=True):
        # Draws from a wide normal around mu, so that the weights stay bounded.
        mu = torch.from_numpy(binary.encode(image[None].numpy()).mu[0])
        wide = MultivariateNormal(mu, 0.5 * torch.eye(2))
        z = mu + 0.5**0.5 * torch.randn(40_000, 2, generator=generator)
        with torch.no_grad():
            likelihood = Independent(Bernoulli(logits=model.decode(z)), 3).log_prob(image.expand(len(z), -1, -1, -1))
        weights = likelihood + Independent(Normal(torch.zeros(2), torch.ones(2)), 1).log_prob(z) - wide.log_prob(z)
        assert value == pytest.approx(torch.logsumexp(weights, 0).item() - np.log(len(z)), abs=0.06)


def test_the_bound_of_many_draws_is_near_and_there_for_every_dimension(binary: OpenRun) -> None:
    x = binary.images()[:40]
    gap = binary.log_evidence(x) - binary.log_evidence(x, draws=500)
    assert gap.mean() > -0.05
    assert np.median(np.abs(gap)) < 0.2  # a few images have a second mode that q(z|x) does not see
    wide = open_run(MNIST / "elbo-16d")
    assert wide.log_evidence(wide.images()[:4], draws=10).shape == (4,)


def test_a_conditional_run_is_asked_with_classes() -> None:
    run = open_run(MNIST / "elbo-conditional")
    x, label = run.images()[:12], run.latents()["label"][:12]
    np.testing.assert_allclose(run.encode(x, label).mu, run.latents()["mu"][:12], atol=2e-3)
    by_one = [run.log_evidence(x[i : i + 1], int(label[i]))[0] for i in range(3)]
    np.testing.assert_allclose(run.log_evidence(x[:3], label[:3]), by_one, atol=1e-3)
    sevens = run.sample(4, y=7, seed=2)
    assert not np.allclose(sevens.images, run.decode(sevens.z, y=1))
    np.testing.assert_array_equal(sevens.images, run.decode(sevens.z, y=[7] * 4))


def test_samples_are_of_the_prior_and_repeat_themselves(elbo: OpenRun) -> None:
    z, images = elbo.sample(4000, seed=5)
    np.testing.assert_allclose([z.mean(), z.std()], [0, 1], atol=0.04)
    np.testing.assert_array_equal(images, elbo.decode(elbo.sample(4000, seed=5).z))
    assert not np.array_equal(z, elbo.sample(4000, seed=6).z)
    # Of a learned prior, its own draws: the mixture is wider or narrower than N(0, I) somewhere.
    mixture = open_run(MNIST / "elbo-mixture-prior")
    model = checkpoint.load_model(MNIST / "elbo-mixture-prior")
    np.testing.assert_array_equal(mixture.sample(50, seed=1).z, model.draw_prior(50, 1).numpy())


@pytest.mark.parametrize("dim", [2, 5])
def test_paths_are_those_of_the_interpolate_page(dim: int, javascript: JavaScript) -> None:
    rng = np.random.default_rng(dim)
    a, b = rng.normal(size=(2, dim))
    source = """
    async ({ a, b, ts }) => {
      const { linear, spherical } = await import("/assets/maths/paths.js");
      return [linear, spherical].map((path) => ts.map(path(a, b)).map((z) => Array.from(z)));
    }
    """
    straight, spherical = javascript.evaluate(
        source, {"a": a.tolist(), "b": b.tolist(), "ts": np.linspace(0, 1, 7).tolist()}
    )
    np.testing.assert_allclose(interpolate(a, b, 7), straight, atol=1e-6)
    np.testing.assert_allclose(interpolate(a, b, 7, "spherical"), spherical, atol=1e-6)


def test_the_frame_has_the_numbers_names_and_columns_of_each_image(checkpoints: Path) -> None:
    folder = checkpoints / "digits" / "elbo"
    count = len(checkpoint.load_latents(folder)["label"])
    size = np.arange(count, dtype=np.float32)
    kind = (np.arange(count) % 3 - 1).astype(np.int32)
    columns = {"size": Column(size), "kind": Column(kind, ("square", "heart"))}
    checkpoint.write_checkpoint(folder, checkpoint.Contents(**(vars(contents_of(folder)) | {"columns": columns})))
    run = open_run(folder)
    frame, latents = run.frame(), run.latents()
    assert list(frame) == ["label", "z1", "z2", "reconstruction", "kl", "size", "kind"]
    np.testing.assert_array_equal(frame[["z1", "z2"]], latents["mu"])
    np.testing.assert_array_equal(frame["kl"], latents["kl"])
    assert list(frame["label"]) == [run.classes[number] for number in latents["label"]]
    assert list(frame["kind"][1:3]) == ["square", "heart"]
    assert pd.isna(frame["kind"][0])


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda run: run.encode(np.zeros((28, 28))), r"x: shape \(28, 28\), expected \(N, 1, 28, 28\)"),
        (lambda run: run.encode(np.full((1, 1, 28, 28), 255)), r"x: from 255 to 255, expected pixels in \[0, 1\]"),
        (lambda run: run.log_evidence(np.zeros((2, 784))), r"x: shape \(2, 784\), expected \(N, 1, 28, 28\)"),
        (lambda run: run.decode([0.0, 0.0]), r"z: shape \(2,\), expected \(N, 2\)"),
        (lambda run: run.decode([[0.0, np.nan]]), "z: holds numbers that are not finite"),
        (lambda run: run.decode([[0.0, 0.0]], y=3), "y: this run takes no class"),
        (lambda run: run.sample(0), "count=0: expected at least 1"),
        (lambda run: run.log_evidence(np.zeros((1, 1, 28, 28)), draws=0), "draws=0: expected at least 1, .+"),
        (lambda _: open_run(MNIST / "elbo-16d").log_evidence(np.zeros((1, 1, 28, 28))), ".+ give draws=5000"),
        (lambda _: open_run(MNIST / "elbo-conditional").sample(1), "y: this run is conditional, give it classes"),
        (lambda _: open_run(MNIST / "elbo-conditional").sample(2, y=[1]), r"y: int64 \(1,\), expected whole .+"),
        (lambda _: open_run(MNIST / "elbo-conditional").sample(1, y=10), "y: from 10 to 10, expected .+ 0 to 9"),
        (lambda _: interpolate([0, 0], [1, 1, 1]), r"start \(2,\), end \(3,\): expected two finite codes \(D,\)"),
        (lambda _: interpolate([0, 0], [1, 1], steps=1), "steps=1: expected at least 2"),
        (lambda _: interpolate([0, 1], [1, 1], path="round"), "path='round': expected 'straight' or 'spherical'"),
        (lambda _: interpolate([0, 1], [0, -2], path="spherical"), "start and end lie opposite each other: .+"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(ask: Any, line: str, elbo: OpenRun) -> None:
    with pytest.raises(ValueError, match=f"^{line}$") as refused:
        ask(elbo)
    assert "\n" not in str(refused.value)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json"):
        open_run(tmp_path)


def test_the_cells_of_the_documents_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "tasks" / "notebook.md").read_text(encoding="utf-8")
    (cell,) = (code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "open_run(" in code)
    made: dict[str, Any] = {}
    exec(cell, made)  # noqa: S102 (our own)
    told = re.findall(r"^([\w, ]+) = .*# .*?(\(\d[\d, ]*\))", cell, re.MULTILINE)
    for names, shape in told:
        assert str(made[names.split(",")[0].strip()].shape) == shape, names
    assert len(told) == 5
    assert made["log_p"].shape == (5,)


def test_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    for name in [name for name in os.environ if name.startswith("EXPLORER_")]:
        monkeypatch.delenv(name)
    made = runpy.run_path("examples/notebook.py")
    assert made["x_hat"].shape == (100, 1, 28, 28)
    assert (made["film"].shape, made["drawn"].shape) == ((9, 1, 28, 28), (16, 1, 28, 28))
    # The ELBO, a mean over draws of z, is a bound in the mean.
    assert 0 < made["log_p"].mean() - made["elbo"].mean() < 20
    assert "log p(x)" in capsys.readouterr().out
