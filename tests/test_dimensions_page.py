"""Planes of runs with more than two latent dimensions in a browser: PCA, UMAP, raw axes; and what other pages say."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import violations
from tests.opener import SCHEMES, Open, address_of, opener, patient_page, pixels_of, turn, wait_for_address
from tests.plotly_points import wait_for_plotly
from tests.server import serve
from training import checkpoint
from training.options import FitOptions
from training.run import fit

DIM = 6
# Where a canvas is while the pointer goes over its images.
HOVER = """(canvas) => Array.from({ length: 50 }, (_, i) => {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const at = { clientX: left + width * (i % 10 + 0.5) / 10, clientY: top + height * (Math.floor(i / 10) + 0.5) / 5 };
  canvas.dispatchEvent(new PointerEvent("pointermove", { ...at, pointerType: "mouse", bubbles: true }));
  return canvas.getBoundingClientRect().top;
})"""


@pytest.fixture(scope="module")
def wide(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the 8x8 digits in six dimensions with a full covariance, beside those in two."""
    root = tmp_path_factory.mktemp("wide")
    shutil.copytree(trained, root, dirs_exist_ok=True)
    path = root / "digits" / "wide"
    fit(
        FitOptions(out=path, dataset="digits", posterior="full", latent_dim=DIM, epochs=10, hidden_dims=(32,), beta=0.1)
    )
    return path


@pytest.fixture(scope="module")
def wide_app(wide: Path) -> Iterator[str]:
    with serve(wide.parent.parent) as address:
        yield address


@pytest.fixture
def open_wide(browser: Browser, wide_app: str) -> Iterator[Open]:
    with opener(browser, wide_app) as open_it:
        yield open_it


def _point(page: Page) -> np.ndarray:
    return np.array((page.get_by_test_id("latent-plane").get_attribute("data-z") or "").split(","), dtype=float)


def _latent(page: Page) -> np.ndarray:
    """z as the address has it, once it is all there."""
    page.wait_for_function(f"new URL(location).searchParams.get('z')?.split(',').length === {DIM}")
    return np.array(address_of(page)["z"].split(","), dtype=float)


def _decoded(path: Path, z: np.ndarray) -> np.ndarray:
    import torch

    with torch.no_grad():
        return (checkpoint.load_model(path).image(torch.tensor(z[None], dtype=torch.float32)).flatten() * 255).numpy()


def _drag(page: Page, right: int, up: int) -> None:
    box = page.get_by_test_id("handle").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y - up, steps=4)
    before = page.evaluate("new URL(location).searchParams.get('z')")
    page.mouse.up()
    # The address follows when the handle rests.
    page.wait_for_function("(before) => new URL(location).searchParams.get('z') !== before", arg=before)


