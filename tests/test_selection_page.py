"""Selecting images on the Explore page: box, lasso, legend, index; neighbours; and that a selection stays."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Page, expect

from tests.axe import violations
from tests.opener import Open, address_of, pixels_of, wait_for_address
from tests.plotly_points import wait_for_plotly
from tests.server import ROOT
from training import checkpoint

MNIST = ROOT / "checkpoints" / "mnist"
RANGES = """(({ xaxis: x, yaxis: y }) => [...x.range, ...y.range, x._length, y._length, x._offset, y._offset])(
  document.querySelector('.lx-plotly')._fullLayout)"""


def _pixels(page: Page, points: np.ndarray) -> np.ndarray:
    """Where points of the plane are on the screen."""
    wait_for_plotly(page)
    left, right, bottom, top, width, height, dx, dy = page.evaluate(RANGES)
    box = page.locator(".lx-chart").bounding_box()
    assert box
    inside = (points - [left, top]) / [right - left, bottom - top] * [width, height]
    return np.asarray(inside + np.array([box["x"] + dx, box["y"] + dy]))


def _chosen(page: Page) -> np.ndarray:
    """The images that the address says are selected: steps in base 36."""
    page.wait_for_function("new URL(location).searchParams.has('set')")
    return np.cumsum([int(step, 36) for step in address_of(page)["set"].split(".")])


def _thumbs(page: Page, group: str) -> list[int]:
    buttons = page.get_by_test_id(group).locator("button")
    return [int(index) for index in buttons.evaluate_all("(all) => all.map((e) => e.dataset.index)")]


def test_a_box_selects_the_images_inside(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0", webgl=True)
    mu = checkpoint.load_latents(MNIST / "elbo")["mu"]
    pixels = _pixels(page, mu)
    x, y = _pixels(page, np.array([[-0.5, 0.5]]))[0]
    page.get_by_test_id("tool-box").click()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 60, steps=4)
    page.mouse.up()
    inside = np.flatnonzero((np.abs(pixels - [x + 40, y + 30]) < [40, 30]).all(1))
    assert 20 < len(inside) < 2000
    assert set(_chosen(page)) ^ set(inside) <= set(
        np.flatnonzero((np.abs(np.abs(pixels - [x + 40, y + 30]) - [40, 30]) < 1).any(1))
    )
    count = len(_chosen(page))
    expect(page.get_by_test_id("latent-neighbours")).to_contain_text(f"{count:,} images: ")
    # They stand out: the plot has them apart from the others.
    drawn = page.evaluate(
        "document.querySelector('.lx-plotly')._fullData.map((trace) => [trace.x.length, trace.marker.opacity])"
    )
    assert [length for length, _ in drawn] == [5000 - count, count]
    assert drawn[0][1] < 0.3 and drawn[1][1] == 1
    mean = mu[_chosen(page)].mean(0)
    import torch

    with torch.no_grad():
        decoded = checkpoint.load_model(MNIST / "elbo").image(torch.tensor(mean[None])).flatten().numpy() * 255
    canvas = page.get_by_test_id("pixel-neighbours").locator("canvas")
    shown = canvas.evaluate("c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data)")
    np.testing.assert_allclose(np.array(shown).reshape(-1, 4)[:, 0], decoded, atol=1.5)


def test_a_lasso_selects_the_images_inside_and_ctrl_adds(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0", webgl=True)
    pixels = _pixels(page, checkpoint.load_latents(MNIST / "elbo")["mu"])
    x, y = _pixels(page, np.array([[0.0, 0.0]]))[0]
    corners = np.array([[x, y], [x + 120, y], [x, y + 90]])
    page.get_by_test_id("tool-lasso").click()
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=6)
    page.mouse.up()
    # Inside a triangle: on the same side of all three edges.
    edges = np.roll(corners, -1, axis=0) - corners
    sides = np.stack(
        [edge[0] * (pixels - a)[:, 1] - edge[1] * (pixels - a)[:, 0] for a, edge in zip(corners, edges, strict=True)]
    )
    far = np.abs(sides / np.linalg.norm(edges, axis=1)[:, None]).min(0) > 1.5
    inside = (sides > 0).all(0) | (sides < 0).all(0)
    chosen = np.zeros(len(pixels), bool)
    chosen[_chosen(page)] = True
    np.testing.assert_array_equal(chosen[far], inside[far])
    before = address_of(page)["set"]
    lasso = page.get_by_test_id("tool-lasso")
    expect(lasso).to_have_attribute("aria-pressed", "false")  # the next drag is the handle's
    lasso.click()
    page.mouse.move(x - 100, y - 80)
    page.mouse.down()
    page.mouse.move(x - 40, y - 80, steps=3)
    page.mouse.move(x - 40, y - 20, steps=3)
    page.keyboard.down("Control")
    page.mouse.up()
    page.keyboard.up("Control")
    page.wait_for_function("(before) => new URL(location).searchParams.get('set') !== before", arg=before)
    assert set(np.flatnonzero(chosen)) < set(_chosen(page))
    page.get_by_test_id("handle").focus()
    page.keyboard.press("Escape")
    page.wait_for_function("!new URL(location).searchParams.has('set')")


def test_classes_are_selected_by_keyboard_and_stay_across_runs_and_pages(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&hide=0,1,2,3,4,5,6,8,9", webgl=True)
    sevens = np.flatnonzero(checkpoint.load_latents(MNIST / "elbo")["label"] == 7)
    wait_for_plotly(page)
    assert page.evaluate("document.querySelector('.lx-plotly')._fullData[0].x.length") == len(sevens)
    page.get_by_test_id("select-shown").focus()
    page.keyboard.press("Enter")
    np.testing.assert_array_equal(_chosen(page), sevens)
    expect(page.get_by_test_id("latent-neighbours")).to_contain_text(f"{len(sevens)} images: {len(sevens)} of 7")
    page.get_by_role("radio", name="KL only").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "kl")
    expect(page.get_by_test_id("clear-selection")).to_have_text(f"Clear {len(sevens)}")
    page.get_by_role("link", name="Prior").click()
    expect(page.locator(".lx-prior")).to_have_attribute("data-ready", "true")
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-ready", "true")
    expect(page.get_by_test_id("clear-selection")).to_have_text(f"Clear {len(sevens)}")
    np.testing.assert_array_equal(_chosen(page), sevens)
    page.get_by_test_id("clear-selection").click()
    page.wait_for_function("!new URL(location).searchParams.has('set')")
    expect(page.get_by_test_id("clear-selection")).to_be_disabled()


def test_an_index_finds_an_image_and_its_neighbours_in_both_spaces(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo")
    page.get_by_test_id("image-index").fill("1234")
    page.keyboard.press("Enter")
    wait_for_address(page, image="1234")
    mu = checkpoint.load_latents(MNIST / "elbo")["mu"]
    images = checkpoint.load_gallery(MNIST / "gallery.safetensors")["images"].reshape(len(mu), -1).astype(float)
    for group, rows in (("latent-neighbours", mu), ("pixel-neighbours", images)):
        distance = np.linalg.norm(rows - rows[1234], axis=1)
        distance[1234] = np.inf
        found = _thumbs(page, group)
        assert len(found) >= 6
        np.testing.assert_allclose(distance[found], np.sort(distance)[: len(found)], rtol=1e-5)
    other = _thumbs(page, "pixel-neighbours")[1]
    page.get_by_test_id("pixel-neighbours").locator("button").nth(1).click()
    expect(page.locator("[data-part=selected-title]")).to_have_text(re.compile(f"^Image {other}, class"))
    np.testing.assert_allclose(
        np.array((page.get_by_test_id("latent-plane").get_attribute("data-z") or "").split(","), float),
        mu[other],
        atol=1e-3,
    )
    page.get_by_test_id("image-index").fill("5000")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("image-index")).to_have_value(str(other))
    expect(page.locator(".lx-live")).to_have_text("No such image: they run from 0 to 4999")


def test_a_selection_too_large_for_the_address_says_so(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo")
    page.get_by_test_id("select-shown").click()
    expect(page.get_by_test_id("latent-neighbours")).to_contain_text("5,000 images (too many for the address)")
    page.wait_for_timeout(500)
    assert "set" not in address_of(page)
    assert pixels_of(page, "decoded-image").any()


SET = "h.3.1e"  # images 17, 20 and 70


def test_a_set_goes_along_to_compare_and_stands_out_in_every_run(open_page: Open) -> None:
    page = open_page(f"?dataset=mnist&run=elbo&set={SET}")
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".lx-compare")).to_have_attribute("data-ready", "true")
    clear = page.get_by_test_id("clear-selection")
    expect(clear).to_have_text("3 selected ✕")
    standing = page.locator(".lx-compare .lx-plane.lx-standing-out")
    expect(standing).to_have_count(3)
    assert violations(page, ".lx") == []
    clear.click()
    expect(clear).to_be_hidden()
    expect(standing).to_have_count(0)
    page.wait_for_function("!new URL(location).searchParams.has('set')")
    page.get_by_role("link", name="Reconstruct").click()
    expect(page.locator(".lx-reconstruct")).to_have_attribute("data-ready", "true")
    expect(page.get_by_test_id("clear-selection")).to_be_hidden()


def test_reconstruct_shows_the_images_of_the_set(open_page: Open) -> None:
    page = open_page(f"reconstruct?dataset=mnist&runs=elbo&set={SET}")

    def columns() -> list[str]:
        return page.locator(".lx-column").evaluate_all("(all) => all.map((e) => e.dataset.image)")

    assert columns() == ["17", "20", "70"]
    page.get_by_role("button", name="Worst", exact=True).click()
    assert len(columns()) > 3
    page.wait_for_function("new URL(location).searchParams.get('order') === 'worst'")
    page.get_by_role("button", name="Selected", exact=True).click()
    assert columns() == ["17", "20", "70"]
    assert violations(page, ".lx") == []
    page.get_by_test_id("clear-selection").click()
    assert len(columns()) > 3
    page.wait_for_function("!new URL(location).searchParams.has('set')")
