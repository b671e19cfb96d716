"""Every page while it loads: another theme does not stop it, another run takes its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.opener import wait_until_ready
from tests.server import serve

# The pages with one run, and which of their elements says what run it shows.
SHOWN = {
    "traverse": ".lx-traverse",
    "prior": ".lx-prior [data-part=grid]",
    "interpolate": ".lx-interpolate [data-part=plane]",
    "probability": ".lx-probability [data-testid=probability-plane]",
}
LATENTS = re.compile(r"/runs/digits/elbo/latents")
OTHERS = ("", "compare", "reconstruct")


@pytest.fixture(scope="module")
def address(trained: Path) -> Iterator[str]:
    with serve(trained) as served:
        yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme="light")
    yield context.new_page()
    context.close()


def _open_without_latents(page: Page, place: str) -> Callable[[], None]:
    """Go to a page and switch the theme while the latents of the run `elbo` are on their way; returns their release."""
    held: list[Route] = []
    page.route(LATENTS, lambda route: held.append(route), times=1)
    with page.expect_request(LATENTS):
        page.goto(place, wait_until="commit")
    expect(page.locator(".lx-loading").first).to_be_attached(timeout=30_000)
    background = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    before = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"(before) => {background} !== before", arg=before)

    def let_through() -> None:
        for route in held:
            route.continue_()

    return let_through


@pytest.mark.parametrize("name", [*SHOWN, *OTHERS])
def test_another_theme_does_not_stop_what_loads(page: Page, address: str, name: str) -> None:
    runs = "runs=kl,elbo" if name in ("compare", "reconstruct") else "run=elbo"
    let_through = _open_without_latents(page, f"{address}/{name}?dataset=digits&{runs}")
    let_through()
    wait_until_ready(page)
    expect(page.locator(".lx-loading:visible")).to_have_count(0)
    expect(page.locator(".lx-error:visible")).to_have_count(0)


@pytest.mark.parametrize(("name", "element"), SHOWN.items(), ids=list(SHOWN))
def test_another_run_takes_the_place_of_what_loads(page: Page, address: str, name: str, element: str) -> None:
    let_through = _open_without_latents(page, f"{address}/{name}?dataset=digits&run=elbo")
    page.get_by_role("radio", name="KL only").click()
    expect(page.locator(element)).to_have_attribute("data-run", "kl", timeout=30_000)
    with page.expect_response(LATENTS):
        let_through()
    wait_until_ready(page)
    expect(page.locator(element)).to_have_attribute("data-run", "kl")
    expect(page.locator(".lx-loading:visible")).to_have_count(0)