def _weighted_mean(keys: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean of the values of the ten nearest keys, weighted by ((R - d) / (R d))^2, R the eleventh's distance."""
    distance = np.linalg.norm(keys.astype(float) - at, axis=1)
    order = np.argsort(distance)
    near, reach = order[:10], distance[order[10]]
    weight = ((reach - distance[near]) / (reach * distance[near])) ** 2
    return (weight[:, None] * values[near]).sum(0) / weight.sum()


def test_a_drag_over_pca_decodes_the_mean_and_w_times_the_point(open_wide: Open, wide: Path) -> None:
    page = open_wide("?run=wide&z=0.4,-0.7")
    latents = checkpoint.load_latents(wide)
    np.testing.assert_allclose(_point(page), [0.4, -0.7], atol=1e-4)
    _drag(page, 90, 40)
    point = _point(page)
    assert point[0] > 0.4 and point[1] > -0.7
    z = latents["pca_mean"] + point @ latents["pca_components"]
    np.testing.assert_allclose(_latent(page), z, atol=2e-4)
    np.testing.assert_allclose(pixels_of(page, "decoded-image"), _decoded(wide, z), atol=1.5)
    # Its inverse is exact: the address names the whole z, and leads back to the same point.
    page.reload()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-ready", "true")
    np.testing.assert_allclose(_point(page), point, atol=1e-3)


def test_a_drag_over_umap_decodes_the_weighted_mean_of_the_nearest_latents(open_wide: Open, wide: Path) -> None:
    latents = checkpoint.load_latents(wide)
    x, y = latents["umap"].mean(0).round(2)
    page = open_wide(f"?run=wide&projection=umap&at={x},{y}&z=0,0")
    np.testing.assert_allclose(_point(page), [x, y], atol=1e-3)
    expect(page.locator("[data-part=plane-note]")).to_contain_text(
        "a drag decodes the weighted mean of the 10 nearest latents"
    )
    expect(page.locator(".lx-sigma-1")).to_be_hidden()
    for right, up in ((25, 10), (-60, 30)):
        _drag(page, right, up)
        point = _point(page)
        z = _weighted_mean(latents["umap"], point, latents["mu"])
        np.testing.assert_allclose(_latent(page), z, atol=2e-3)
        np.testing.assert_allclose(pixels_of(page, "decoded-image"), _decoded(wide, _latent(page)), atol=1.5)
        assert address_of(page)["at"] == ",".join(f"{v:g}" for v in point)
    distance = np.linalg.norm(latents["mu"] - _latent(page), axis=1)
    assert float(page.locator("[data-part=distance]").inner_text()) == pytest.approx(distance.min(), rel=0.02)


def test_raw_axes_move_two_coordinates_and_leave_the_others(open_wide: Open, wide: Path) -> None:
    z = np.array([0.3, -0.6, 0.9, -0.2, 0.5, -0.8])
    page = open_wide(f"?run=wide&projection=axes&axes=2,5&z={','.join(map(str, z))}")
    np.testing.assert_allclose(_point(page), z[[1, 4]], atol=1e-4)
    _drag(page, 50, -30)
    moved = _latent(page)
    np.testing.assert_allclose(moved[[1, 4]], _point(page), atol=1e-4)
    np.testing.assert_allclose(moved[[0, 2, 3, 5]], z[[0, 2, 3, 5]])
    assert moved[1] > z[1] and moved[4] < z[4]
    np.testing.assert_allclose(pixels_of(page, "decoded-image"), _decoded(wide, moved), atol=1.5)
    page.get_by_test_id("axis-x").select_option(label="z₄")
    np.testing.assert_allclose(_point(page), moved[[3, 4]], atol=1e-4)
    wait_for_address(page, axes="4,5")


def test_an_image_brings_its_other_coordinates_along_and_its_own_ellipse(open_wide: Open, wide: Path) -> None:
    page = open_wide("?run=wide&projection=axes&axes=2,5", webgl=True)
    page.get_by_test_id("tray-selection").click()
    page.get_by_test_id("image-index").fill("7")
    page.keyboard.press("Enter")
    wait_for_address(page, image="7")
    latents = checkpoint.load_latents(wide)
    np.testing.assert_allclose(_latent(page), latents["mu"][7], atol=1e-4)
    factor = latents["scale_tril"][7][[1, 4]].astype(float)
    sigma = np.sqrt(np.linalg.eigvalsh(factor @ factor.T))
    one = page.locator(".lx-sigma-1")
    radii = np.sort([float(one.get_attribute(name) or 0) for name in ("rx", "ry")])
    wait_for_plotly(page)
    left, right, width = page.evaluate(
        "(l => [...l.xaxis.range, l.xaxis._length])(document.querySelector('.lx-plotly')._fullLayout)"
    )
    np.testing.assert_allclose(radii, sigma * width / (right - left), rtol=0.01)


def test_the_switch_keeps_the_image_and_stands_in_the_address(open_wide: Open, wide: Path) -> None:
    page = open_wide("?run=wide&image=7")
    latents = checkpoint.load_latents(wide)
    places = {"umap": latents["umap"][7], "pca": latents["pca"][7]}
    for name, place in places.items():
        page.get_by_test_id(f"projection-{name}").click()
        expect(page.get_by_test_id(f"projection-{name}")).to_have_attribute("aria-pressed", "true")
        np.testing.assert_allclose(_point(page), place, atol=1e-3)
        page.wait_for_function("name => (new URL(location).searchParams.get('projection') ?? 'pca') === name", arg=name)
        assert address_of(page)["image"] == "7"
    page.get_by_role("radio", name="Full ELBO").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "elbo")
    expect(page.get_by_test_id("projection-pca")).to_be_hidden()  # two dimensions are shown as they are
    np.testing.assert_allclose(_point(page), checkpoint.load_latents(wide.parent / "elbo")["mu"][7], atol=1e-3)


