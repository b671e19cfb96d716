"""Explore's address keeps the part of the plane that is seen; Tab reaches the handle past bar and switches."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.opener import Open, address_of, wait_for_address, wait_until_ready


def _handle(page: Page) -> tuple[float, float]:
    box = page.get_by_test_id("handle").bounding_box()
    assert box
    return box["x"], box["y"]


def test_a_zoom_comes_back_with_the_address_and_goes_when_it_is_fitted(open_page: Open) -> None:
    page = open_page("?run=elbo&z=0.6,-0.4")
    entries = page.evaluate("history.length")
    changed = "view => ![null, view].includes(new URL(location).searchParams.get('view'))"
    for _ in range(3):
        view = address_of(page).get("view")
        page.get_by_role("button", name="Zoom in").click()
        page.wait_for_function(changed, arg=view)
    left, right, bottom, top = (float(v) for v in address_of(page)["view"].split(","))
    assert left < right
    assert bottom < top
    assert page.evaluate("history.length") == entries, "zooming replaces the entry"
    before = _handle(page)
    page.reload()
    wait_until_ready(page)
    assert _handle(page) == pytest.approx(before, abs=1.5)
    page.get_by_test_id("handle").press("Home")
    page.wait_for_function("!new URL(location).searchParams.has('view')")


def test_a_view_that_makes_no_sense_is_told(open_page: Open) -> None:
    page = open_page("?run=elbo&view=1,-1,0,1")
    expect(page.get_by_test_id("stToast").filter(has_text="view=1,-1,0,1")).to_be_visible()
    page = open_page("?run=elbo&view=-1,1,-0.5,0.5")
    page.get_by_role("radio", name="KL only").click()
    wait_for_address(page, run="kl")
    page.wait_for_function("!new URL(location).searchParams.has('view')")  # another run is seen whole


def test_tab_reaches_the_handle_within_six_stops(open_page: Open) -> None:
    page = open_page("?run=elbo")
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("skip-to-plane")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("handle")).to_be_focused()
