"""Every page, switched while it loads: what it shows in the end is what a page shows that was opened so."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.opener import Open, address_of, wait_until_ready

TITLES = {"kl": "KL only", "reconstruction": "Reconstruction only", "autoencoder": "Autoencoder"}
RUN_FILE = re.compile(r"/runs/mnist/([\w-]+)/(latents|decoder|encoder)")


class Held:
    """Holds back what a page asks for of some runs."""

    def __init__(self, *runs: str) -> None:
        self.runs = set(runs)
        self._routes: list[tuple[str, Route]] = []

    def watch(self, page: Page) -> None:
        """Hold back from now on."""
        page.route(RUN_FILE, self._take)

    def _take(self, route: Route) -> None:
        run = _run_of(route.request.url)
        if run in self.runs:
            self._routes.append((run, route))
        else:
            route.continue_()

    def release(self, run: str) -> None:
        """Let through what was asked for of a run, and what will be."""
        assert any(held == run for held, _ in self._routes), f"nothing of {run} was asked for"
        self.runs.remove(run)
        for held, route in self._routes:
            if held == run:
                route.continue_()
        self._routes = [(held, route) for held, route in self._routes if held != run]


def _run_of(url: str) -> str:
    found = RUN_FILE.search(urlparse(url).path)
    assert found, url
    return found[1]


def _press(page: Page, run: str) -> None:
    page.get_by_role("radio", name=TITLES[run]).or_(page.get_by_role("button", name=TITLES[run], exact=True)).click()


def _add(page: Page, run: str) -> None:
    page.get_by_role("combobox", name="Runs").fill(TITLES[run])
    page.keyboard.press("Enter")


def _next_scene(page: Page, run: str) -> None:
    page.keyboard.press("PageDown")


@dataclass(frozen=True)
class Case:
    """A page, how it is switched to another run, and the runs that it is switched to."""

    place: str
    switch: Callable[[Page, str], None] = _press
    runs: tuple[str, str] = ("kl", "reconstruction")


CASES = {
    "explore": Case("?dataset=mnist&run=elbo&image=17"),
    "compare": Case("compare?dataset=mnist&runs=elbo,elbo-16d&image=17", _add),
    "reconstruct": Case("reconstruct?dataset=mnist&runs=elbo&image=17", _add),
    "traverse": Case("traverse?dataset=mnist&run=elbo&image=17"),
    "interpolate": Case("interpolate?dataset=mnist&run=elbo"),
    "prior": Case("prior?dataset=mnist&run=elbo&side=8"),
    "probability": Case("probability?dataset=mnist&run=elbo&image=17"),
    "tour": Case("tour?scene=1", _next_scene, ("autoencoder", "reconstruction")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_switched_while_it_loads_ends_as_if_opened_so(open_page: Open, case: Case) -> None:
    first, second = case.runs
    held = Held("elbo", first, second)
    options = {"color_scheme": "light", "reduced_motion": "reduce"}
    page = open_page(case.place, before=held.watch, **options)
    # While the first run loads: another run, another theme. What was asked for first comes last.
    expect(page.locator(".lx").first).to_be_attached(timeout=30_000)
    _switch(page, case, first)
    _turn(page, "dark")
    held.release(first)
    held.release("elbo")
    _is_like_one_opened_so(page, open_page, color_scheme="dark", reduced_motion="reduce")
    # And once more when something is shown.
    _switch(page, case, second)
    _turn(page, "light")
    held.release(second)
    _is_like_one_opened_so(page, open_page, **options)


def _switch(page: Page, case: Case, run: str) -> None:
    """Switch, and see that the page has begun to load the run."""
    with page.expect_request(lambda request: f"/runs/mnist/{run}/" in request.url, timeout=15_000):
        case.switch(page, run)


def _turn(page: Page, scheme: str) -> None:
    """Switch the theme, and see that Streamlit has."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    dark = "getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(16, 21, 29)'"
    page.wait_for_function(dark if scheme == "dark" else f"!({dark})", timeout=15_000)


def _is_like_one_opened_so(page: Page, open_page: Open, **options: object) -> None:
    wait_until_ready(page)
    expect(page.locator(".lx-loading:visible")).to_have_count(0)
    expect(page.locator(".lx-error:visible")).to_have_count(0)
    other = open_page(urlparse(page.url)._replace(scheme="", netloc="").geturl().lstrip("/"), **options)
    assert address_of(other) == address_of(page)
    for _ in range(100):
        ours, expected = _picture(page), _picture(other)
        if ours.shape == expected.shape and (np.abs(ours - expected).max(-1) > 8).mean() < 1e-3:
            break
        page.wait_for_timeout(100)
    assert ours.shape == expected.shape
    assert (np.abs(ours - expected).max(-1) > 8).mean() < 1e-3
    other.close()


def _picture(page: Page) -> np.ndarray:
    taken = page.locator(".lx").first.screenshot(animations="disabled", caret="hide")
    return np.asarray(Image.open(io.BytesIO(taken)).convert("RGB"), dtype=np.int16)