def test_lines_lead_to_the_nearest_latents_and_along_a_walk(open_wide: Open, wide: Path) -> None:
    page = open_wide("?run=wide&z=0.4,-0.7", webgl=True)
    page.get_by_test_id("line-neighbours").click()
    page.get_by_test_id("line-walk").click()
    wait_for_address(page, lines="neighbours,walk")
    latents = checkpoint.load_latents(wide)
    near = np.argsort(np.linalg.norm(latents["mu"] - _latent(page), axis=1))[:8]
    drawn = page.get_by_test_id("trail-neighbours").get_attribute("d") or ""
    wait_for_plotly(page)
    left, right, bottom, top, width, height = page.evaluate(
        "(l => [...l.xaxis.range, ...l.yaxis.range, l.xaxis._length, l.yaxis._length])"
        "(document.querySelector('.lx-plotly')._fullLayout)"
    )
    ends = np.array(re.findall(r"L([-\d.]+) ([-\d.]+)", drawn), dtype=float)
    points = latents["pca"][near]
    pixels = (points - [left, top]) / [right - left, bottom - top] * [width, height]
    np.testing.assert_allclose(ends, pixels, atol=0.2)
    walk = page.get_by_test_id("trail-walk").get_attribute("d") or ""
    assert walk.count("L") == 40
    page.get_by_test_id("walk-again").click()
    wait_for_address(page, walk="1")
    assert page.get_by_test_id("trail-walk").get_attribute("d") != walk


def test_a_walk_leaves_the_prior_as_it_is(browser: Browser, wide_app: str) -> None:
    page = patient_page(browser)
    page.goto(f"{wide_app}/assets/dom/icon.svg")
    ends = page.evaluate("""async () => {
      const { randomWalk } = await import("/assets/plane/plane_lines.js");
      return Array.from({ length: 4000 }, (_, seed) => randomWalk([4, -4], seed).at(-1));
    }""")
    page.close()
    # After 40 steps 0.9^40 = 1.5 % of the start is left.
    np.testing.assert_allclose(np.mean(ends, axis=0), [0.06, -0.06], atol=0.06)
    np.testing.assert_allclose(np.cov(np.transpose(ends)), np.eye(2), atol=0.08)


def test_what_an_address_asks_that_the_run_has_not_is_said(open_wide: Open) -> None:
    page = open_wide("?run=wide&z=1,2,3&axes=2,9&projection=axes")
    toasts = page.get_by_test_id("stToast")
    expect(toasts.filter(has_text="has 3 numbers, this run has 6 latent dimensions")).to_be_visible()
    expect(toasts.filter(has_text="axes=2,9: this run has 6 latent dimensions")).to_be_visible()


def test_accessible_in_both_themes(open_wide: Open) -> None:
    page = open_wide("?run=wide&projection=axes&image=7&lines=neighbours,walk", size="projector")
    for scheme in SCHEMES:
        turn(page, scheme)
        assert violations(page, ".lx-explore") == []
        assert page.evaluate("(e => e.scrollHeight - e.clientHeight)(document.querySelector('.stMain'))") <= 0


def test_the_prior_says_why_its_grid_is_a_plane_and_opens_samples_in_traverse(open_wide: Open) -> None:
    page = open_wide("prior?run=wide")
    expect(page.locator(".lx-sentence")).to_contain_text("Percentiles of all 6 dimensions fill no grid")
    expect(page.locator(".lx-ticks-x")).to_contain_text("principal axis 1")
    samples = page.get_by_test_id("prior-samples")
    assert len(set(samples.evaluate(HOVER))) == 1, "what lies under the pointer moves away from it"
    samples.click(position={"x": 20, "y": 20})
    expect(page.locator("[data-testid=traversal-row-1]")).to_be_visible()
    assert len(address_of(page)["z"].split(",")) == DIM


def test_probability_says_why_and_shows_draws_and_the_bound(open_wide: Open, wide: Path) -> None:
    page = open_wide("probability?run=wide&image=3")
    words = "integrated over one or two latent dimensions and this run has 6"
    expect(page.locator(".lx-sentence")).to_contain_text(words)
    latents = checkpoint.load_latents(wide)
    shown = float(page.locator(".lx-elbo").inner_text().replace("−", "-"))
    assert shown == pytest.approx(-latents["reconstruction"][3] - latents["kl"][3], abs=0.01)
    inked = """[...document.querySelectorAll("[data-part=sample]")].map((canvas) =>
      canvas.getContext("2d").getImageData(0, 0, 8, 8).data.some((v, i) => i % 4 < 3 && v > 0))"""
    assert page.evaluate(inked) == [True] * 4
    expect(page.locator(".lx-bound-text")).to_contain_text("K = 5,000")
