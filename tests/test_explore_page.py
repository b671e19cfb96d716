"""The Explore page in a real browser: drag, click, keys, touch, switches, themes, widths, and a clean console."""

from __future__ import annotations

import math
import re
import shutil
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.opener import (
    Open,
    address_of,
    next_frame,
    opener,
    patient_page,
    pixels_of,
    wait_for_address,
    wait_until_ready,
)
from tests.patience import PATIENCE_S
from tests.plotly_points import wait_for_plotly
from tests.server import ROOT, serve
from training import checkpoint


def _z(page: Page) -> tuple[float, float]:
    x, y = (page.get_by_test_id("latent-plane").get_attribute("data-z") or "").split(",")
    return float(x), float(y)


def _image(page: Page, name: str = "decoded-image") -> np.ndarray:
    return pixels_of(page, name)


def _handle(page: Page) -> tuple[float, float]:
    box = page.get_by_test_id("handle").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _decoded_by_torch(run: str, z: tuple[float, ...], dataset: Path = ROOT / "checkpoints" / "mnist") -> np.ndarray:
    import torch

    model = checkpoint.load_model(dataset / run)
    with torch.no_grad():
        return (model.image(torch.tensor([z])).flatten().numpy() * 255).round()


def _empty_spot(page: Page) -> tuple[float, float]:
    """A pixel of the plane that is far from every point: found on the screen, by colour of the chart's own canvas."""
    xy = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "elbo")["mu"]
    hx, hy = _handle(page)
    zx, zy = _z(page)
    page.keyboard.press("Tab")
    scale = _pixels_per_unit(page)
    box = page.get_by_test_id("latent-plane").bounding_box()
    assert box
    best, spot = 0.0, (0.0, 0.0)
    for px in np.linspace(box["x"] + 60, box["x"] + box["width"] - 30, 40):
        for py in np.linspace(box["y"] + 80, box["y"] + box["height"] - 50, 40):
            z = (zx + (px - hx) / scale, zy - (py - hy) / scale)
            gap = float(np.hypot(*(xy - np.array(z)).T).min()) * scale
            if gap > best:
                best, spot = gap, (float(px), float(py))
    assert best > 20, "the test needs an empty part of the plane"
    return spot


def _pixels_per_unit(page: Page) -> float:
    """The plane's scale, measured: move the handle by keys and see how far it went in z and on the screen."""
    page.get_by_test_id("handle").focus()
    (x0, _), (z0, _) = _handle(page), _z(page)
    page.keyboard.press("Shift+ArrowRight")
    (x1, _), (z1, _) = _handle(page), _z(page)
    page.keyboard.press("Shift+ArrowLeft")
    return (x1 - x0) / (z1 - z0)


def test_dragging_decodes_what_torch_decodes(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0")
    x, y = _handle(page)
    seen = set()
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(x + 6 * step, y - 4 * step)
        next_frame(page)
        seen.add(_image(page).tobytes())
    page.mouse.up()
    assert len(seen) >= 15
    z = _z(page)
    assert z[0] > 0 and z[1] > 0
    np.testing.assert_allclose(_image(page).astype(float), _decoded_by_torch("elbo", z), atol=1.5)
    hx, hy = _handle(page)
    assert math.hypot(hx - (x + 120), hy - (y - 80)) < 1.5
    wait_for_address(page, z=",".join(f"{v:g}" for v in z))


def test_the_plane_is_used_before_plotly_comes_and_then_looks_the_same(browser: Browser, shipped_app: str) -> None:
    page = patient_page(browser, viewport={"width": 1440, "height": 900})
    held: list[Route] = []
    released = False
    page.route("**/plotly.min.js", lambda route: route.continue_() if released else held.append(route))
    script = "document.querySelector('script[src$=\"plotly.min.js\"]')"
    page.goto(f"{shipped_app}/?dataset=mnist&run=elbo&z=0,0")
    wait_until_ready(page)
    plane = page.locator(".lx-chart")
    x, y = _handle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 50, steps=4)
    page.mouse.up()
    np.testing.assert_allclose(_image(page).astype(float), _decoded_by_torch("elbo", _z(page)), atol=1.5)
    first = _screen(plane.screenshot())
    expect(page.locator(".lx-first-points")).to_have_count(1)
    page.wait_for_function(script)  # once the page rests
    released = True
    for route in held:
        route.continue_()
    wait_for_plotly(page)
    second = _screen(plane.screenshot())
    page.evaluate("document.querySelector('.lx-plotly').hidden = true")
    bare = _screen(plane.screenshot())
    page.close()
    assert _changed(first, bare) > 0.02  # there are points
    assert _changed(first, second) < 0.3 * _changed(first, np.roll(second, 1, axis=1)), "the points jump"


