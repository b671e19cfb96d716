"""The bar at the top: seven places, their views, and a name of its own for each tab of the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.screens import places
from explorer.views.pages import PAGES, PLACES
from tests.opener import Open, address_of, wait_until_still

WITHIN = """width => [...document.querySelectorAll(".st-key-bar a")].every((link) => {
  const { left, right } = link.getBoundingClientRect();
  return left >= 0 && right <= width;
})"""


def test_every_page_is_a_view_of_one_of_seven_places() -> None:
    assert len(PLACES) == 7
    assert sum(map(len, PLACES.values())) == len(PAGES) == 13
    assert len({places.title(page) for page in PAGES}) == len(PAGES)
    assert places.title("explore") == "Explore"
    assert places.title("gradients") == "Theory: Gradients"


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_places_and_views_are_a_click_away_and_say_where_one_is(open_page: Open, size: str) -> None:
    page = open_page("?dataset=mnist&run=kl&image=17", size=size)
    bar = page.locator(".st-key-bar")
    expect(page).to_have_title("Explore · Latent-space explorer")
    bar.get_by_role("link", name="Traverse").click()
    expect(page.locator(".lx-traverse")).to_have_attribute("data-ready", "true")
    assert {"dataset": "mnist", "run": "kl", "image": "17"}.items() <= address_of(page).items()
    expect(page).to_have_title("Explore: Traverse · Latent-space explorer")
    expect(bar.locator(".st-key-place-here")).to_have_text("Explore")
    expect(bar.locator(".st-key-view-here")).to_have_text("Traverse")
    bar.get_by_role("link", name="Theory").click()
    expect(page.locator(".lx-probability")).to_have_attribute("data-ready", "true")
    expect(page).to_have_title("Theory · Latent-space explorer")
    expect(bar.locator(".st-key-place-here")).to_have_text("Theory")
    # Until its run has ended, names of the place before may still stand in the bar.
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    # Every name can be seen and pressed, at every width, and no other button lies over it.
    for width in (390,) if size == "phone" else (1440, 941, 768):
        page.set_viewport_size({"width": width, "height": 900})
        wait_until_still(page)  # names that have just ceased to be of the place are bold for a moment yet
        page.wait_for_function(WITHIN, arg=width)
        undo = page.locator(".lx-undo").bounding_box()
        assert undo
        for link in bar.get_by_role("link").all():
            box = link.bounding_box()
            assert box
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
            beside = box["x"] + box["width"] <= undo["x"] or box["y"] + box["height"] <= undo["y"] + 8
            assert beside or box["x"] >= undo["x"] + undo["width"], (width, link.inner_text())
            link.click(trial=True)


def test_old_addresses_lead_to_the_view_with_their_state(open_page: Open) -> None:
    page = open_page("metrics?dataset=mnist&runs=elbo,kl")
    bar = page.locator(".st-key-bar")
    expect(bar.locator(".st-key-place-here")).to_have_text("Compare")
    expect(page.locator(".figures")).to_contain_text(re.compile("KL only"))
    assert address_of(page)["runs"] == "elbo,kl"
