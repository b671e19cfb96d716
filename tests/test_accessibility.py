"""Every page by axe-core's rules in both themes at three widths, none wider than the window, asking nothing outside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from explorer.views import pages
from tests.axe import OF_COLOURS, violations
from tests.opener import SCHEMES, SIZES, Open, address_of, turn, wait_until_still

# What is there beside Streamlit's own elements, and what must have come before the rules can be asked.
LIVE, NATIVE = ".lx", ".stMainBlockContainer :is(.native, .figures, .stPlotlyChart, .stMarkdown)"
PAGES = {
    "?dataset=mnist&run=elbo&image=17": (LIVE, ".lx-selected"),
    "train": (LIVE, "[data-testid=train-command]:not(:empty)"),
    "compare?runs=autoencoder,reconstruction,kl,elbo&image=17": (LIVE, ".lx-verdict"),
    "dial?dataset=mnist&beta=0.3": (LIVE, "[data-testid=dial-kl]:not(:empty)"),
    "reconstruct?dataset=mnist&runs=kl,elbo&image=17&how=open": (LIVE, "[data-step=epsilon]"),
    "interpolate": (LIVE, ".lx-film"),
    "traverse?dataset=mnist&run=elbo": (LIVE, "[data-testid^=traversal-row]"),
    "prior?run=elbo&side=10": (LIVE, "[data-testid=prior-grid][data-complete=true]"),
    "probability?dataset=mnist&run=elbo&image=17": (LIVE, "[data-testid=evidence-bar][data-residual]"),
    "infer?dataset=mnist&run=elbo": (LIVE, "[data-testid=infer-plane][data-settled=true]"),
    "gradients?images=4&draws=1024": (NATIVE, ".js-plotly-plot"),
    "metrics": (NATIVE, ".js-plotly-plot"),
    "tour?scene=3": (LIVE, "[data-testid=scene-title]"),
}


def _name(place: str) -> str:
    return re.split(r"\W", place)[0] or "explore"


def test_none_is_left_out() -> None:
    assert sorted(map(_name, PAGES)) == sorted(pages.PAGES)


@pytest.mark.parametrize("place", PAGES, ids=_name)
def test_accessible_never_wider_than_the_window_and_asks_nothing_outside(
    open_page: Open, shipped_app: str, place: str
) -> None:
    context, awaited = PAGES[place]
    asked: list[str] = []
    listeners = {
        "request": lambda request: asked.append(request.url),
        "websocket": lambda socket: asked.append(socket.url.replace("ws:", "http:")),
    }
    page = open_page(place, listeners=listeners)
    expect(page.locator(awaited).first).to_be_attached()
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            turn(page, scheme)
            wait_until_still(page)  # what follows the window's size has done so
            # While Python runs again, Streamlit may fade what it is about to lay out.
            app = page.get_by_test_id("stApp")
            expect(app).to_have_attribute("data-test-script-state", "notRunning")
            rules = () if scheme == SCHEMES[0] else OF_COLOURS
            assert violations(page, context, rules) == [], f"{scheme}, {width} wide"
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{scheme}, {width} wide"
    assert address_of(page)["dataset"] == "mnist"
    assert page.get_by_role("dialog").count() == 0
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((f"{shipped_app}/", "data:", "blob:"))] == []
