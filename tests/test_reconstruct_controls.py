"""The Reconstruct page's controls: which images, their noise, epsilon, the drawing pad, keyboard and touch."""

from __future__ import annotations

import numpy as np
import torch
from playwright.sync_api import Page, expect

from tests.opener import Open, address_of, pixels_of, wait_for_address
from tests.server import ROOT
from training import checkpoint

ELBO = ROOT / "checkpoints" / "mnist" / "elbo"


def _columns(page: Page) -> list[int]:
    buttons = page.locator("[data-part=rows] button")
    return [int(index) for index in buttons.evaluate_all("all => all.map((one) => one.dataset.image)")]


def _rows(page: Page) -> np.ndarray:
    """Grey values of every column's last row, once all of them are decoded."""
    read = """
      () => [...document.querySelectorAll("[data-part=rows] button canvas:last-of-type")]
        .map((c) => Array.from(c.getContext("2d").getImageData(0, 0, c.width, c.height).data))
    """
    expect(page.locator("[data-part=rows]")).to_have_attribute("data-complete", "true")
    return np.array(page.evaluate(read))[:, ::4]


def _z(page: Page) -> np.ndarray:
    return np.array([float(v) for v in (page.get_by_test_id("latent-plane").get_attribute("data-z") or "").split(",")])


