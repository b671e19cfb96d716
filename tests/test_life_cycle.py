"""Every page, switched while it loads: what it shows in the end is what a page shows that was opened so."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.opener import Open, turn, wait_for_address, wait_until_ready
from tests.patience import PATIENCE_MS

TITLES = {"kl": "KL only", "reconstruction": "Reconstruction only", "autoencoder": "Autoencoder"}
RUN_FILE = re.compile(r"/runs/mnist/([\w-]+)/(latents|decoder|encoder)")


class Held:
    """Holds back what a page asks for of some runs."""

    def __init__(self, *runs: str) -> None:
        self.runs = set(runs)
        self._routes: list[tuple[str, Route]] = []

    def take(self, route: Route) -> None:
        """Hold it back, or let it through."""
        run = _run_of(route.request.url)
        if run in self.runs:
            self._routes.append((run, route))
        else:
            route.continue_()

    def wait_for(self, page: Page, run: str) -> None:
        """Wait until the page has begun to load a run."""
        for _ in range(PATIENCE_MS // 100):
            if any(held == run for held, _ in self._routes):
                return
            page.wait_for_timeout(100)
        raise AssertionError(f"nothing of {run} was asked for")

    def release(self, run: str) -> None:
        """Let through what was asked for of a run, and what will be."""
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
    option = page.get_by_role("option", name=TITLES[run], exact=True)
    for _ in range(PATIENCE_MS // 500):  # what is typed while the page is laid out anew is lost
        page.get_by_role("combobox", name="Runs").fill(TITLES[run])
        page.wait_for_timeout(500)
        if option.is_visible():
            break
    option.click()
    page.keyboard.press("Tab")  # away from the list, which would lie over the page
    page.mouse.move(0, 0)  # and from the term below, which would explain itself over the page


def _fit(page: Page) -> None:
    """Fit every view: those that are there keep what they show when another one joins them."""
    for button in page.locator(".lx-fit").all():
        button.click()
    page.mouse.move(0, 0)


def _next_scene(page: Page, run: str) -> None:
    page.keyboard.press("PageDown")


@dataclass(frozen=True)
class Case:
    """A page, a parameter of its address, the values it is switched to from the first on, and what these load."""

    place: str
    parameter: str = "run"
    values: tuple[str, str, str] = ("elbo", "kl", "reconstruction")
    runs: tuple[str, str, str] = ("elbo", "kl", "reconstruction")
    switch: Callable[[Page, str], None] = _press
    settle: Callable[[Page], None] = lambda page: None
    webgl: bool = False

    def address(self, turn: int) -> str:
        """Of the page after so many switches."""
        return f"{self.place}&{self.parameter}={self.values[turn]}"


CASES = {
    "explore": Case("?dataset=mnist&image=17", webgl=True),
    "compare": Case(
        "compare?dataset=mnist&image=17",
        "runs",
        ("elbo,elbo-16d", "elbo,elbo-16d,kl", "elbo,elbo-16d,kl,reconstruction"),
        switch=_add,
        settle=_fit,
    ),
    "reconstruct": Case(
        "reconstruct?dataset=mnist&image=17", "runs", ("elbo", "elbo,kl", "elbo,kl,reconstruction"), switch=_add
    ),
    "traverse": Case("traverse?dataset=mnist&image=17"),
    "interpolate": Case("interpolate?dataset=mnist&image_a=17&image_b=450"),
    "prior": Case("prior?dataset=mnist&side=8"),
    "probability": Case("probability?dataset=mnist&image=17"),
    "tour": Case(
        "tour?talk=notes", "scene", ("12", "13", "14"), ("autoencoder", "reconstruction", "kl"), switch=_next_scene
    ),
}
LIGHT = {"color_scheme": "light", "reduced_motion": "reduce"}
DARK = {"color_scheme": "dark", "reduced_motion": "reduce"}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_switched_while_it_loads_ends_as_if_opened_so(open_page: Open, case: Case, tmp_path: Path) -> None:
    first, second, third = case.runs
    held = Held(*case.runs)
    page = open_page(case.address(0), route=(RUN_FILE, held.take), webgl=case.webgl, **LIGHT)
    # While the first run loads: another run, another theme. What was asked for first comes last.
    held.wait_for(page, first)
    case.switch(page, second)
    held.wait_for(page, second)
    turn(page, "dark")
    held.release(second)
    held.release(first)
    wait_for_address(page, **{case.parameter: case.values[1]})
    _show_the_same(page, open_page(case.address(1), webgl=case.webgl, **DARK), tmp_path, case.settle)
    # And once more when something is shown.
    case.switch(page, third)
    held.wait_for(page, third)
    turn(page, "light")
    held.release(third)
    wait_for_address(page, **{case.parameter: case.values[2]})
    _show_the_same(page, open_page(case.address(2), webgl=case.webgl, **LIGHT), tmp_path, case.settle)


def _show_the_same(page: Page, other: Page, folder: Path, settle: Callable[[Page], None]) -> None:
    wait_until_ready(page)
    expect(page.locator(".lx-loading:visible")).to_have_count(0)
    expect(page.locator(".lx-error:visible")).to_have_count(0)
    for _ in range(50):
        settle(page)
        ours, expected = _picture(page), _picture(other)
        different = _share_of_difference(ours, expected)
        if different < 1e-3:
            break
        page.wait_for_timeout(100)
    if different >= 1e-3:
        for name, picture in (("ours", ours), ("expected", expected)):
            Image.fromarray(picture.astype(np.uint8)).save(folder / f"{name}.png")
    assert different < 1e-3, f"share of pixels that differ, see {folder}"


def _share_of_difference(ours: np.ndarray, expected: np.ndarray) -> float:
    if ours.shape != expected.shape:
        return 1.0
    return float((np.abs(ours - expected).max(-1) > 8).mean())


def _picture(page: Page) -> np.ndarray:
    taken = page.locator(".lx").first.screenshot(animations="disabled", caret="hide")
    return np.asarray(Image.open(io.BytesIO(taken)).convert("RGB"), dtype=np.int16)
