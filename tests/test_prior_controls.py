"""The Prior page under the hand: hovering, touch, sliders, the switch of runs, drawn pixels, and its fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from scipy.stats import norm

from tests.opener import Open, opener, pixels_of, wait_for_address
from tests.server import ROOT, serve
from training import checkpoint

MNIST = ROOT / "checkpoints" / "mnist"


def _complete(page: Page, name: str = "prior-grid") -> None:
    expect(page.get_by_test_id(name)).to_have_attribute("data-complete", "true")


def _decoded_by_torch(run: str, side: int, low: float) -> np.ndarray:
    """The whole grid's pixels, row by row."""
    import torch

    values = norm.ppf(np.linspace(low, 100 - low, side) / 100).astype(np.float32)
    z = torch.tensor(np.array([[x, y] for y in values[::-1] for x in values]))
    with torch.no_grad():
        images = (checkpoint.load_model(MNIST / run).image(z)[:, 0].numpy() * 255).round()
    return np.asarray(images.reshape(side, side, 28, 28).transpose(0, 2, 1, 3).ravel())


def test_hovering_shows_a_cell_and_leaving_goes_back(open_page: Open) -> None:
    page = open_page("prior?run=elbo&side=5&z=0,0")
    box = page.locator(".lx-grid").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.1)
    expect(page.locator("[data-part=percent]")).to_have_text("5 %, 95 %")
    shown = float(page.locator("[data-part=log-density]").inner_text().replace("−", "-").split()[0])
    assert shown == pytest.approx(2 * norm.logpdf(norm.ppf(0.05)), abs=0.005)
    page.mouse.move(box["x"] - 20, box["y"] - 20)
    expect(page.locator("[data-part=percent]")).to_have_text("50 %, 50 %")


def test_a_tap_looks_and_does_not_leave_the_page(open_page: Open) -> None:
    page = open_page("prior?run=elbo&side=5", size="phone")
    box = page.locator(".lx-grid").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.9)
    expect(page.locator("[data-part=percent]")).to_have_text("95 %, 5 %")
    wait_for_address(page, z="1.6449,-1.6449")
    assert "/prior" in page.url
    page.get_by_role("button", name="Open in Explore").tap()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-z", "1.6449,-1.6449")


def test_sliders_change_the_grid_in_place_and_in_the_address(open_page: Open) -> None:
    page = open_page("prior?run=elbo")
    page.get_by_test_id("prior-side").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("prior-grid")).to_have_attribute("width", str(21 * 28))
    wait_for_address(page, side="21")
    page.get_by_test_id("prior-range").focus()
    page.keyboard.press("End")
    expect(page.locator(".lx-range-value")).to_have_text("0.1 % to 99.9 %")
    _complete(page)
    ours = pixels_of(page, "prior-grid").astype(float)
    np.testing.assert_allclose(ours, _decoded_by_torch("elbo", 21, 0.1), atol=1.5)
    wait_for_address(page, low="0.1")


def test_another_run_is_decoded_on_the_same_grid(open_page: Open) -> None:
    page = open_page("prior?run=elbo&side=6")
    page.get_by_role("radio", name="Autoencoder").click()
    expect(page.locator(".lx-grid")).to_have_attribute("data-run", "autoencoder")
    _complete(page)
    ours = pixels_of(page, "prior-grid").astype(float)
    np.testing.assert_allclose(ours, _decoded_by_torch("autoencoder", 6, 5), atol=1.5)


def test_drawn_pixels_are_black_or_white_and_as_bright_on_average(open_page: Open) -> None:
    page = open_page("prior?run=elbo&seed=7")
    _complete(page, "prior-samples")
    p = pixels_of(page, "prior-samples") / 255
    page.get_by_role("button", name="Pixels drawn").click()
    _complete(page, "prior-samples")
    drawn = pixels_of(page, "prior-samples")
    assert set(np.unique(drawn)) == {0, 255}
    # 39,200 independent pixels: their mean within five of its standard deviations, and what rounding to 255 steps adds.
    assert abs(drawn.mean() / 255 - p.mean()) < 5 * np.sqrt((p * (1 - p)).sum()) / p.size + 0.002
    wait_for_address(page, draw="pixels")


def test_samples_of_more_dimensions_and_of_another_likelihood(browser: Browser, trained: Path) -> None:
    with serve(trained) as address, opener(browser, address) as open_it:
        page = open_it("prior?run=conv&side=6&draw=pixels")
        expect(page.get_by_role("button", name="Pixels drawn")).to_be_disabled()
        _complete(page, "prior-samples")
        assert len(np.unique(pixels_of(page, "prior-samples"))) > 2
        page.locator(".lx-sampled .lx-cursor").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("[data-part=z]").inner_text().count(",") == 2
        expect(page.get_by_role("button", name="Open in Traverse")).to_be_enabled()  # it lies on no plane


@pytest.mark.parametrize("size", ["desktop", "projector"])
def test_fits_the_window_without_scrolling(open_page: Open, size: str) -> None:
    page = open_page("prior", size=size)
    assert page.evaluate("(e => e.scrollHeight - e.clientHeight)(document.querySelector('.stMain'))") <= 0
    parts = "[...document.querySelectorAll('.lx-prior > *:not(.lx-live)')]"
    assert page.evaluate(f"Math.max(...{parts}.map((e) => e.getBoundingClientRect().bottom)) - innerHeight") <= 0
