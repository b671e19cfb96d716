"""The Compare page's layout: square planes, what is decoded beside them, a drawer with figures, and what points are."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.opener import Open, wait_for_address, wait_until_ready, wait_until_still

THREE = "reconstruction,kl,elbo"


@pytest.mark.parametrize("size", ["desktop", "projector"])
@pytest.mark.parametrize("runs", [THREE, "autoencoder,reconstruction,kl,elbo"])
def test_fits_the_window_without_scrolling(open_page: Open, size: str, runs: str) -> None:
    page = open_page(f"compare?runs={runs}", size=size)
    assert page.evaluate("(e => e.scrollHeight - e.clientHeight)(document.querySelector('.stMain'))") <= 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("size", ["desktop", "projector", "phone"])
@pytest.mark.parametrize("runs", ["kl,elbo", THREE, "autoencoder,reconstruction,kl,elbo"])
def test_planes_are_square_and_what_is_decoded_stands_clear(open_page: Open, size: str, runs: str) -> None:
    page = open_page(f"compare?runs={runs}", size=size)
    wait_until_still(page)
    for run in runs.split(","):
        plane = page.get_by_test_id(f"compare-plane-{run}").bounding_box()
        assert abs(plane["width"] - plane["height"]) <= 2, plane
        image = page.get_by_test_id(f"compare-image-{run}").bounding_box()
        assert image["y"] >= plane["y"] + plane["height"] or image["x"] >= plane["x"] + plane["width"]
        words = page.get_by_test_id(f"compare-panel-{run}").locator(".lx-verdict").bounding_box()
        assert words["width"] > 100


def test_figures_are_a_drawer_that_the_address_knows(open_page: Open) -> None:
    page = open_page("compare?runs=kl,elbo")
    numbers = page.get_by_test_id("compare-panel-elbo").locator(".lx-numbers")
    button = page.get_by_role("button", name="Figures")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(numbers).to_be_hidden()
    button.click()
    expect(numbers).to_be_visible()
    wait_for_address(page, figures="open")
    page.reload()
    wait_until_ready(page)
    expect(numbers).to_be_visible()


def test_a_collapsed_run_shows_draws_and_the_others_on_demand(open_page: Open) -> None:
    page = open_page("compare?runs=kl,elbo&image=17")
    told = {run: page.get_by_test_id(f"compare-panel-{run}").locator("[data-part=drawn]") for run in ("kl", "elbo")}
    expect(told["kl"]).to_be_visible()
    expect(told["elbo"]).to_be_hidden()
    draws = page.get_by_test_id("points-draws")
    expect(draws).to_have_attribute("aria-pressed", "false")
    draws.click()
    expect(told["elbo"]).to_be_visible()
    wait_for_address(page, points="draws")
