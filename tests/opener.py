"""Opens the explorer's pages in a browser for tests, and sees to it that the console stays clean."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import parse_qs, urlparse

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, expect

Open = Callable[..., Page]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PATIENCE_MS = 90_000  # what is waited for may come late on a busy machine
SIZES = {"desktop": (1440, 900), "projector": (1024, 768), "phone": (390, 844)}
# Software graphics remark on their own speed, on these tests reading pixels, and on an upload that the server refuses
# (422); nothing else may be on the console.
HARMLESS = re.compile(r"GL Driver Message|software WebGL|willReadFrequently|status of 422")


@contextmanager
def opener(browser: Browser, address: str) -> Iterator[Open]:
    """A function that opens `<address>/<path and query>` and waits until the page is usable.

    With `before`, which gets the page before it goes anywhere, that is left to the caller.
    """
    pages: list[Page] = []
    remarks: list[str] = []

    def open_page(
        place: str = "", size: str = "desktop", before: Callable[[Page], object] | None = None, **options: object
    ) -> Page:
        page = _context(browser, size, **options).new_page()
        pages.append(page)
        page.on("console", lambda message: remarks.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: remarks.append(f"error: {error}"))
        if before:
            before(page)
        page.goto(f"{address}/{place}")
        if not before:
            wait_until_ready(page)
        return page

    try:
        yield open_page
    finally:  # a page left behind takes time from those to come
        for page in pages:
            page.close()
    assert [remark for remark in remarks if not HARMLESS.search(remark)] == []


@functools.cache
def _context(browser: Browser, size: str, **options: object) -> BrowserContext:
    """One for all pages of a size: the browser's modules are then compiled once, a fifth of the time a page takes."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=size == "phone", **options)
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script("localStorage.setItem('lx-introduced', 'yes')")  # or the handle glides by itself
    return context


def wait_until_ready(page: Page) -> None:
    """Wait until the page's browser part can be used."""
    expect(page.locator(".lx").first).to_have_attribute("data-ready", "true")


def wait_until_still(page: Page) -> None:
    """Wait until nothing on the page has moved or changed its size for twelve frames."""
    page.evaluate(
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
            if (same >= 12) resolve();
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
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
