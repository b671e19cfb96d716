"""The Compare page's layout: square planes, what is decoded beside them, a drawer with figures, and what points are."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.opener import SIZES, Open, address_of, wait_for_address, wait_until_ready, wait_until_still

THREE = "reconstruction,kl,elbo"


@pytest.mark.parametrize("phone", [False, True], ids=["window", "phone"])
@pytest.mark.parametrize("runs", ["kl,elbo", THREE, "autoencoder,reconstruction,kl,elbo"])
def test_planes_are_square_what_is_decoded_stands_clear_and_nothing_scrolls(
    open_page: Open, phone: bool, runs: str
) -> None:
    page = open_page(f"compare?runs={runs}", size="phone" if phone else "desktop")
    for size in ["phone"] if phone else ["desktop", "projector"]:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        wait_until_still(page)
        for run in runs.split(","):
            plane = page.get_by_test_id(f"compare-plane-{run}").bounding_box()
            assert abs(plane["width"] - plane["height"]) <= 2, (size, plane)
            image = page.get_by_test_id(f"compare-image-{run}").bounding_box()
            assert image["y"] >= plane["y"] + plane["height"] or image["x"] >= plane["x"] + plane["width"], size
            words = page.get_by_test_id(f"compare-panel-{run}").locator(".lx-verdict").bounding_box()
            assert words["width"] > 100, size
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, size
        if not phone and runs.count(",") > 1:
            assert page.evaluate("(e => e.scrollHeight - e.clientHeight)(document.querySelector('.stMain'))") <= 0, size


def test_figures_are_a_drawer_that_the_address_knows(open_page: Open) -> None:
    page = open_page("compare?runs=kl,elbo")
    numbers = page.get_by_test_id("compare-panel-elbo").locator(".lx-numbers")
    button = page.get_by_role("button", name="Figures")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(numbers).to_be_hidden()
    button.click()
    expect(numbers).to_be_visible()
    wait_for_address(page, figures="open")
    plane = page.get_by_test_id("compare-plane-elbo")
    plane.hover(position={"x": 120, "y": 60})  # where no handle is
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.keyboard.up("Control")
    page.wait_for_function("new URL(location).searchParams.get('views')?.startsWith('elbo:')")
    zoomed = _view(page)
    page.reload()
    wait_until_ready(page)
    expect(numbers).to_be_visible()
    page.get_by_test_id("compare-panel-kl").get_by_role("button", name="Fit the view").click()
    page.get_by_test_id("points-draws").click()
    wait_for_address(page, points="draws")
    assert _view(page) == pytest.approx(zoomed, abs=0.02 * (zoomed[1] - zoomed[0]))  # it is seen as it was


def _view(page: Page) -> list[float]:
    return [float(part) for part in address_of(page)["views"].removeprefix("elbo:").split(" ")]


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
    page.get_by_test_id("marks-select").select_option("labels")
    wait_for_address(page, marks="labels")
    expect(page.locator("[data-testid=marks][data-marks]:not([data-marks='0'])")).to_have_count(2)
