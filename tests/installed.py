"""The wheel in an environment with nothing else: `python -m tests.installed ENVIRONMENT/bin/latent-explorer`.

It starts that command with no variables but HOME and PATH, in an empty folder, and opens every page; the consoles must
be clean. Installing takes minutes, so this is no part of `make test`: .github/workflows/installed.yml does both.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, expect, sync_playwright

from explorer.views.pages import PAGES
from tests.chromium import launch
from tests.opener import opener
from tests.patience import PATIENCE_MS
from tests.server import started


def main() -> None:
    """Raises what is wrong."""
    expect.set_options(timeout=PATIENCE_MS)
    command = str(Path(sys.argv[1]).absolute())
    with TemporaryDirectory() as home, sync_playwright() as playwright:
        alone = ["env", "-i", f"HOME={home}", "PATH=/usr/bin:/bin", "STREAMLIT_SERVER_HEADLESS=true", command]
        with started([*alone, "--host", "127.0.0.1", "--port"], Path(home)) as address:
            open_all(launch(playwright), address)


def open_all(browser: Browser, address: str) -> None:
    """Open every page; have the server integrate log p(x), with torch, and encode a film."""
    with opener(browser, address) as open_page:
        for name in PAGES:
            page = open_page("" if name == "explore" else name)
            expect(page.get_by_test_id("stException")).to_have_count(0)
            print(f"{name}: {page.title()}")
        page = open_page("probability?dataset=mnist&run=elbo&image=17")
        expect(page.get_by_test_id("evidence-bar")).to_have_attribute("data-residual", re.compile(r"\d"))
        page = open_page("interpolate?dataset=mnist&run=elbo&steps=5")
        with page.expect_download() as film:
            page.get_by_role("button", name="MP4").click()
        assert film.value.path().read_bytes()[4:8] == b"ftyp", "no MP4"
    print("log p(x), a film, and a clean console on all pages")


if __name__ == "__main__":
    main()