def _changed(before: np.ndarray, after: np.ndarray) -> float:
    """Share of pixels."""
    return float((np.abs(after - before).max(2) > 80).mean())


def _screen(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def test_arrow_keys_step_the_handle_and_a_click_on_the_empty_plane_moves_it_there(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0")
    page.get_by_test_id("handle").focus()
    page.keyboard.press("ArrowRight")
    small = _z(page)[0]
    page.keyboard.press("Shift+ArrowUp")
    x, large = _z(page)
    assert small > 0 and x == small
    assert large == pytest.approx(10 * small, rel=1e-2)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    assert _z(page) == pytest.approx((0, 0), abs=1e-3)
    expect(page.locator(".lx-live")).to_have_text(re.compile(r"^z .*nearest held-out image: class \d$"))
    spot = _empty_spot(page)
    page.mouse.click(*spot)
    x, y = _handle(page)
    assert math.hypot(x - spot[0], y - spot[1]) < 1.5
    np.testing.assert_allclose(_image(page).astype(float), _decoded_by_torch("elbo", _z(page)), atol=1.5)
    wait_for_address(page, z=",".join(f"{v:g}" for v in _z(page)))
    assert "image" not in address_of(page)


def test_a_click_on_a_point_selects_its_image(open_page: Open) -> None:
    latents = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "elbo")
    mu = latents["mu"]
    inner = np.flatnonzero(np.abs(mu).max(1) < 2)  # in view
    gaps = [np.sort(np.hypot(*(mu - mu[i]).T))[1] for i in inner]
    index = int(inner[np.argmax(gaps)])  # no other point is near
    page = open_page(f"?dataset=mnist&run=elbo&image={index}")
    x, y = _handle(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("handle").focus()
    page.keyboard.press("Escape")
    expect(page.locator("[data-part=selected]")).to_have_class(re.compile("lx-empty"))
    page.wait_for_function("!new URL(location).searchParams.has('image')")
    page.mouse.click(x + 2, y + 2)
    expect(page.locator("[data-part=selected]")).not_to_have_class(re.compile("lx-empty"))
    expect(page.locator("[data-part=selected-title]")).to_have_text(f"Image {index}, class {latents['label'][index]}")
    np.testing.assert_allclose(_z(page), latents["mu"][index], atol=1e-3)
    expect(page.get_by_test_id("loss-sum")).to_contain_text(f"Image {index}, nats")
    wait_for_address(page, image=str(index))
    sigma = np.exp(latents["log_var"][index] / 2)
    one = page.locator(".lx-sigma-1")
    radii = sorted(float(one.get_attribute(name) or 0) for name in ("rx", "ry"))
    np.testing.assert_allclose(radii, np.sort(sigma) * _pixels_per_unit(page), rtol=0.02)


def test_nearest_image_is_the_nearest(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.31,-0.47")
    latents = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "elbo")
    distance = np.hypot(*(latents["mu"] - [0.31, -0.47]).T)
    gallery = checkpoint.load_gallery(ROOT / "checkpoints" / "mnist" / "gallery.safetensors")
    np.testing.assert_array_equal(_image(page, "nearest-image"), gallery["images"][distance.argmin()].ravel())
    expect(page.locator("[data-part=nearest-label]")).to_have_text(str(latents["label"][distance.argmin()]))
    shown = float(page.locator("[data-part=distance]").inner_text())
    assert shown == pytest.approx(distance.min(), rel=0.01)
    log_prior = float(page.locator("[data-part=log-prior]").inner_text().replace("−", "-").split()[0])
    assert log_prior == pytest.approx(-0.5 * (0.31**2 + 0.47**2) - math.log(2 * math.pi), abs=0.01)


def test_a_phone_gets_the_plane_then_the_image_and_no_sideways_scroll(open_page: Open) -> None:
    page = open_page(size="phone")
    plane = page.get_by_test_id("latent-plane").bounding_box()
    image = page.get_by_test_id("decoded-image").bounding_box()
    assert plane and image
    assert plane["y"] < image["y"]
    assert image["y"] + image["height"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("size", ["desktop", "projector"])
def test_fits_the_window_without_scrolling_and_the_image_is_large(open_page: Open, size: str) -> None:
    page = open_page("?dataset=mnist&run=elbo&image=17", size=size)
    canvas = page.get_by_test_id("decoded-image")
    assert canvas.evaluate("c => [c.width, c.height]") == [28, 28], "of its own pixel size"
    box = canvas.bounding_box()
    assert box and (size != "desktop" or box["width"] > 250)
    assert canvas.evaluate("c => getComputedStyle(c).imageRendering") == "pixelated"
    assert page.evaluate("(e => e.scrollHeight - e.clientHeight)(document.querySelector('.stMain'))") <= 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    overflowing = page.evaluate(
        "[...document.querySelectorAll('.lx-side > *')]"
        ".filter(e => e.getBoundingClientRect().bottom > innerHeight).length"
    )
    assert overflowing == 0


def test_hovering_a_point_shows_its_image_and_switching_the_run_keeps_the_selected_one(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&image=17")
    x, y = _handle(page)
    page.mouse.move(x + 60, y)
    page.mouse.move(x + 1, y)
    expect(page.locator("[data-part=tooltip]")).to_be_visible()
    expect(page.locator("[data-part=tooltip-text]")).to_have_text(re.compile(r"^Image \d+, class \d$"))
    for run, title in (("autoencoder", "Autoencoder"), ("kl", "KL only"), ("reconstruction", "Reconstruction only")):
        page.get_by_role("radio", name=title).or_(page.get_by_role("button", name=title, exact=True)).first.click()
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", run)
        expect(page.locator("[data-part=title]")).to_have_text(title)
        latents = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / run)
        np.testing.assert_allclose(_z(page), latents["mu"][17], rtol=1e-3, atol=1e-3)
        wait_for_address(page, run=run, image="17")
        expect(page.locator(".lx-plane")).not_to_have_class(re.compile("lx-moving"))
        metrics = checkpoint.load_metrics(ROOT / "checkpoints" / "mnist" / run)
        shown = float(page.locator("[data-part=metric][data-figure=reconstruction]").inner_text())
        assert shown == pytest.approx(metrics["reconstruction"], rel=5e-3)


def test_points_travel_unless_reduced_motion_is_asked_for(open_page: Open) -> None:
    watch = """() => {
      window.moved = 0;
      new MutationObserver(() => {
        window.moved += document.querySelector('.lx-plane').classList.contains('lx-moving') ? 1 : 0;
      }).observe(document.querySelector('.lx-plane'), { attributes: true, attributeFilter: ['class'] });
    }"""
    page = open_page("?run=elbo")
    page.evaluate(watch)
    for motion, title, run in (("reduce", "KL only", "kl"), ("no-preference", "Full ELBO", "elbo")):
        page.emulate_media(reduced_motion=motion)
        page.get_by_role("radio", name=title).click()
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", run)
        page.wait_for_timeout(1500)
        assert (page.evaluate("window.moved") == 0) is (motion == "reduce")


def test_legend_switches_classes_and_isolates_one(open_page: Open) -> None:
    page = open_page(webgl=True)
    count = "document.querySelector('.lx-plotly')?._fullData?.[0].x.length"
    page.wait_for_function(f"{count} === 5000")
    three = page.locator(".lx-legend button").nth(3)
    three.click()
    page.wait_for_function(f"{count} === 4500")
    expect(three).to_have_attribute("aria-pressed", "false")
    three.click()
    page.wait_for_function(f"{count} === 5000")
    three.dblclick()
    page.wait_for_function(f"{count} === 500")
    three.dblclick()
    page.wait_for_function(f"{count} === 5000")


def test_backgrounds_fill_the_plane(open_page: Open) -> None:
    painted = """(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data
      .filter((v, i) => i % 4 === 3 && v).length / c.width / c.height)(document.querySelector('.lx-backdrop'))"""
    page = open_page("?background=manifold")
    page.wait_for_function(f"{painted} > 0.95")
    behind = page.get_by_role("combobox", name="Behind the points")
    behind.select_option("nothing")
    page.wait_for_function(f"{painted} === 0")
    behind.select_option("prior")
    page.wait_for_function(f"{painted} > 0.2 && {painted} < 0.95")


def test_colour_and_background_are_switched_in_the_browser(open_page: Open) -> None:
    page = open_page("?run=elbo&color_by=kl&image=3")
    expect(page.locator(".lx-legend")).to_contain_text("KL(q(z|x) || p(z))")
    expect(page.locator(".lx-legend")).to_contain_text("nats")
    page.get_by_role("combobox", name="Colour by").select_option("label")
    expect(page.locator(".lx-legend button")).to_have_count(10)
    page.get_by_role("combobox", name="Colour by").select_option("rank:kl")
    expect(page.locator(".lx-legend")).to_contain_text("KL(q(z|x) || p(z)), by rank")
    page.get_by_role("combobox", name="Behind the points").select_option("prior")
    wait_for_address(page, color_by="rank:kl", background="prior")
    page.get_by_role("radio", name="Reconstruction only").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "reconstruction")
    expect(page.locator(".lx-legend")).to_contain_text("KL(q(z|x) || p(z)), by rank")
    page.get_by_role("combobox", name="Colour by").select_option("kl")
    page.get_by_role("radio", name="Autoencoder").click()
    expect(page.locator(".lx-legend")).to_contain_text("none, the code of this run has no noise")
    expect(page.get_by_test_id("loss-bar")).to_have_attribute("aria-label", re.compile("no KL"))
    expect(page.locator(".lx-sigma-1")).to_be_hidden()


def test_means_or_draws_and_draws_of_z_from_the_selected_image_s_posterior(open_page: Open) -> None:
    page = open_page("?run=kl&image=17")
    means, draws = page.get_by_test_id("points-means"), page.get_by_test_id("points-draws")
    expect(draws).to_have_attribute("aria-pressed", "true")  # the means of a collapsed run tell nothing
    means.click()
    expect(means).to_have_attribute("aria-pressed", "true")
    wait_for_address(page, points="means")
    page.get_by_role("radio", name="Full ELBO").click()
    expect(means).to_have_attribute("aria-pressed", "true")
    draws.click()
    wait_for_address(page, points="draws")
    latents = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "elbo")
    mean, sigma = latents["mu"][17], np.exp(latents["log_var"][17] / 2)
    plane, found = page.get_by_test_id("latent-plane"), []
    expect(plane).to_have_attribute("data-run", "elbo")
    expect(page.locator(".lx-plane")).not_to_have_class(re.compile("lx-moving"))
    for _ in range(12):
        page.get_by_test_id("draw-z").click()
        found.append([float(v) for v in str(plane.get_attribute("data-z")).split(",")])
    epsilon = (np.array(found) - mean) / sigma
    assert len({tuple(z) for z in found}) == 12
    assert np.abs(epsilon).max() < 4 and 0.4 < epsilon.std() < 1.8
    expect(page.locator("[data-part=selected-title]")).to_contain_text("Image 17")
    page.get_by_role("radio", name="Autoencoder").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "autoencoder")
    expect(draws).to_be_hidden()  # a code without noise has none
    expect(page.get_by_test_id("draw-z")).to_be_hidden()


