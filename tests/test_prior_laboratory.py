"""Fitted priors on the Prior page: densities on the plane against scipy and torch, what the page is given and shows."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from explorer import fitted_priors, loader
from tests.javascript import JavaScript
from tests.opener import opener, wait_for_address
from tests.server import serve
from training import checkpoint
from training.measure.fitted_priors import fit_priors
from training.measure.prior_files import PRIORS_FILE, load_fitted_priors


@pytest.fixture(scope="module")
def root(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of which one in two dimensions, and one in three, have fitted priors."""
    root = Path(shutil.copytree(trained, tmp_path_factory.mktemp("laboratory") / "checkpoints"))
    fit_priors(root / "digits" / "elbo", (1, 5, 40))
    fit_priors(root / "digits" / "conv", (3,))
    return root


OVER = """async ({parts, box, side, points, line}) => {
  const {PlaneMixture} = await import("/assets/maths/plane_mixture.js");
  const mixture = new PlaneMixture(parts, line);
  const {values, levels} = mixture.over(box, side);
  return {values: Array.from(values), levels, at: points.map((point) => mixture.logDensity(point))};
}"""


def test_a_mixture_s_density_on_the_plane_is_scipys(javascript: JavaScript) -> None:
    rng = np.random.default_rng(0)
    weight, mean = rng.dirichlet(np.ones(4)), rng.standard_normal((4, 2))
    factors = np.tril(rng.standard_normal((4, 2, 2))) * 0.3 + 0.4 * np.eye(2)
    covs = factors @ factors.transpose(0, 2, 1)

    def exact(points: np.ndarray) -> np.ndarray:
        each = [multivariate_normal(m, c).logpdf(points) for m, c in zip(mean, covs, strict=True)]
        return np.asarray(logsumexp(np.array(each) + np.log(weight)[:, None], axis=0))

    points = 2 * rng.standard_normal((50, 2))
    parts = {
        "logWeight": np.log(weight).tolist(),
        "mean": mean.ravel().tolist(),
        "cov": covs[:, [0, 0, 1], [0, 1, 1]].ravel().tolist(),
    }
    side, box = 200, [-5.0, -5.0, 5.0, 5.0]
    given = {"parts": parts, "box": box, "side": side, "points": points.tolist(), "line": False}
    found = javascript.evaluate(OVER, given)
    np.testing.assert_allclose(found["at"], exact(points), atol=1e-9)
    within = 4  # places along each axis of a cell, over which its density is averaged
    centers = -5 + 10 * (np.arange(side * within) + 0.5) / (side * within)
    grid = np.stack(np.meshgrid(centers, centers), axis=-1).reshape(-1, 2)
    cells = np.exp(exact(grid)).reshape(side, within, side, within).mean(axis=(1, 3)).ravel()
    expected = np.log(cells / cells.max())
    shown = expected > -10
    np.testing.assert_allclose(np.array(found["values"])[shown], expected[shown], atol=0.02)
    density = np.exp(expected)
    for share, level in zip((0.5, 0.9, 0.99), found["levels"], strict=True):
        assert density[expected >= level].sum() / density.sum() == pytest.approx(share, abs=0.01)


def test_gaussians_far_narrower_than_a_cell_are_seen(javascript: JavaScript) -> None:
    parts = {"logWeight": [math.log(0.5)] * 2, "mean": [0.013, 0.021, 3.1, -2.2], "cov": [1e-8, 0, 1e-8] * 2}
    given = {"parts": parts, "box": [-5, -5, 5, 5], "side": 50, "points": [], "line": False}
    values = np.array(javascript.evaluate(OVER, given)["values"]).reshape(50, 50)
    for x, y in ((0.013, 0.021), (3.1, -2.2)):
        assert values[int((y + 5) / 0.2), int((x + 5) / 0.2)] > -3


COMPARED = """async ({decoder, latents, gaussians, points}) => {
  const {LatentSpace} = await import("/assets/run/latent_space.js");
  const {Random} = await import("/assets/maths/normal.js");
  const {aggregatePosterior, fittedMixture, ownPrior} = await import("/assets/run/fitted_prior.js");
  const space = await LatentSpace.fetch({decoder, latents});
  const random = new Random(1);
  return [ownPrior(space), fittedMixture(space, gaussians), aggregatePosterior(space)].map(({drawing, plane}) => ({
    at: points.map((point) => plane.logDensity(point)),
    drawn: Array.from({length: 4000}, () => Array.from(drawing.draw(random, space.dim))),
  }));
}"""


