"""How many steps a person needs from the first sight to what is wanted, and that all of it holds at 200 % zoom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.opener import Open, wait_for_address, wait_until_ready, wait_until_still
from tests.page_pool import NO_WEBGL
from tests.patience import PATIENCE_MS


class Steps:
    """Clicks and keys on a page, counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def click(self, where: Locator, moving: bool = False) -> None:
        self.count += 1
        where.click(force=moving)

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)


@pytest.fixture
def steps(browser: Browser, shipped_app: str) -> Iterator[Steps]:
    """A newcomer's, from the start on, on a projector."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.add_init_script(NO_WEBGL)
    page.goto(shipped_app)
    wait_until_ready(page)
    yield Steps(page)
    context.close()


def test_what_sigma_does_and_a_picture_and_the_link_in_two_each(steps: Steps) -> None:
    page = steps.page
    plane = page.get_by_test_id("latent-plane")
    steps.click(plane.get_by_test_id("handle"), moving=True)  # which ends its glide
    steps.press("Enter")  # the nearest image
    for ellipse in plane.locator(".lx-ellipse:not(.lx-outline)").all():
        expect(ellipse).to_be_visible()
    assert steps.count <= 2
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.mouse.move(2, 2)
    steps.count = 0
    steps.click(page.get_by_test_id("share").locator("summary"))
    with page.expect_download() as file:
        steps.click(page.get_by_test_id("share-png"))
    assert file.value.suggested_filename == "mnist-elbo.png"
    assert steps.count <= 2
    steps.count = 0
    steps.click(page.get_by_test_id("share").locator("summary"))
    steps.click(page.get_by_test_id("share-link"))
    expect(page.locator(".lx-plane-hint", has_text="copied")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert steps.count <= 2


def test_a_talk_that_fills_the_screen_by_one_key_and_from_a_2_to_a_6_in_two(steps: Steps) -> None:
    page = steps.page
    steps.click(page.get_by_role("button", name="Learn in ten minutes"))
    page.locator(".lx-tour[data-ready=true], .lx-tour [data-ready=true]").first.wait_for(state="attached")
    steps.count = 0
    steps.press("p")
    wait_for_address(page, present="1")
    assert steps.count == 1
    page.keyboard.press("Escape")
    steps.count = 0
    steps.click(page.get_by_role("link", name="Interpolate"))  # which stands over every page
    expect(page.get_by_role("heading", name="Interpolate")).to_be_visible()
    wait_until_ready(page)
    expect(page.locator(".lx-interpolate")).to_contain_text("From a 2 to a 6")
    assert steps.count <= 2


@pytest.mark.parametrize("place", ["", "compare", "reconstruct", "interpolate", "probability", "tour"])
def test_at_200_percent_nothing_is_wider_than_the_window(open_page: Open, place: str) -> None:
    # A browser zooms by giving the page half as many pixels, each twice as large.
    page = open_page(place, device_scale_factor=2)
    page.set_viewport_size({"width": 640, "height": 360})
    wait_until_still(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    handle = page.locator(".lx-handle").first
    handle.scroll_into_view_if_needed()
    expect(handle).to_be_in_viewport()


def test_back_leads_to_the_place_the_run_and_the_selection(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&image=600")
    page.get_by_role("radio", name="KL only").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "kl")
    page.get_by_role("link", name="Compare").click()
    page.locator(".lx-compare[data-ready=true], .lx-compare [data-ready=true]").first.wait_for(state="attached")
    page.go_back()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "kl")
    page.go_back()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "elbo")
    wait_for_address(page, run="elbo", image="600")