def test_without_a_gallery_the_images_are_decoded_ones(browser: Browser, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("?run=elbo&image=5")
        expect(page.locator("[data-part=nearest-title]")).to_have_text("Nearest held-out image, as decoded")
        run = checkpoints / "digits" / "elbo"
        expected = _decoded_by_torch("elbo", tuple(checkpoint.load_latents(run)["mu"][5]), run.parent)
        np.testing.assert_allclose(_image(page, "nearest-image").astype(float), expected, atol=1.5)


def test_a_run_may_have_any_name_and_more_than_two_dimensions(browser: Browser, checkpoints: Path) -> None:
    name = "β = 4 #2?%2F&x"
    shutil.copytree(checkpoints / "digits" / "elbo", checkpoints / "digits" / name)
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it(f"?run={quote(name)}&image=5")
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", name)
        expect(page.locator("[data-part=title]")).to_have_text(name)
        page.get_by_role("radio", name="conv").click()
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "conv")
        latents = checkpoint.load_latents(checkpoints / "digits" / "conv")
        np.testing.assert_allclose(_z(page), latents["pca"][5], atol=1e-3)


def test_another_data_set_starts_afresh(browser: Browser, checkpoints: Path) -> None:
    shutil.copytree(ROOT / "checkpoints" / "mnist" / "elbo", checkpoints / "mnist" / "elbo")
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("?dataset=digits&run=elbo&image=5")
        page.get_by_role("combobox", name="Data set").click()
        page.get_by_role("option", name="mnist").click()
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-dataset", "mnist")
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-z", "0,0")
        assert page.get_by_test_id("decoded-image").evaluate("c => c.width") == 28
        wait_for_address(page, dataset="mnist", z="0,0")
        assert "image" not in address_of(page)


