"""The Traverse page in a browser: every image against torch, the order by KL, inactive dimensions, keys and address."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from tests.axe import violations
from tests.opener import SIZES, Open, address_of, opener, pixels_of, turn, wait_for_address, wait_until_still
from tests.server import ROOT, serve
from training import checkpoint
from training.data.datasets import load_dataset
from training.measure.definitions import ACTIVE_VARIANCE

ELBO = ROOT / "checkpoints" / "mnist" / "elbo"


def _complete(page: Page) -> np.ndarray:
    """z, once all rows show it."""
    expect(page.locator(".lx-traverse")).to_have_attribute("data-complete", "true")
    return np.array((page.locator(".lx-traverse").get_attribute("data-z") or "").split(","), dtype=float)


def _decoded(path: Path, z: np.ndarray) -> np.ndarray:
    import torch

    with torch.no_grad():
        return checkpoint.load_model(path).image(torch.tensor(z, dtype=torch.float32))[:, 0].numpy() * 255


def _row(page: Page, number: int, side: int) -> np.ndarray:
    """The images of a row, (steps, side, side)."""
    strip = pixels_of(page, f"traversal-row-{number}").reshape(side, -1).astype(float)
    return np.stack(np.split(strip, strip.shape[1] // side, axis=1))


def _along(page: Page, z: np.ndarray, number: int, steps: int) -> np.ndarray:
    """The latent vectors of a row: its own coordinate from end to end of its slider, the others at z."""
    slider = page.get_by_test_id(f"traversal-slider-{number}")
    low, high = (float(slider.get_attribute(name) or 0) for name in ("min", "max"))
    codes = np.tile(z, (steps, 1))
    codes[:, number - 1] = np.linspace(low, high, steps)
    return codes


def test_every_image_of_every_row_is_torch_s_and_follows_the_sliders(open_page: Open) -> None:
    page = open_page("traverse?dataset=mnist&run=elbo&image=17")
    z = _complete(page)
    np.testing.assert_allclose(z, checkpoint.load_latents(ELBO)["mu"][17], atol=1e-4)
    slider = page.get_by_test_id("traversal-slider-2")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    moved = _complete(page)
    assert moved[1] > z[1] + 0.5 and moved[0] == z[0]
    for number in (1, 2):
        np.testing.assert_allclose(_row(page, number, 28), _decoded(ELBO, _along(page, moved, number, 7)), atol=1.5)
    np.testing.assert_allclose(
        pixels_of(page, "decoded-image").reshape(28, 28), _decoded(ELBO, moved[None])[0], atol=1.5
    )
    wait_for_address(page, z=",".join(f"{v:g}" for v in moved), image="17")


def test_a_drag_of_a_slider_decodes_while_it_moves(open_page: Open) -> None:
    page = open_page("traverse?dataset=mnist&run=elbo")
    _complete(page)
    box = page.get_by_test_id("traversal-slider-1").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    seen = set()
    root = page.locator(".lx-traverse")
    for step in range(1, 13):
        before = root.get_attribute("data-z")
        page.mouse.move(box["x"] + box["width"] / 2 + 3 * step, y)
        expect(root).not_to_have_attribute("data-z", before or "")
        seen.add(pixels_of(page, "decoded-image").tobytes())
    assert len(seen) == 12, "every place that the slider goes to is decoded before it is let go"
    page.mouse.up()
    z = _complete(page)
    assert z[0] > 0
    np.testing.assert_allclose(_row(page, 2, 28), _decoded(ELBO, _along(page, z, 2, 7)), atol=1.5)


def test_a_click_on_an_image_takes_its_value_and_a_reload_restores_all(open_page: Open) -> None:
    page = open_page("traverse?dataset=mnist&run=elbo&z=0.5,-1.2&steps=5")
    z = _complete(page)
    codes = _along(page, z, 1, 5)
    box = page.get_by_test_id("traversal-row-1").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 5)  # the fourth of five
    np.testing.assert_allclose(_complete(page), [codes[3, 0], -1.2], atol=1e-4)
    wait_for_address(page, steps="5", z=f"{round(codes[3, 0], 4):g},-1.2")
    page.reload()
    expect(page.locator(".lx-traverse")).to_have_attribute("data-ready", "true")
    np.testing.assert_allclose(_complete(page), [codes[3, 0], -1.2], atol=1e-4)
    assert _row(page, 1, 28).shape == (5, 28, 28)
    page.get_by_test_id("traverse-center").click()
    assert _complete(page).tolist() == [0, 0]


def test_dimensions_are_ordered_by_their_kl(browser: Browser, trained: Path) -> None:
    path = trained / "digits" / "conv"
    with serve(trained) as address, opener(browser, address) as open_it:
        page = open_it("traverse?run=conv&image=5")
        z = _complete(page)
        kl = checkpoint.load_metrics(path)["kl_per_dimension"]
        shown = page.locator(".lx-dimension input").evaluate_all("(all) => all.map((e) => e.dataset.testid)")
        assert shown == [f"traversal-slider-{d + 1}" for d in np.argsort(kl)[::-1]]
        np.testing.assert_allclose(_row(page, 3, 8), _decoded(path, _along(page, z, 3, 11)), atol=1.5)
        active = checkpoint.load_latents(path)["mu"].var(0) > 0.01
        greyed = page.locator(".lx-inactive input").evaluate_all("(all) => all.map((e) => e.dataset.testid)")
        assert set(greyed) == {f"traversal-slider-{d + 1}" for d in np.flatnonzero(~active)}


def test_dimensions_that_the_encoder_does_not_use_are_greyed(open_page: Open) -> None:
    page = open_page("traverse?dataset=mnist&run=kl")
    expect(page.locator(".lx-inactive")).to_have_count(2)
    expect(page.locator(".lx-sentence")).to_contain_text("2 are inactive")
    expect(page.get_by_test_id("traversal-slider-1")).to_have_attribute("aria-label", "z₁, KL 0 nats, inactive")


def test_a_run_without_noise_says_what_orders_its_rows(open_page: Open) -> None:
    page = open_page("traverse?dataset=mnist&run=autoencoder&image=17")
    expect(page.locator(".lx-sentence")).to_contain_text("by the variance of the code")
    z = _complete(page)
    for number in (1, 2):  # its codes lie far outside the prior; the sliders reach them
        slider = page.get_by_test_id(f"traversal-slider-{number}")
        assert float(slider.get_attribute("min") or 0) <= z[number - 1] <= float(slider.get_attribute("max") or 0)


def test_switching_the_run_keeps_the_image_and_explore_opens_at_z(open_page: Open) -> None:
    page = open_page("traverse?dataset=mnist&run=elbo&image=17")
    _complete(page)
    page.get_by_role("radio", name="Reconstruction only").click()
    expect(page.locator(".lx-traverse")).to_have_attribute("data-run", "reconstruction")
    code = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "reconstruction")["mu"][17]
    np.testing.assert_allclose(_complete(page), code, atol=1e-4)
    page.get_by_test_id("traverse-open").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-ready", "true")
    point = (page.get_by_test_id("latent-plane").get_attribute("data-z") or "").split(",")
    np.testing.assert_allclose(np.array(point, dtype=float), code, atol=1e-3)
    assert address_of(page)["image"] == "17"


def test_accessible_at_every_width_without_sideways_scroll(open_page: Open) -> None:
    page = open_page("traverse?dataset=mnist&run=kl&image=17")
    _complete(page)
    for (width, height), scheme in zip(SIZES.values(), ("light", "dark", "light"), strict=True):
        turn(page, scheme)
        page.set_viewport_size({"width": width, "height": height})
        wait_until_still(page)
        assert violations(page, ".lx-traverse") == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_dimension_names_the_factor_that_it_knows_most_of_where_the_data_has_factors(open_page: Open) -> None:
    page = open_page("traverse?dataset=factors&run=beta-4")
    latents = checkpoint.load_latents(ROOT / "checkpoints" / "factors" / "beta-4")
    data = load_dataset("factors", Path("data"))
    codes = {name: np.unique(column.values, return_inverse=True)[1] for name, column in data.gallery.columns.items()}
    for d, mu in enumerate(latents["mu"].T):
        bins = np.digitize(mu, np.histogram_bin_edges(mu, 20)[1:-1])
        shares = {name: mutual_info_score(bins, code) / entropy(np.bincount(code)) for name, code in codes.items()}
        best = max(shares, key=lambda name: shares[name])
        row = page.get_by_test_id(f"traversal-slider-{d + 1}").locator("xpath=ancestor::section")
        follows = shares[best] >= 0.05 and mu.var() > ACTIVE_VARIANCE
        expect(row.locator("[data-part=factor]")).to_have_text(
            f"{best} {100 * shares[best]:.0f} %" if follows else "no factor"
        )
    page = open_page("traverse?dataset=mnist&run=elbo")
    expect(page.locator("[data-part=factor]")).to_have_count(0)
