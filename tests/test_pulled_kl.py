"""The KL term is pulled: q(z|x) widens, its mean kept, both terms follow, and let go it is the encoder's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass
class _Sum:
    """A sum of Eq. 30 whose KL is pulled, and what stands beside it."""

    root: Locator
    canvas: Locator
    addends: Locator

    @property
    def ellipse(self) -> Locator:
        return self.root.locator(".lx-plane .lx-ellipse.lx-sigma-1")

    @property
    def thumb(self) -> Locator:
        return self.root.get_by_test_id("pull-kl")

    @property
    def words(self) -> Locator:
        return self.root.get_by_test_id("pull-words")

    def radius(self) -> float:
        return float(self.ellipse.get_attribute("rx") or 0)

    def terms(self) -> list[Decimal]:
        texts = self.addends.all_inner_texts()
        return [Decimal(text.removesuffix(" nats").replace("\u2212", "-")) for text in texts]

    def pixels(self) -> NDArray[np.float64]:
        found = self.canvas.evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
        return np.array(found, float)[::4] / 255


def _center(where: Locator) -> tuple[float, float]:
    box = where.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _on_explore(page: Page) -> _Sum:
    canvas = page.locator("[data-part=selected-image]").last
    return _Sum(page.locator(".lx-explore"), canvas, page.locator("[data-part=addend]"))


def _on_compare(page: Page, run: str = "elbo") -> _Sum:
    panel = page.get_by_test_id(f"compare-panel-{run}")
    return _Sum(panel, page.get_by_test_id(f"compare-image-{run}"), panel.locator("[data-part=addend-value]"))


def _wider(found: _Sum, scale: float, before: list[Decimal], radius: float, pixels: NDArray[np.float64]) -> None:
    # Two keys, or the steps of a pointer, may come in two frames.
    found.thumb.page.wait_for_function(
        "([thumb, scale]) => Math.abs(thumb.ariaValueNow / scale - 1) < 0.02",
        arg=[found.thumb.element_handle(), scale],
    )
    expect(found.words).to_contain_text("Not the encoder’s q")
    shown = float(found.thumb.get_attribute("aria-valuenow") or 0)
    assert found.radius() == pytest.approx(shown * radius, rel=0.01)
    reconstruction, kl, loss = found.terms()
    assert reconstruction + kl == loss
    assert kl < before[1] - 1
    assert reconstruction > before[0] + 1
    blur = (1 - found.pixels()) * found.pixels()
    assert blur.sum() > 1.05 * ((1 - pixels) * pixels).sum(), "the mean of several images is greyer than one"


def _as_before(found: _Sum, before: list[Decimal], radius: float, pixels: NDArray[np.float64]) -> None:
    expect(found.words).to_be_hidden()
    assert found.terms() == before
    assert found.radius() == radius
    np.testing.assert_array_equal(found.pixels(), pixels)


@pytest.mark.parametrize("place", ["", "compare"])
def test_pulled_by_the_pointer_q_widens_the_image_blurs_and_let_go_all_is_as_before(
    open_page: Open, place: str
) -> None:
    page = open_page(f"{place}?dataset=mnist&image={IMAGE}" + ("&runs=reconstruction,elbo" if place else "&run=elbo"))
    found = _on_compare(page) if place else _on_explore(page)
    expect(found.words).to_be_hidden()
    before = found.terms(), found.radius(), found.pixels()
    other = _on_compare(page, "reconstruction").terms() if place else None
    x, y = _center(found.thumb)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)
    _wider(found, np.exp(100 / 70), *before)
    if place:
        assert _on_compare(page, "reconstruction").terms() == other
        expect(_on_compare(page, "reconstruction").words).to_be_hidden()
    page.mouse.up()
    _as_before(found, *before)


def test_on_compare_it_is_pulled_by_a_finger_and_by_keys_until_another_image_comes(open_page: Open) -> None:
    page = open_page(f"compare?dataset=mnist&image={IMAGE}&runs=elbo,autoencoder", size="phone")
    found = _on_compare(page)
    found.thumb.scroll_into_view_if_needed()
    before = found.terms(), found.radius(), found.pixels()
    x, y = _center(found.thumb)
    client = page.context.new_cdp_session(page)
    for step in range(8):
        kind, point = "touchMove" if step else "touchStart", {"x": x - 20 * step, "y": y}
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    expect(found.thumb).to_have_attribute("aria-valuetext", re.compile(r"^σ × 0\.135 of the encoder’s"))
    assert found.terms()[1] > before[0][1] + 2
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    _as_before(found, *before)
    expect(_on_compare(page, "autoencoder").thumb).to_be_hidden()
    page.get_by_role("slider", name="Full ELBO: Pull KL").focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    _wider(found, 4, *before)
    handle = found.root.get_by_test_id("handle")
    handle.focus()
    _as_before(found, *before)
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-part=shared-title]")).not_to_have_text(f"Image {IMAGE}")
    assert found.terms() != before[0]


@pytest.mark.parametrize("how", ["Escape", "Control+z", "button", "another"])
def test_by_keys_it_is_a_slider_and_what_takes_it_back(open_page: Open, how: str) -> None:
    page = open_page(f"?dataset=mnist&run=elbo-16d&image={IMAGE}")
    found = _on_explore(page)
    before = found.terms()
    thumb = page.get_by_role("slider", name="Pull KL")
    thumb.focus()
    page.keyboard.press("PageUp")
    expect(thumb).to_have_attribute("aria-valuetext", re.compile(r"^σ × 2\.00 of the encoder’s: reconstruction \d"))
    page.keyboard.press("ArrowLeft")
    expect(thumb).to_have_attribute("aria-valuetext", re.compile(r"^σ × 1\.82 "))
    assert found.terms() != before
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
        assert found.terms() == before


def test_the_nearest_image_is_selected_when_none_was(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.4,0.4")
    page.get_by_test_id("pull-kl").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("pull-words")).to_contain_text("σ × 1.10")
    expect(_on_explore(page).ellipse).to_be_visible()


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
