"""The browser's pages, kept for the tests to come: opening the app in a page that had it takes half of the CPU time.

The renderer of a page that stays has the modules compiled. Each opening is a new session of Streamlit's all the same.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize

from tests.patience import PATIENCE_MS

SIZES = {"desktop": (1440, 900), "projector": (1024, 768), "phone": (390, 844)}
MEDIA: dict[str, Any] = {"color_scheme": "light", "reduced_motion": "no-preference", "forced_colors": "none"}
USES = 40  # of one page; a renderer grows with each
INTRODUCED = "localStorage.setItem('lx-introduced', 'yes')"  # or the handle glides by itself
# Software graphics take as long to draw the points once as the page takes to open.
NO_WEBGL = """
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.includes("webgl") ? null : getContext.call(this, kind, ...rest);
};
"""


class PagePool:
    """Pages of one kind: of a size, with or without WebGL, and with options of a browser context."""

    def __init__(self, browser: Browser, size: str, webgl: bool, **options: Any) -> None:
        width, height = SIZES[size]
        self.size: ViewportSize = {"width": width, "height": height}
        self.context: BrowserContext = browser.new_context(viewport=self.size, has_touch=size == "phone", **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(INTRODUCED if webgl else INTRODUCED + NO_WEBGL)
        self.idle: list[Page] = []
        self.uses: dict[Page, int] = {}

    @contextmanager
    def page(self, fresh: bool = False) -> Iterator[Page]:
        """A page as if it were new, or, for what cannot be undone to it afterwards, one that is."""
        page = self.idle.pop() if self.idle and not fresh else self.context.new_page()
        try:
            yield page
        except BaseException:
            page.close()
            raise
        uses = self.uses.pop(page, 0) + 1
        if fresh or uses == USES or page.is_closed():
            page.close()
            return
        try:
            self._clear(page)
        except Error:  # its server has ended, or it hangs
            page.close()
            return
        self.uses[page] = uses
        self.idle.append(page)

    def _clear(self, page: Page) -> None:
        """Leave nothing of a test: windows it opened, routes, storage, media, size, pointer, history."""
        for other in self.context.pages:
            if other.opener() == page:
                other.close()
        page.unroute_all()
        # First, as it is the one of these that ends by itself where the page no longer answers. A page of no site would
        # get another renderer.
        page.goto(urljoin(page.url, "/_stcore/health"))
        page.evaluate("sessionStorage.clear(); localStorage.clear()")
        page.emulate_media(**MEDIA)
        page.set_viewport_size(self.size)
        page.mouse.move(0, 0)
        devtools = self.context.new_cdp_session(page)
        devtools.send("Page.resetNavigationHistory")
        devtools.detach()


@functools.cache
def pool(browser: Browser, size: str, webgl: bool, **options: Any) -> PagePool:
    """The one pool of a kind of page."""
    return PagePool(browser, size, webgl, **options)
