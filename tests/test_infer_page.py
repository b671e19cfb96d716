"""The Infer page in Chromium: strokes, the posterior that follows, painting, keys, undo and the address."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import Page, expect

from tests.opener import Open, address_of

PLACE = "infer?dataset=mnist&run=elbo&image=450"
PRIOR = 1 + math.log(2 * math.pi)  # entropy of z in nats, nothing seen


def _settled(page: Page) -> float:
    """Wait until the posterior is final; the entropy of z in nats."""
    plane = page.get_by_test_id("infer-plane")
    expect(plane).to_have_attribute("data-settled", "true")
    return float(plane.get_attribute("data-entropy") or "nan")


def _stroke(page: Page, height: float) -> None:
    """Brush across the image at a share of its height."""
    box = page.get_by_test_id("infer-board").bounding_box()
    assert box
    y = box["y"] + height * box["height"]
    page.mouse.move(box["x"] + 0.2 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], y, steps=4)
    page.mouse.up()


def _changed(page: Page, before: str | None, name: str = "seen") -> str:
    """The address's value once it is another one."""
    page.wait_for_function(
        "([name, before]) => (new URL(location).searchParams.get(name) ?? null) !== before", arg=[name, before]
    )
    return address_of(page).get(name, "")


def test_hiding_spreads_the_posterior_and_undo_takes_a_stroke_back(open_page: Open) -> None:
    page = open_page(PLACE)
    half = _settled(page)
    assert half < PRIOR - 1, "half an image says much of z"
    expect(page.get_by_test_id("infer-classes")).to_contain_text(re.compile(r"\d: .*%"))
    expect(page.locator(".lx-infer .lx-contour-0")).to_have_attribute("d", re.compile("^M"))
    expect(page.get_by_test_id("infer-gap")).to_contain_text("never trained for that")
    _stroke(page, 0.35)
    _changed(page, None)
    expect(page.get_by_test_id("infer-strokes")).to_contain_text("all together")
    assert _settled(page) > half, "what was hidden is not known any more"
    page.get_by_test_id("undo").click()
    page.wait_for_function("!new URL(location).searchParams.has('seen')")
    expect(page.get_by_test_id("infer-strokes")).to_contain_text("at first")
    assert _settled(page) == pytest.approx(half, abs=0.01)
    # With nothing seen it is the prior; a key shows a pixel.
    page.get_by_test_id("infer-way").select_option("nothing")
    nothing = _changed(page, None)
    assert abs(_settled(page) - PRIOR) < 1e-5
    page.get_by_test_id("infer-board").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    _changed(page, nothing)
    assert _settled(page) < PRIOR


def test_painting_moves_z_to_an_image_that_agrees(open_page: Open) -> None:
    page = open_page(f"{PLACE}&mode=paint")
    _settled(page)
    at_z = page.get_by_test_id("decoded-image")
    before = at_z.get_attribute("data-z")
    page.locator("[data-tool=bright]").click()
    _stroke(page, 0.5)
    bright = _changed(page, None, "bright")
    expect(at_z).not_to_have_attribute("data-z", before or "")
    assert _settled(page) < PRIOR
    painted, whole = page.evaluate(
        """async (text) => {
          const { maskIn } = await import("/assets/maths/pixel_mask.js");
          const canvas = document.querySelector("[data-testid=decoded-image]");
          const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28);
          const mask = maskIn(text, 784);
          const at = [...mask.keys()].filter((i) => mask[i]);
          const mean = (places) => places.reduce((sum, i) => sum + data[4 * i] / 255, 0) / places.length;
          return [mean(at), mean([...mask.keys()])];
        }""",
        bright,
    )
    assert painted > 0.4 > whole, "the decoded image is bright where it was painted so"


def test_the_image_goes_along_and_where_there_is_none_the_z(open_page: Open) -> None:
    page = open_page(PLACE)
    expect(page.get_by_test_id("along-z-explore")).to_be_hidden()
    page.get_by_role("button", name="Paint").click()
    expect(page.get_by_test_id("along-probability")).to_be_hidden()
    expect(page.get_by_test_id("along-z-explore")).to_be_visible()
    page.get_by_role("button", name="Rub out").click()
    page.get_by_test_id("along-probability").click()
    expect(page.get_by_test_id("probability-plane")).to_have_attribute("data-image", "450")
