"""Axes bent to the prior's percentiles: points, handles, ellipses and draws against scipy, and on Explore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect
from scipy.stats import kstest, norm

from explorer import loader
from tests.javascript import JavaScript
from tests.opener import Open, address_of, wait_for_address
from tests.server import ROOT
from training import checkpoint

RunFile = Callable[[Path, loader.Part], str]
SHIPPED = ROOT / "checkpoints" / "mnist"

SEEN = """
async ({ latents, decoder, umap }) => {
  const { loadSpace } = await import("/assets/run/loading.js");
  const { Random } = await import("/assets/maths/normal.js");
  const { Embedding } = await import("/assets/maths/projection.js");
  const space = await loadSpace({ latents, decoder });
  if (umap) return space.seenOn(new Embedding(space.umap, space.mu)).onPercentiles().percentiles === null;
  const bent = space.onPercentiles();
  const random = new Random(3);
  return {
    xy: Array.from(bent.xy),
    draws: Array.from(bent.withPoints("draws").xy),
    drawn: Array.from({ length: 400 }, () => bent.drawnOn(7, random)),
    outline: bent.percentiles.cov && bent.percentiles.outline(7, 2),
    back: [[10, 50], [97.5, 0.1], [-20, 130]].map((point) => bent.latent(bent.reach(point))),
    center: bent.priorCenter(),
    far: bent.onto(new Float32Array(space.dim).fill(30)),
    ellipse: bent.ellipse(7),
  };
}
"""


def _seen(javascript: JavaScript, run_file: RunFile, run: str, **more: Any) -> Any:
    files = {part: run_file(SHIPPED / run, part) for part in ("latents", "decoder")}
    return javascript.evaluate(SEEN, {**files, **more})


def test_a_point_is_where_its_code_lies_in_the_prior(javascript: JavaScript, run_file: RunFile) -> None:
    seen = _seen(javascript, run_file, "elbo")
    latents = checkpoint.load_latents(SHIPPED / "elbo")
    mu, sigma = latents["mu"], np.exp(latents["log_var"] / 2)
    np.testing.assert_allclose(np.reshape(seen["xy"], (-1, 2)), 100 * norm.cdf(mu), atol=1e-4)
    np.testing.assert_allclose(seen["back"][:2], norm.ppf([[0.1, 0.5], [0.975, 0.001]]), atol=1e-9)
    np.testing.assert_allclose(seen["back"][2], norm.ppf([1e-5, 1 - 1e-5]), atol=1e-6)  # held at the rim
    np.testing.assert_allclose(seen["center"], [50, 50])
    np.testing.assert_allclose(seen["far"], [30, 30])  # a z beyond all percentiles is still itself
    assert seen["ellipse"] is None
    # The outline is the image of the ellipse at two standard deviations.
    outside = norm.ppf(np.array(seen["outline"]) / 100)
    np.testing.assert_allclose((((outside - mu[7]) / sigma[7]) ** 2).sum(1), 4, rtol=1e-3)
    drawn = (norm.ppf(np.array(seen["drawn"]) / 100) - mu[7]) / sigma[7]
    for axis in (0, 1):
        assert kstest(drawn[:, axis], "norm").pvalue > 1e-3


def test_draws_of_a_run_that_is_the_prior_fill_the_percentiles_evenly(
    javascript: JavaScript, run_file: RunFile
) -> None:
    draws = np.reshape(_seen(javascript, run_file, "kl")["draws"], (-1, 2)) / 100
    for axis in (0, 1):
        assert kstest(draws[:, axis], "uniform").pvalue > 1e-3


def test_principal_components_have_percentiles_and_a_map_has_none(javascript: JavaScript, run_file: RunFile) -> None:
    latents = checkpoint.load_latents(SHIPPED / "elbo-16d")
    # Along an orthonormal component the prior is N(-w m, 1) about the means' mean m.
    center = -latents["pca_components"] @ latents["pca_mean"]
    seen = _seen(javascript, run_file, "elbo-16d")
    np.testing.assert_allclose(np.reshape(seen["xy"], (-1, 2)), 100 * norm.cdf(latents["pca"] - center), atol=1e-3)
    assert _seen(javascript, run_file, "elbo-16d", umap=True)


def test_explore_on_axes_of_percentiles(open_page: Open) -> None:
    page = open_page("?run=elbo&z=0.4,-0.3")
    behind = page.get_by_role("combobox", name="Behind the points")
    z = page.get_by_test_id("latent-plane").get_attribute("data-z")
    behind.select_option("percentiles")
    wait_for_address(page, background="percentiles")
    handle = page.get_by_test_id("handle")
    expect(handle).to_have_attribute(
        "aria-valuetext", r"percentiles 65.5 %, 38.2 % of the prior; nearest held-out image: class 5"
    )
    assert page.get_by_test_id("latent-plane").get_attribute("data-z") == z == "0.4,-0.3"  # the same z, elsewhere
    handle.focus()
    page.keyboard.press("ArrowRight")
    wait = "z => Number(new URL(location).searchParams.get('z').split(',')[0]) > z"
    page.wait_for_function(wait, arg=0.4)
    moved = [float(v) for v in address_of(page)["z"].split(",")]
    assert moved[1] == pytest.approx(-0.3, abs=1e-3)
    page.get_by_test_id("image-index").fill("17")
    page.keyboard.press("Enter")
    outline = page.locator(".lx-outline-1")
    expect(outline).to_be_visible()
    expect(page.locator(".lx-sigma-1")).to_be_hidden()
    mu = checkpoint.load_latents(SHIPPED / "elbo")["mu"][17]
    wait_for_address(page, z=",".join(f"{round(float(v), 4):g}" for v in mu))
    behind.select_option("nothing")
    expect(page.locator(".lx-sigma-1")).to_be_visible()
    expect(outline).to_be_hidden()


def test_the_choice_says_where_axes_cannot_be_bent(open_page: Open) -> None:
    page = open_page("?run=elbo-16d&projection=umap&background=percentiles")
    option = page.locator("[data-part=background] option[value=percentiles]")
    expect(option).to_have_text("Percentile axes: not on UMAP")
    page.get_by_test_id("projection-axes").click()
    expect(option).to_have_text("Percentile axes")
    expect(page.locator("[data-part=plane-note]")).to_contain_text("percentiles of the prior")
