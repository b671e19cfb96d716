"""The Interpolate page's controls: pairs of a class, class arithmetic, verdicts, play, touch and keyboard."""

from __future__ import annotations

import re

import numpy as np
import torch
from playwright.sync_api import Page, expect

from tests.opener import Open, pixels_of, wait_for_address
from tests.server import ROOT
from training import checkpoint
from training.measure.classifier import classify, load_classifier

MNIST = ROOT / "checkpoints" / "mnist"
LATENTS = checkpoint.load_latents(MNIST / "elbo")


def _decoded(z: np.ndarray, run: str = "elbo") -> torch.Tensor:
    with torch.no_grad():
        return checkpoint.load_model(MNIST / run).image(torch.from_numpy(np.atleast_2d(z).astype(np.float32)))


def _shows(page: Page, z: np.ndarray) -> None:
    expected = _decoded(z).flatten().numpy() * 255
    np.testing.assert_allclose(pixels_of(page, "decoded-image").astype(float), expected, atol=1.5)


def test_pairs_of_one_class_go_round(open_page: Open) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&mode=same&class_a=9&paths=linear&t=1")
    nines = np.flatnonzero(LATENTS["label"] == 9)
    page.get_by_label("Class of the image at A").select_option("9")
    wait_for_address(page, image_a=str(nines[0]), image_b=str(nines[1]))
    _shows(page, LATENTS["mu"][nines[1]])
    page.get_by_role("button", name="Pair before").click()
    wait_for_address(page, image_a=str(nines[-2]), image_b=str(nines[-1]))
    page.get_by_role("button", name="Next pair").click()
    wait_for_address(page, image_a=str(nines[0]))
    expect(page.locator(".lx-pair output")).to_have_text(f"pair 1 of {len(nines) // 2}")


def test_class_arithmetic_adds_the_difference_of_the_classes_means(open_page: Open) -> None:
    page = open_page(
        "interpolate?dataset=mnist&run=elbo&image_a=1100&mode=arithmetic&class_a=2&class_b=6&paths=linear&t=1"
    )
    mu, label = LATENTS["mu"].astype(np.float64), LATENTS["label"]
    shift = mu[label == 6].mean(0) - mu[label == 2].mean(0)
    _shows(page, mu[1100] + shift)
    strength = page.get_by_label("Strength of the class arithmetic")
    strength.fill("-0.5")
    wait_for_address(page, strength="-0.5")
    _shows(page, mu[1100] - 0.5 * shift)
    expect(page.locator(".lx-sentence")).to_contain_text("− 0.5 × (6 − 2)")


def test_every_run_is_scored_by_the_classifier_and_by_its_nearest_image(open_page: Open) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&image_a=1100&image_b=3300&view=runs")
    row = page.locator(".lx-film[data-film=elbo]")
    expect(row).to_have_attribute("data-scored", "true")
    said = row.inner_text()
    mu = LATENTS["mu"].astype(np.float64)
    t = np.arange(41)[:, None] / 40
    images = _decoded((1 - t) * mu[1100] + t * mu[3300])
    model, _ = load_classifier(MNIST / "classifier")
    unsure = classify(model, images)[:, :10].max(1).min()
    said_least = re.search(r"least sure at t = ([\d.]+): ([\d.]+) %", said)
    assert said_least, said
    assert abs(float(said_least[2]) / 100 - unsure) < 1e-3
    gallery = checkpoint.load_gallery(MNIST / "gallery.safetensors")["images"].reshape(5000, -1) / 255
    far = max(np.sqrt(((gallery - image) ** 2).sum(1)).min() for image in images.flatten(1).numpy())
    said_farthest = re.search(r"farthest from a real image at t = [\d.]+: ([\d.]+)", said)
    assert said_farthest, said
    np.testing.assert_allclose(float(said_farthest[1]), far, rtol=0.01)


def test_play_goes_to_b_and_back_and_pause_keeps_the_place(open_page: Open) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&image_a=1100&image_b=3300&paths=linear&t=0.9")
    slider, play = page.get_by_test_id("interpolation-slider"), page.get_by_test_id("play")
    page.get_by_label("Speed").select_option("2")
    play.click()
    seen = """
      (wanted) => {
        const t = Number(document.querySelector("[data-testid=interpolation-slider]").value);
        window.highest = Math.max(window.highest ?? 0, t);
        return window.highest > 0.95 && t < 0.7;
      }
    """
    page.wait_for_function(seen)
    play.click()
    at = slider.input_value()
    page.wait_for_function(
        "(t) => Math.abs(new URL(location).searchParams.get('t') - t) < 2e-3", arg=at
    )  # a good while of frames later
    assert slider.input_value() == at


def test_without_ping_pong_a_film_ends_at_b(open_page: Open) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&image_a=1100&image_b=3300&paths=linear&t=0.8")
    page.get_by_role("button", name="Ping-pong").click()
    page.get_by_label("Speed").select_option("2")
    play = page.get_by_test_id("play")
    play.click()
    expect(page.get_by_test_id("interpolation-slider")).to_have_value("1")
    expect(play).to_have_attribute("aria-label", "Play")
    _shows(page, LATENTS["mu"][3300])


def test_a_finger_drags_an_end_and_scrubs_without_scrolling(open_page: Open) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&image_a=1100&image_b=3300&paths=linear", size="phone")
    touch = page.context.new_cdp_session(page)

    def swipe(x: float, y: float, dx: float, dy: float) -> None:
        for step in range(6):
            kind, point = "touchMove" if step else "touchStart", {"x": x + dx * step / 5, "y": y + dy * step / 5}
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    slider = page.get_by_test_id("interpolation-slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    swipe(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2, box["width"] * 0.3, 0)
    page.wait_for_function("Math.abs(document.querySelector('[data-testid=interpolation-slider]').value - 0.8) < 0.06")
    handle = page.get_by_test_id("handle-A")
    handle.scroll_into_view_if_needed()
    before = handle.bounding_box()
    assert before
    swipe(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2, 30, 60)
    after = handle.bounding_box()
    assert after
    assert abs(after["x"] - before["x"] - 30) < 3
    assert abs(after["y"] - before["y"] - 60) < 3
    page.wait_for_function("new URL(location).searchParams.has('a')")
