"""Gestures on the plane in a real browser: a finger, two, the wheel, a drag past the edge."""

from __future__ import annotations

import math

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.opener import Open, next_frame, pixels_of, wait_until_still
from tests.plotly_points import wait_for_plotly


def _z(page: Page) -> tuple[float, float]:
    x, y = (page.get_by_test_id("latent-plane").get_attribute("data-z") or "").split(",")
    return float(x), float(y)


def _handle(page: Page) -> tuple[float, float]:
    box = page.get_by_test_id("handle").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_touch_drag_decodes_and_does_not_scroll(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0", size="phone")
    x, y = _handle(page)
    client = page.context.new_cdp_session(page)
    before = pixels_of(page, "decoded-image")
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        point = {"x": x + 5 * step, "y": y + 8 * step}
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    next_frame(page)
    hx, hy = _handle(page)
    assert math.hypot(hx - (x + 50), hy - (y + 80)) < 2
    assert not np.array_equal(before, pixels_of(page, "decoded-image"))
    assert page.evaluate("document.querySelector('.stMain').scrollTop + window.scrollY") == 0


def _touch(page: Page, *points: tuple[float, float]) -> None:
    """One finger, from the first point on to the last."""
    client = page.context.new_cdp_session(page)
    for kind, (x, y) in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_beside_the_handle_scrolls_and_a_tap_brings_it(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0", size="phone")
    x, y = _handle(page)
    _touch(page, *((x + 70, y + 60 - 20 * step) for step in range(8)))
    page.wait_for_function("document.querySelector('.stMain').scrollTop > 50")
    assert _z(page) == (0, 0)
    wait_until_still(page)  # a finger that stops a moving page is no tap
    page.evaluate("document.querySelector('.stMain').scrollTop = 0")  # it may have gone on far
    wait_until_still(page)
    left, top = _handle(page)
    _touch(page, (left + 40, top + 30))
    page.wait_for_function("document.querySelector('[data-testid=latent-plane]').dataset.z !== '0,0'")
    hx, hy = _handle(page)
    assert math.hypot(hx - (left + 40), hy - (top + 30)) < 7  # a point under the finger takes it


def test_the_wheel_scrolls_the_page_until_the_plane_was_clicked(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0", size="phone", webgl=True)
    wait_for_plotly(page)
    span = "(([a, b]) => b - a)(document.querySelector('.lx-plotly')._fullLayout.xaxis.range)"
    before = page.evaluate(span)
    x, y = _handle(page)
    page.mouse.move(x + 40, y)
    page.mouse.wheel(0, 120)
    page.wait_for_function("document.querySelector('.stMain').scrollTop > 0")
    expect(page.locator(".lx-plane-hint")).to_contain_text("Ctrl + wheel zooms")
    assert page.evaluate(span) == before
    x, y = _handle(page)
    page.mouse.click(x + 5, y + 5)
    page.mouse.wheel(0, -120)
    page.wait_for_function(f"{span} < {0.9 * before}")


def test_a_drag_past_the_edge_leaves_the_handle_at_the_edge(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0,0")
    box = page.locator(".lx-area").bounding_box()
    assert box
    page.mouse.move(*_handle(page))
    page.mouse.down()
    page.mouse.move(box["x"] - 30, box["y"] + 40, steps=4)
    page.mouse.up()
    x, y = _handle(page)
    assert math.hypot(x - box["x"], y - (box["y"] + 40)) < 1.5


def test_both_axes_have_one_scale_and_wheel_pan_and_reset_work(open_page: Open) -> None:
    page = open_page("?z=0,0", webgl=True)
    ranges = """(l => [...l.xaxis.range, ...l.yaxis.range, l.xaxis._length, l.yaxis._length])(
      document.querySelector('.lx-plotly')._fullLayout)"""
    wait_for_plotly(page)

    def scales() -> tuple[float, float]:
        left, right, bottom, top, width, height = page.evaluate(ranges)
        return width / (right - left), height / (top - bottom)

    start = page.evaluate(ranges)
    x, y = _handle(page)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"(([left, right]) => right - left < {0.7 * (start[1] - start[0])})({ranges})")
    next_frame(page)
    assert scales()[0] == pytest.approx(scales()[1], rel=1e-6)
    assert math.hypot(*np.subtract(_handle(page), (x, y))) < 1.5  # what is under the pointer stays there

    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(x + 80, y + 40, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    next_frame(page)
    assert math.hypot(*np.subtract(_handle(page), (x + 80, y + 40))) < 1.5
    assert _z(page) == (0, 0)
    page.get_by_role("button", name="Fit the view to the points").click()
    page.wait_for_function(f"(([left]) => Math.abs(left - {start[0]}) < 1e-6)({ranges})")
    assert page.evaluate(ranges) == pytest.approx(start)
    assert scales()[0] == pytest.approx(scales()[1], rel=1e-6)