def _decoded(z: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return checkpoint.load_model(ELBO).image(torch.tensor(z[None].astype(np.float32))).flatten().numpy() * 255


def test_worst_and_best_are_sorted_by_the_reconstruction_term_and_a_class_stands_alone(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&order=worst")
    latents = checkpoint.load_latents(ELBO)
    for order, sign in (("worst", -1), ("best", 1)):
        if order == "best":
            page.get_by_role("button", name="Best", exact=True).click()
            wait_for_address(page, order="best")
        shown = _columns(page)
        expected = np.argsort(sign * latents["reconstruction"], kind="stable")[: len(shown)]
        assert shown == expected.tolist(), order
    page.locator("[data-part=class]").select_option("7")
    assert set(latents["label"][_columns(page)].tolist()) == {7}
    wait_for_address(page, **{"class": "7"})


def test_a_seed_gives_the_same_images_and_noise_again(open_page: Open) -> None:
    link = "reconstruct?dataset=mnist&runs=elbo&seed=3&noise=2"
    page = open_page(link)
    first, rows = _columns(page), _rows(page)
    page.get_by_role("button", name="Resample").click()
    wait_for_address(page, seed="4")
    assert _columns(page) != first
    again = open_page(link)
    assert _columns(again) == first
    np.testing.assert_array_equal(_rows(again), rows)


def test_the_noise_slider_leaves_the_reconstruction_and_comes_back(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=reconstruction,elbo&seed=1")
    still, latents = _rows(page), checkpoint.load_latents(ELBO)
    np.testing.assert_allclose(still[0], _decoded(latents["mu"][_columns(page)[0]]), atol=1.5)
    slider = page.locator("[data-part=noise]")
    slider.fill("1.5")
    expect(page.locator(".lx-noise output")).to_have_text("1.50 σ")
    assert np.abs(_rows(page).astype(float) - still).max() > 20
    slider.fill("0")
    np.testing.assert_array_equal(_rows(page), still)


def test_epsilon_leads_to_z(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&image=17&eps=0.5,-1.2&how=open")
    latents = checkpoint.load_latents(ELBO)
    mu, sigma = latents["mu"][17], np.exp(latents["log_var"][17] / 2)
    np.testing.assert_allclose(_z(page), mu + sigma * [0.5, -1.2], atol=2e-4)
    np.testing.assert_allclose(pixels_of(page, "reconstruction-elbo"), _decoded(mu + sigma * [0.5, -1.2]), atol=1.5)
    first = page.locator("[data-step=epsilon] input").first
    first.fill("-2")
    np.testing.assert_allclose(_z(page), mu + sigma * [-2, -1.2], atol=2e-4)
    before = _z(page)
    page.get_by_role("button", name="Draw again").click()
    assert (_z(page) != before).all()


def test_dragging_z_tells_its_epsilon(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&image=17")
    page.get_by_role("button", name="Zoom to").click()
    handle = page.get_by_test_id("handle").bounding_box()
    assert handle
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 25, steps=6)
    page.mouse.up()
    page.wait_for_function("new URL(location).searchParams.has('eps')")
    epsilon = np.array([float(v) for v in address_of(page)["eps"].split(",")])
    latents = checkpoint.load_latents(ELBO)
    sigma = np.exp(latents["log_var"][17] / 2)
    assert np.abs(epsilon).max() > 0.3
    np.testing.assert_allclose(_z(page), latents["mu"][17] + sigma * epsilon, atol=3e-4)
    np.testing.assert_allclose(pixels_of(page, "reconstruction-elbo"), _decoded(_z(page)), atol=2.5)


def test_a_deterministic_run_says_so(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=autoencoder,elbo&detail=autoencoder&image=17&how=open&eps=1,1")
    expect(page.locator(".lx-plane-note")).to_contain_text("no σ, no ε")
    expect(page.locator("[data-step=epsilon] .lx-step-body")).to_contain_text("no noise")
    expect(page.get_by_role("button", name="Zoom to")).to_be_disabled()
    mu = checkpoint.load_latents(ELBO.parent / "autoencoder")["mu"][17]
    np.testing.assert_allclose(_z(page), mu, atol=1e-3)


def _stroke(page: Page, *places: tuple[float, float]) -> None:
    box = page.get_by_test_id("drawing-pad").bounding_box()
    assert box
    for i, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if i == 0:
            page.mouse.down()
    page.mouse.up()


def _wait_until_framed(page: Page, differs_from: np.ndarray | None = None, equals: np.ndarray | None = None) -> None:
    """Wait until the framed drawing is another, or this one."""
    other = differs_from if equals is None else equals
    read = """
      ([wanted, same]) => {
        const c = document.querySelector("[data-testid=framed]");
        const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height);
        return wanted.every((v, i) => v === data[4 * i]) === same;
      }
    """
    assert other is not None
    page.wait_for_function(read, arg=[other.tolist(), equals is not None])


def test_the_reconstruction_follows_the_pen_and_undo_and_clear_take_it_back(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&source=draw")
    undo = page.locator("[data-part=undo]")
    expect(undo).to_be_disabled()
    box = page.get_by_test_id("drawing-pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    seen = set()
    for step in range(1, 9):
        before = pixels_of(page, "framed")
        page.mouse.move(box["x"] + 60 + 15 * step, box["y"] + 60 + 12 * step)
        _wait_until_framed(page, differs_from=before)
        seen.add(pixels_of(page, "reconstruction-elbo").tobytes())
    assert len(seen) == 8, "it changes before the pen is lifted"
    page.mouse.up()
    one = pixels_of(page, "framed")
    _stroke(page, (0.8, 0.1), (0.2, 0.9))
    _wait_until_framed(page, differs_from=one)
    undo.click()
    _wait_until_framed(page, equals=one)
    page.get_by_role("button", name="Clear", exact=True).click()
    _wait_until_framed(page, equals=np.zeros(784))
    expect(page.locator(".lx-pad-hint")).to_be_visible()
    expect(undo).to_be_disabled()


def test_a_finger_draws_and_the_page_stays_where_it_is(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&source=draw", size="phone")
    pad = page.get_by_test_id("drawing-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    for step in range(11):
        point = {"x": box["x"] + box["width"] * 0.5, "y": box["y"] + box["height"] * (0.2 + 0.06 * step)}
        kind = "touchMove" if step else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    whole_stroke = """
      () => {
        const c = document.querySelector("[data-testid=framed]");
        const { data } = c.getContext("2d").getImageData(0, 0, 28, 28);
        const rows = Array.from({ length: 28 }, (_, y) => y)
          .filter((y) => Array.from({ length: 28 }, (_, x) => data[4 * (28 * y + x)]).some((v) => v > 50));
        return rows.length && rows[rows.length - 1] - rows[0] >= 17;
      }
    """
    page.wait_for_function(whole_stroke)
    after = pad.bounding_box()
    assert after and after["y"] == box["y"]
    for name in ("Undo", "Clear", "Upload an image"):
        size = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert size and size["height"] >= 40


def test_arrow_keys_go_from_image_to_image(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&seed=2")
    columns = _columns(page)
    page.locator(f"[data-part=rows] button[data-image='{columns[0]}']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"[data-part=rows] button[data-image='{columns[1]}']")).to_be_focused()
    wait_for_address(page, image=str(columns[1]))
    page.keyboard.press("End")
    wait_for_address(page, image=str(columns[-1]))
    np.testing.assert_allclose(_z(page), checkpoint.load_latents(ELBO)["mu"][columns[-1]], atol=1e-3)
    page.get_by_label("Image", exact=True).fill("123")
    page.keyboard.press("Enter")
    wait_for_address(page, image="123")
    expect(page.locator(".lx-at-hand h2")).to_contain_text("Image 123")
