"""Draw on Compare: what is drawn lands in every plane at once, as torch encodes it, and comes back below."""

from __future__ import annotations

import re

import numpy as np
import torch
from playwright.sync_api import Page, expect

from tests.opener import Open, next_frame, pixels_of, wait_for_address
from tests.server import ROOT
from training import checkpoint

SHIPPED = ROOT / "checkpoints" / "mnist"
TWO = ((0.3, 0.35), (0.5, 0.2), (0.66, 0.36), (0.48, 0.6), (0.3, 0.78), (0.72, 0.76))


def _draw(page: Page) -> None:
    box = page.get_by_test_id("drawing-pad").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in TWO]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
        next_frame(page)
    page.mouse.up()
    next_frame(page)


def _framed(page: Page) -> np.ndarray:
    """The drawing as the models get it, by the module that frames an upload, too (tests/test_mnist_frame.py)."""
    pixels = page.evaluate(
        """async () => {
          const pad = document.querySelector("[data-testid=drawing-pad]");
          const { frameInk } = await import(
            [...performance.getEntriesByType("resource")].find(({ name }) => name.endsWith("/mnist_frame.js")).name
          );
          const { data } = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
          const ink = Float32Array.from({ length: pad.width * pad.height }, (_, i) => data[4 * i] / 255);
          return Array.from(frameInk(ink, pad.width, pad.height, [1, 28, 28]).pixels);
        }"""
    )
    return np.array(pixels, np.float32)


def test_a_drawing_lands_in_every_plane(open_page: Open) -> None:
    page = open_page("compare?dataset=mnist&runs=autoencoder,elbo")
    page.get_by_test_id("link-draw").click()
    wait_for_address(page, link="draw")
    caption = page.get_by_test_id("compare-panel-elbo").locator("[data-part=caption]")
    expect(caption).to_contain_text("nothing is drawn yet")
    _draw(page)
    expect(caption).to_contain_text("nearest code: class 2")
    x = torch.tensor(_framed(page)).reshape(1, 1, 28, 28)
    for run in ("autoencoder", "elbo"):
        model = checkpoint.load_model(SHIPPED / run)
        with torch.no_grad():
            mu, _ = model.encode(x)
            expected = (model.image(mu).flatten().numpy() * 255).round()
        np.testing.assert_allclose(pixels_of(page, f"compare-image-{run}").astype(float), expected, atol=2, err_msg=run)
        trail = page.get_by_test_id(f"compare-plane-{run}").get_by_test_id("trail-drawn")
        assert str(trail.get_attribute("d")).count("L") >= 5, "where it has been while the pen moved"
    plane = page.get_by_test_id("compare-plane-elbo")
    expect(plane.locator(".lx-sigma-1")).to_be_visible()
    expect(page.get_by_test_id("compare-plane-autoencoder").locator(".lx-sigma-1")).to_be_hidden()
    expect(caption).to_contain_text(re.compile(r"KL \d+\.\d\d nats"))
    page.locator("[data-part=pad-clear]").click()
    expect(caption).to_contain_text("nothing is drawn yet")
    expect(plane.get_by_test_id("trail-drawn")).to_be_hidden()
    page.get_by_role("button", name="Same image").click()
    expect(page.get_by_test_id("drawing-pad")).to_be_hidden()
    expect(page.get_by_test_id("compare-original")).to_be_visible()


def test_a_link_opens_the_pad_and_undo_takes_a_stroke_back(open_page: Open) -> None:
    page = open_page("compare?dataset=mnist&runs=kl,elbo&link=draw")
    expect(page.get_by_test_id("link-draw")).to_have_attribute("aria-pressed", "true")
    _draw(page)
    undo = page.locator("[data-part=pad-undo]")
    expect(undo).to_be_enabled()
    undo.click()
    expect(undo).to_be_disabled()
    expect(page.get_by_test_id("compare-panel-elbo").locator("[data-part=caption]")).to_contain_text("nothing is drawn")
