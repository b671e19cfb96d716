"""Make docs/explore.png, the README's picture: `python -m docs.make_picture`."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import chromium
from tests.server import ROOT, serve

STATE = "?dataset=mnist&run=elbo&image=1234&z=-0.55,1.05&background=manifold"


def main() -> None:
    """Open the explorer on a telling state and take a picture of it."""
    with serve(ROOT / "checkpoints") as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{address}/{STATE}")
        page.wait_for_selector("[data-testid=latent-plane][data-ready=true]", timeout=60_000)
        page.wait_for_timeout(5000)  # the manifold's tiles are decoded while the page idles
        page.screenshot(path=Path(__file__).parent / "explore.png")
        browser.close()


if __name__ == "__main__":
    main()
