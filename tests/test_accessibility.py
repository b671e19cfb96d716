"""Every page by axe-core's rules in both themes at three widths, none of them wider than the window."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.opener import SCHEMES, SIZES, Open, turn, wait_until_still

# What is there beside Streamlit's own elements, and what must have come before the rules can be asked.
LIVE, NATIVE = ".lx", ".stMainBlockContainer :is(.native, .figures, .stPlotlyChart, .stMarkdown)"
PAGES = {
    "?dataset=mnist&run=elbo&image=17": (LIVE, ".lx-selected"),
    "compare?runs=autoencoder,reconstruction,kl,elbo&image=17": (LIVE, ".lx-verdict"),
    "reconstruct?dataset=mnist&runs=kl,elbo&image=17&how=open": (LIVE, "[data-step=epsilon]"),
    "interpolate": (LIVE, ".lx-film"),
    "traverse?dataset=mnist&run=elbo": (LIVE, "[data-testid^=traversal-row]"),
    "prior?run=elbo&side=10": (LIVE, "[data-testid=prior-grid][data-complete=true]"),
    "probability?dataset=mnist&run=elbo&image=17": (LIVE, "[data-testid=evidence-bar][data-residual]"),
    "gradients?images=4&draws=1024": (NATIVE, ".js-plotly-plot"),
    "metrics": (NATIVE, ".js-plotly-plot"),
    "tour?scene=3": (LIVE, "[data-testid=scene-title]"),
}


@pytest.mark.parametrize("place", PAGES, ids=lambda place: re.split(r"\W", place)[0] or "explore")
def test_accessible_and_never_wider_than_the_window(open_page: Open, place: str) -> None:
    context, awaited = PAGES[place]
    page = open_page(place)
    expect(page.locator(awaited).first).to_be_attached()
    for scheme in SCHEMES:
        turn(page, scheme)
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            wait_until_still(page)  # what follows the window's size has done so
            # While Python runs again, Streamlit may fade what it is about to lay out.
            app = page.get_by_test_id("stApp")
            expect(app).to_have_attribute("data-test-script-state", "notRunning")
            found = Axe().run(page, context=context).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], f"{scheme}, {width} wide"
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{scheme}, {width} wide"