def test_two_tabs_keep_to_themselves(open_page: Open) -> None:
    first, second = open_page("?run=elbo&z=1,1"), open_page("?run=kl&z=-1,0.5")
    first.get_by_test_id("handle").focus()
    first.keyboard.press("ArrowRight")
    first.wait_for_timeout(800)
    assert _z(second) == (-1, 0.5)
    assert address_of(second)["run"] == "kl"


def test_a_reload_restores_what_the_address_says(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.5,-1.2&image=17")
    assert _z(page) == (0.5, -1.2)
    expect(page.locator("[data-part=selected-title]")).to_have_text(re.compile("^Image 17, class"))
    page.get_by_test_id("handle").focus()
    page.keyboard.press("Shift+ArrowRight")
    z = _z(page)
    wait_for_address(page, z=",".join(f"{v:g}" for v in z))
    page.reload()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-ready", "true")
    assert _z(page) == pytest.approx(z, abs=1e-4)
    assert address_of(page)["image"] == "17"


def test_nothing_outside_the_checkpoints_is_served(shipped_app: str) -> None:
    host = shipped_app.removeprefix("http://")
    for path in (
        "/runs/mnist/..%2f..%2f/decoder",
        "/runs/%2e%2e/elbo/decoder",
        "/runs/../mnist/elbo/config.json",
        "/runs/mnist/elbo/config.json",
        "/assets/..%2fapp.py",
        "/assets/../app.py",
        "/assets/plotly/%2e%2e/%2e%2e/__init__.py",
    ):
        connection = HTTPConnection(host, timeout=PATIENCE_S)
        connection.request("GET", path)  # sent as it is: a browser would tidy the path first
        response = connection.getresponse()
        body = response.read()
        assert response.status in (400, 404) or b"<!doctype html>" in body[:100].lower(), path
        assert b"import " not in body[:2000], path
        connection.close()
