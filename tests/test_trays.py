"""The trays under Explore's plane: draws of the prior, and a slider for each latent dimension."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

from tests.opener import Open, address_of, pixels_of, wait_for_address, wait_until_ready
from tests.server import ROOT
from training import checkpoint

SHIPPED = ROOT / "checkpoints" / "mnist"


def _decoded_by_torch(run: str, z: list[float]) -> np.ndarray:
    import torch

    with torch.no_grad():
        return (checkpoint.load_model(SHIPPED / run).image(torch.tensor([z])).flatten().numpy() * 255).round()


def test_the_handle_goes_to_a_sample_of_the_prior(open_page: Open) -> None:
    page = open_page("?run=elbo")
    expect(page.locator(".lx-sample").first).to_be_hidden()
    page.get_by_test_id("tray-samples").click()
    wait_for_address(page, tray="samples")
    samples = page.locator("[data-part=samples] button")
    expect(samples).to_have_count(12)
    expect(page.locator(".lx-sample:visible")).to_have_count(12)
    titles = samples.evaluate_all("all => all.map((button) => button.title)")
    samples.nth(4).click()
    expect(samples.nth(4)).to_have_attribute("aria-pressed", "true")
    expect(samples.nth(5)).to_have_attribute("aria-pressed", "false")
    page.wait_for_function("new URL(location).searchParams.has('z')")
    z = [float(v) for v in address_of(page)["z"].split(",")]
    np.testing.assert_allclose(pixels_of(page, "decoded-image").astype(float), _decoded_by_torch("elbo", z), atol=1.5)
    page.get_by_test_id("samples-again").click()
    wait_for_address(page, draws="1")
    assert samples.evaluate_all("all => all.map((button) => button.title)") != titles


def test_sliders_are_open_above_two_dimensions_and_move_z_off_the_plane(open_page: Open) -> None:
    page = open_page("?run=elbo")
    expect(page.get_by_test_id("sliders")).to_be_hidden()
    page = open_page("?run=elbo-16d")
    expect(page.get_by_test_id("sliders")).to_be_visible()
    expect(page.get_by_test_id("sliders").locator("input")).to_have_count(16)
    slider = page.get_by_test_id("slider-10")
    slider.fill("1.5")
    page.wait_for_function("(new URL(location).searchParams.get('z') ?? '').split(',')[9] > 1.4")
    z = [float(v) for v in address_of(page)["z"].split(",")]
    shown = pixels_of(page, "decoded-image")
    np.testing.assert_allclose(shown.astype(float), _decoded_by_torch("elbo-16d", z), atol=1.5)
    page.reload()
    wait_until_ready(page)
    np.testing.assert_allclose(pixels_of(page, "decoded-image").astype(float), shown.astype(float), atol=1.5)
    # A drag goes on from the plane's own z, and the sliders follow it.
    before = slider.input_value()
    page.get_by_test_id("handle").press("Shift+ArrowUp")
    page.wait_for_function("before => document.querySelector('[data-testid=slider-10]').value !== before", arg=before)
    page.get_by_test_id("tray-selection").click()
    expect(page.get_by_test_id("image-index")).to_be_visible()
