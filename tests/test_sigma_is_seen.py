"""What sigma does is seen: a magnifier on Explore and Compare, images decoded one standard deviation from the mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from explorer import loader
from tests.javascript import JavaScript
from tests.opener import Open, wait_for_address
from tests.server import ROOT
from training import checkpoint

RunFile = Callable[[Path, loader.Part], str]
SHIPPED = ROOT / "checkpoints" / "mnist"

POINTS = """
async ({ latents, decoder, bent }) => {
  const { loadSpace } = await import("/assets/run/loading.js");
  const { sigmaPoints } = await import("/assets/run/sigma_points.js");
  const space = await loadSpace({ latents, decoder });
  return sigmaPoints(bent ? space.onPercentiles() : space, 7);
}
"""


def _covariance(run: str, index: int) -> np.ndarray:
    latents = checkpoint.load_latents(SHIPPED / run)
    if "scale_tril" in latents:
        factor = latents["scale_tril"][index].astype(float)
        return np.asarray(factor @ factor.T)
    return np.diag(np.exp(latents["log_var"][index].astype(float)))


@pytest.mark.parametrize("bent", [False, True])
@pytest.mark.parametrize("run", ["elbo", "elbo-full-covariance", "elbo-16d"])
def test_the_points_are_one_standard_deviation_out_along_the_ellipse(
    javascript: JavaScript, run_file: RunFile, run: str, bent: bool
) -> None:
    files = {part: run_file(SHIPPED / run, part) for part in ("latents", "decoder")}
    found = javascript.evaluate(POINTS, {**files, "bent": bent})
    assert [point["name"] for point in found] == ["μ − σ₁", "μ + σ₁", "μ − σ₂", "μ + σ₂"]
    latents = checkpoint.load_latents(SHIPPED / run)
    mu = latents["mu"][7].astype(float)
    basis = latents["pca_components"].astype(float) if "pca_components" in latents else np.eye(len(mu))
    values, vectors = np.linalg.eigh(basis @ _covariance(run, 7) @ basis.T)
    steps = np.array([point["z"] for point in found]) - mu
    np.testing.assert_allclose(steps[0::2], -steps[1::2], atol=1e-6)
    for step, axis in ((steps[1], 1), (steps[3], 0)):  # the longer first
        expected = np.sqrt(values[axis]) * vectors[:, axis] @ basis
        assert min(np.abs(step - expected).max(), np.abs(step + expected).max()) < 1e-4 * np.abs(expected).max() + 1e-6


def _ghosts(page: Page) -> np.ndarray:
    return np.array(
        page.get_by_test_id("ghost").evaluate_all(
            """all => all.map((canvas) => Array.from(
              canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 0)
            ))"""
        ),
        dtype=float,
    )


def test_a_small_posterior_is_magnified_and_its_sigma_decoded(open_page: Open) -> None:
    import torch

    page = open_page("?run=elbo-full-covariance")
    lens = page.get_by_test_id("lens")
    expect(lens).to_be_visible()  # of the nearest image, before anything is selected
    expect(page.get_by_test_id("ghost")).to_have_count(0)
    page.get_by_test_id("image-index").fill("17")
    page.keyboard.press("Enter")
    expect(lens).to_have_accessible_name("q(z|x) of image 17 at 1 and 2 σ, magnified 3 times")
    values, vectors = np.linalg.eigh(_covariance("elbo-full-covariance", 17))
    mu = checkpoint.load_latents(SHIPPED / "elbo-full-covariance")["mu"][17]
    axis = vectors[:, 1] * np.sqrt(values[1])
    model = checkpoint.load_model(SHIPPED / "elbo-full-covariance")
    with torch.no_grad():
        decoded = model.image(torch.tensor(np.array([mu - axis, mu + axis]), dtype=torch.float32)).flatten(1).numpy()
    long = _ghosts(page)[:2]
    assert min(np.abs(long - 255 * order).max() for order in (decoded, decoded[::-1])) < 2
    before = lens.inner_text()
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
    assert lens.is_hidden() or lens.inner_text() != before  # the ellipse itself has grown


def test_the_magnifier_is_not_there_where_the_posterior_is_seen_or_it_is_switched_off(open_page: Open) -> None:
    page = open_page("?run=kl&image=17")
    lens, switch = page.get_by_test_id("lens"), page.get_by_test_id("lens-switch")
    expect(lens).to_be_hidden()
    page.get_by_role("radio", name="Full ELBO").click()
    expect(lens).to_be_visible()
    switch.click()
    expect(lens).to_be_hidden()
    wait_for_address(page, lens="off")
    page.get_by_role("radio", name="Autoencoder").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "autoencoder")
    expect(switch).to_be_hidden()  # a code without noise has no width


def test_on_compare_each_small_posterior_of_the_shared_image_is_magnified_at_one_z_none(open_page: Open) -> None:
    page = open_page("compare?dataset=mnist&image=17&runs=autoencoder,reconstruction,kl,elbo")

    def lens(run: str) -> Locator:
        return page.get_by_test_id(f"compare-panel-{run}").get_by_test_id("lens")

    latents = checkpoint.load_latents(SHIPPED / "reconstruction")
    assert latents["log_var"][17].max() < -18, "the smaller one, by far"
    times = re.compile(r"q\(z\|x\) of image 17, class \d at 1 and 2 σ, magnified ([\d,]+) times")
    found = {}
    for run in ("reconstruction", "elbo"):
        expect(lens(run)).to_have_accessible_name(times)
        name = times.fullmatch(lens(run).get_attribute("aria-label") or "")
        assert name
        found[run] = int(name[1].replace(",", ""))
    assert found["reconstruction"] > 100 * found["elbo"]
    expect(lens("kl")).to_be_hidden()  # as wide as the prior
    expect(lens("autoencoder")).to_be_hidden()  # a code without noise
    page.get_by_role("button", name="Same z").click()
    expect(lens("elbo")).to_be_hidden()
