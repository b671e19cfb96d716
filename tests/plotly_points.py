"""The points of a large plane, which are on a canvas first."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def wait_for_plotly(page: Page) -> None:
    """Wait until plotly draws the points: it comes when the page is idle, which a busy machine may put off."""
    expect(page.locator(".lx-plotly")).to_be_visible()
    expect(page.locator(".lx-first-points")).to_have_count(0)
