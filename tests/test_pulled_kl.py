"""The KL term on Explore is pulled: q(z|x) widens, its mean kept, both terms follow, and let go it is the encoder's."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect
from torch.distributions import MultivariateNormal, kl_divergence

from explorer import loader
from tests.javascript import JavaScript
from tests.opener import Open
from tests.server import ROOT
from training import checkpoint

RunFile = Callable[[Path, loader.Part], str]

SHIPPED = ROOT / "checkpoints" / "mnist"
IMAGE = 12


def _ellipse(page: Page) -> Locator:
    return page.get_by_test_id("latent-plane").locator(".lx-ellipse.lx-sigma-1")


def _radius(page: Page) -> float:
    return float(_ellipse(page).get_attribute("rx") or 0)


def _addends(page: Page) -> list[Decimal]:
    return [Decimal(text.replace("\u2212", "-")) for text in page.locator("[data-part=addend]").all_inner_texts()]


def _pixels(page: Page) -> NDArray[np.float64]:
    canvas = page.locator("[data-part=selected-image]").last
    found = canvas.evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    return np.array(found, float)[::4] / 255


def test_pulled_by_the_pointer_q_widens_the_image_blurs_and_let_go_all_is_as_before(open_page: Open) -> None:
    page = open_page(f"?dataset=mnist&run=elbo&image={IMAGE}")
    thumb, words = page.get_by_test_id("pull-kl"), page.get_by_test_id("pull-words")
    expect(words).to_be_hidden()
    before, radius, pixels = _addends(page), _radius(page), _pixels(page)
    box = thumb.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)
    expect(words).to_contain_text("Not the encoder’s q")
    scale = float(thumb.get_attribute("aria-valuenow") or 0)
    assert scale == pytest.approx(np.exp(100 / 70), rel=0.02)
    assert _radius(page) == pytest.approx(scale * radius, rel=0.01)
    reconstruction, kl, loss = _addends(page)
    assert reconstruction + kl == loss
    assert kl < before[1] - 1
    assert reconstruction > before[0] + 1
    blur = (1 - _pixels(page)) * _pixels(page)
    assert blur.sum() > 1.05 * ((1 - pixels) * pixels).sum(), "the mean of several images is greyer than one"
    page.mouse.up()
    expect(words).to_be_hidden()
    assert _addends(page) == before
    assert _radius(page) == radius
    np.testing.assert_array_equal(_pixels(page), pixels)


@pytest.mark.parametrize("how", ["Escape", "Control+z", "button", "another"])
def test_by_keys_it_is_a_slider_and_what_takes_it_back(open_page: Open, how: str) -> None:
    page = open_page(f"?dataset=mnist&run=elbo-16d&image={IMAGE}")
    before = _addends(page)
    thumb = page.get_by_role("slider", name="Pull KL")
    thumb.focus()
    page.keyboard.press("PageUp")
    expect(thumb).to_have_attribute("aria-valuetext", re.compile(r"^σ × 2\.00 of the encoder’s: reconstruction \d"))
    page.keyboard.press("ArrowLeft")
    expect(thumb).to_have_attribute("aria-valuetext", re.compile(r"^σ × 1\.82 "))
    assert _addends(page) != before
    if how == "button":
        page.get_by_test_id("pull-reset").click()
    elif how == "another":
        page.get_by_test_id("image-index").fill("40")
        page.keyboard.press("Enter")
    else:
        page.keyboard.press(how)
    expect(page.get_by_test_id("pull-words")).to_be_hidden()
    expect(thumb).to_have_attribute("aria-valuenow", "1")
    if how == "another":
        expect(page.locator("[data-part=loss-image]")).to_have_text("Image 40")
    else:
        assert _addends(page) == before


def test_the_nearest_image_is_selected_when_none_was(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.4,0.4")
    page.get_by_test_id("pull-kl").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("pull-words")).to_contain_text("σ × 1.10")
    expect(_ellipse(page)).to_be_visible()


def test_where_a_code_has_no_noise_there_is_nothing_to_pull(open_page: Open) -> None:
    page = open_page(f"?dataset=mnist&run=autoencoder&image={IMAGE}")
    expect(page.get_by_test_id("pull-kl")).to_be_hidden()


@pytest.mark.parametrize("run", ["elbo", "elbo-full-covariance", "elbo-16d", "elbo-mixture-prior"])
def test_the_terms_of_a_scaled_q_are_those_of_torch(javascript: JavaScript, run_file: RunFile, run: str) -> None:
    """KL in closed form, by draws under a learned prior; the rest within four standard errors of 32 draws."""
    folder, scale = SHIPPED / run, 2.5
    model, latents = checkpoint.load_model(folder), checkpoint.load_latents(folder)
    spread = checkpoint.spread(latents)
    assert spread is not None
    factor = np.diag(spread[IMAGE]) if spread.ndim == 2 else spread[IMAGE]
    mu = torch.from_numpy(latents["mu"][IMAGE]).double()
    q = MultivariateNormal(mu, scale_tril=scale * torch.from_numpy(factor))
    x = torch.from_numpy(checkpoint.load_gallery(SHIPPED / "gallery.safetensors")["images"][IMAGE]).float() / 255
    torch.manual_seed(0)
    with torch.no_grad():
        z = q.sample((4000,))
        reconstruction = model.reconstruction(x[None].expand(4000, 1, 28, 28), z.float())
        log_ratio = q.log_prob(z) - model.log_prior(z.float())
        mean = model.image(z.float()).mean(dim=0).flatten()
    body = """async ({ urls, index, x, scale }) => {
      const { LatentSpace } = await import("/assets/run/latent_space.js");
      const { ScaledPosterior } = await import("/assets/run/scaled_posterior.js");
      const q = new ScaledPosterior(await LatentSpace.fetch(urls), index, x);
      return [1, scale].map((each) => { const found = q.at(each); return { ...found, image: [...found.image] }; });
    }"""
    urls = {part: run_file(folder, part) for part in ("latents", "decoder")}
    argument = {"urls": urls, "index": IMAGE, "x": x.flatten().tolist(), "scale": scale}
    own, scaled = javascript.evaluate(body, argument)
    assert own["kl"] == pytest.approx(latents["kl"][IMAGE], abs=1e-5)
    error = reconstruction.std().item() / 32**0.5
    assert scaled["reconstruction"] == pytest.approx(reconstruction.mean().item(), abs=4 * error)
    np.testing.assert_allclose(scaled["image"], mean, atol=0.35)
    assert np.abs(np.array(scaled["image"]) - mean.numpy()).mean() < 0.03
    if run == "elbo-mixture-prior":
        assert scaled["kl"] == pytest.approx(log_ratio.mean().item(), abs=4 * log_ratio.std().item() / 32**0.5)
    else:
        prior = MultivariateNormal(torch.zeros_like(mu), torch.eye(len(mu)).double())
        assert scaled["kl"] == pytest.approx(kl_divergence(q, prior).item(), rel=1e-5)