@pytest.mark.parametrize("name", ["elbo", "conv"])
def test_priors_of_a_run_have_torchs_density_on_the_plane_and_its_moments(
    root: Path, name: str, javascript: JavaScript, run_file: Callable[[Path, loader.Part], str]
) -> None:
    run = root / "digits" / name
    latents = checkpoint.load_latents(run)
    row = load_fitted_priors(run.parent / PRIORS_FILE)[name]["priors"][1]
    rng = np.random.default_rng(0)
    points = rng.standard_normal((20, 2))
    found = javascript.evaluate(
        COMPARED,
        {
            "decoder": run_file(run, "decoder"),
            "latents": run_file(run, "latents"),
            "gaussians": row["gaussians"],
            "points": points.tolist(),
        },
    )
    dim = latents["mu"].shape[1]
    basis = latents.get("pca_components", np.eye(dim)).astype(float)
    origin = latents.get("pca_mean", np.zeros(dim)).astype(float)
    fitted = {key: np.array(value) for key, value in row["gaussians"].items()}
    spread = checkpoint.spread(latents)
    assert spread is not None
    mixtures = [
        (np.zeros(1), np.zeros((1, dim)), np.ones((1, dim))),
        (fitted["logits"], fitted["mean"], np.exp(fitted["log_var"] / 2)),
        (np.zeros(len(spread)), latents["mu"], spread),
    ]
    for (logits, mean, scale), ours in zip(mixtures, found, strict=True):
        log_weight = logits - logsumexp(logits)
        each = [
            multivariate_normal(basis @ (m - origin), basis @ np.diag(s.astype(float) ** 2) @ basis.T).logpdf(points)
            for m, s in zip(mean, scale, strict=True)
        ]
        expected = logsumexp(np.array(each) + log_weight[:, None], axis=0)
        np.testing.assert_allclose(ours["at"], expected, atol=2e-3)
        torchs = MixtureSameFamily(
            Categorical(logits=torch.from_numpy(log_weight)),
            Independent(Normal(torch.from_numpy(mean).double(), torch.from_numpy(scale).double()), 1),
        )
        drawn = np.array(ours["drawn"])
        error = (torchs.variance / len(drawn)).sqrt().numpy()
        assert (np.abs(drawn.mean(axis=0) - torchs.mean.numpy()) < 5 * error).all()
        np.testing.assert_allclose(drawn.var(axis=0), torchs.variance.numpy(), rtol=0.2)


def test_what_the_page_is_given(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = Path(shutil.copytree(root, tmp_path / "with 'quotes'"))
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(copy))

    def given(name: str) -> dict[str, Any]:
        run = loader.catalog().find("digits", name)
        assert run
        return fitted_priors.of_run(run)

    file = copy / "digits" / PRIORS_FILE
    kept = load_fitted_priors(file)["elbo"]
    found = given("elbo")
    assert found["priors"] == kept["priors"]
    assert (found["images"], found["judged"], found["why"]) == (kept["fitted_images"], kept["judged_images"], "")
    none = given("kl")
    assert none["priors"] is None
    assert str(none["command"]).startswith("python -m training fit-prior '")
    assert str(none["command"]).endswith("/digits/kl'")
    assert (given("autoencoder")["command"], "without noise" in str(given("autoencoder")["why"])) == (None, True)
    for name, priors, why in (("elbo", kept["priors"], ""), ("kl", None, "No priors had been fitted")):
        taken = fitted_priors.exported(given(name))
        assert (taken["priors"], taken["command"]) == (priors, None)
        assert taken["why"].startswith(why)
        assert str(copy) not in json.dumps(taken)
    whole = file.read_text()
    content = json.loads(whole)
    del content["seal"]
    content["runs"]["elbo"]["version"] = "0" * 12
    file.write_text(json.dumps({**content, "format_version": 1}))
    assert "made anew since" in str(given("elbo")["why"])
    file.write_text(whole.replace('"seed": 0', '"seed": 1'))
    damaged = given("elbo")
    assert damaged["priors"] is None
    assert "seal differs" in str(damaged["why"])
    assert "\n" not in str(damaged["why"])


def test_one_slider_from_few_gaussians_to_the_aggregate_and_what_to_do_without_any(
    root: Path, browser: Browser
) -> None:
    rows = load_fitted_priors(root / "digits" / PRIORS_FILE)["elbo"]["priors"]
    with serve(root) as address, opener(browser, address) as open_it:
        page = open_it("prior?run=elbo&view=fitted&fit=5")
        plane, table = page.get_by_test_id("prior-plane"), page.get_by_test_id("prior-figures")
        expect(plane).to_have_attribute("data-painted", "5")
        expect(page.get_by_test_id("prior-fit-value")).to_have_text("5")
        expect(table).to_contain_text(f"{rows[2]['log_evidence']:.2f} nats".replace("-", "−"))
        expect(table).to_contain_text(f"{rows[0]['log_evidence']:.2f} nats".replace("-", "−"))
        for samples in ("prior-lab-samples-0", "prior-lab-samples-1"):
            expect(page.get_by_test_id(samples)).to_have_attribute("data-complete", "true")
        expect(plane.locator(".lx-own-contour.lx-contour-0")).to_have_attribute("d", re.compile("^M"))
        page.get_by_test_id("prior-fit").focus()
        page.keyboard.press("End")
        expect(page.get_by_test_id("prior-fit-value")).to_have_text("all: q(z)")
        count = len(checkpoint.load_latents(root / "digits" / "elbo")["mu"])
        expect(plane).to_have_attribute("data-painted", str(count))
        wait_for_address(page, view="fitted", fit="aggregate")
        page.get_by_role("radio", name="KL only").click()
        expect(page.get_by_test_id("prior-command")).to_contain_text("fit-prior")
        expect(plane).to_be_hidden()
        page.get_by_role("button", name="Percentiles", exact=True).click()
        expect(page.get_by_test_id("prior-grid")).to_be_visible()
