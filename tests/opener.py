"""Opens the explorer's pages in a browser for tests, and sees to it that the console stays clean."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Literal
from urllib.parse import parse_qs, urlparse

import numpy as np
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from tests.page_pool import MEDIA, pool
from tests.page_pool import SIZES as SIZES
from tests.patience import PATIENCE_MS

Open = Callable[..., Page]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
# Software graphics remark on their own speed, on these tests reading pixels, and on an upload that the server refuses
# (422); nothing else may be on the console.
HARMLESS = re.compile(r"GL Driver Message|software WebGL|willReadFrequently|status of 422")


@contextmanager
def opener(browser: Browser, address: str) -> Iterator[Open]:
    """A function that opens `<address>/<path and query>` and waits until the page is usable.

    With `before`, which gets a new page before it goes anywhere, that is left to the caller; what only listens or only
    holds back requests needs no new page: give `listeners`, by event, or `route`, what takes requests that match. With
    `webgl=True` plotly takes over the points, as it does for people; else the canvas that is there first keeps them, as
    without WebGL.
    """
    remarks: list[str] = []

    def note(message: ConsoleMessage) -> None:
        remarks.append(f"{message.type}: {message.text}")

    def note_error(error: object) -> None:
        remarks.append(f"error: {error}")

    with ExitStack() as pages:

        def open_page(
            place: str = "",
            size: str = "desktop",
            before: Callable[[Page], object] | None = None,
            webgl: bool = False,
            listeners: Mapping[str, Callable[[Any], object]] | None = None,
            route: tuple[re.Pattern[str], Callable[[Route], object]] | None = None,
            **options: Any,
        ) -> Page:
            media = {name: options.pop(name) for name in MEDIA.keys() & options.keys()}
            page = pages.enter_context(pool(browser, size, webgl, **options).page(fresh=before is not None))
            for event, listener in {"console": note, "pageerror": note_error, **(listeners or {})}.items():
                page.on(event, listener)  # type: ignore[call-overload]
                pages.callback(page.remove_listener, event, listener)
            if media:
                page.emulate_media(**media)
            if route:
                page.route(*route)
            if before:
                before(page)
            page.goto(f"{address}/{place}")
            if not (before or route):
                wait_until_ready(page)
            return page

        yield open_page
    found = [remark for remark in remarks if not HARMLESS.search(remark)]
    assert found == [], found


def patient_page(browser: Browser, **options: Any) -> Page:
    """A page of a context of its own, for what leaves words on the console; as patient as all others."""
    page = browser.new_page(**options)
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script("localStorage.setItem('lx-introduced', 'yes')")
    return page


def wait_until_ready(page: Page) -> None:
    """Wait until the page's browser part can be used."""
    expect(page.locator(".lx").first).to_have_attribute("data-ready", "true")


def wait_until_still(page: Page) -> None:
    """Wait until nothing on the page has moved or changed its size for twelve frames."""
    page.wait_for_function(  # evaluate would wait for ever
        """() => new Promise((resolve) => {
          let [before, same] = ["", 0];
          const look = () => {
            const boxes = [...document.querySelectorAll(".stMain *")].map((element) => {
              const { x, y, width, height } = element.getBoundingClientRect();
              return `${x} ${y} ${width} ${height} ${element.width ?? ""}`;
            });
            const now = boxes.join();
            same = now === before ? same + 1 : 0;
            before = now;
            if (same >= 12) resolve(true);
            else requestAnimationFrame(look);
          };
          look();
        })"""
    )


def turn(page: Page, scheme: Scheme) -> None:
    """Switch the theme, and see that Streamlit has."""
    page.emulate_media(color_scheme=scheme)
    dark = "getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(16, 21, 29)'"
    page.wait_for_function(dark if scheme == "dark" else f"!({dark})")


def address_of(page: Page) -> dict[str, str]:
    """Query parameters of the page's address."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def wait_for_address(page: Page, **parts: str) -> None:
    """Wait until the address holds these query parameters."""
    for name, value in parts.items():
        page.wait_for_function(
            "([name, value]) => new URL(location).searchParams.get(name) === value", arg=[name, value]
        )


def pixels_of(page: Page, name: str) -> np.ndarray:
    """Grey values of a canvas, found by its data-testid, at its own pixel size, flat."""
    grey = page.get_by_test_id(name).evaluate(
        """canvas => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let text = "";
          for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(data[i]);
          return btoa(text);
        }"""
    )
    return np.frombuffer(base64.b64decode(grey), np.uint8).copy()  # which torch may take


def next_frame(page: Page) -> None:
    """Wait until what was done so far has been drawn: two frames, as the page works within the first."""
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
