"""The explorer on a server that only shows: without torch, and without all else that docs/serving.md leaves out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer.models import WITHOUT_TORCH
from explorer.routes.films import WITHOUT_MP4
from explorer.views.pages import PAGES
from tests.opener import wait_until_ready
from tests.page_pool import pool
from tests.server import ROOT, serve

IMPORTED_AS = {"pillow": "PIL", "scikit-learn": "sklearn", "umap-learn": "umap", "imageio-ffmpeg": "imageio_ffmpeg"}

# What Python runs when it starts: these modules are not found, as if they were not installed.
ABSENT = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: None if name.partition(".")[0] in {absent} else found(name, *where)
"""


def _left_out() -> set[str]:
    """The modules of requirements.txt that the line of docs/serving.md does not install."""
    text = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    line = re.search(r"^    python -m pip install (.+)$", text, re.MULTILINE)
    assert line
    shows = set(line[1].split())
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = {re.split(r"[<>=\s]", line)[0] for line in lines if line and not line.startswith("#")}
    assert shows < needed
    return {IMPORTED_AS.get(name, name) for name in needed - shows}


@pytest.fixture(scope="module")
def shows_only(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text(ABSENT.format(absent=_left_out()), encoding="utf-8")
    variables = {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "STREAMLIT_SERVER_HEADLESS": "true"}
    with serve(ROOT / "checkpoints", environment=variables) as address:
        yield address


@pytest.fixture
def go_to(browser: Browser, shows_only: str) -> Iterator[Callable[[str], Page]]:
    """Open a page there; what is refused leaves words on the console, which may stay."""
    with ExitStack() as pages:

        def go(place: str) -> Page:
            page = pages.enter_context(pool(browser, "desktop", webgl=True).page())
            page.goto(f"{shows_only}/{place}")
            return page

        yield go


def test_torch_is_left_out() -> None:
    assert {"torch", "torchvision", "umap", "sklearn", "imageio_ffmpeg"} < _left_out()


@pytest.mark.parametrize("place", list(PAGES))
def test_every_page_opens(go_to: Callable[[str], Page], place: str) -> None:
    page = go_to("" if place == "explore" else place)
    wait_until_ready(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize("place", ["gradients?images=4&draws=1024&seed=7", "probability?run=elbo", "train"])
def test_what_needs_torch_says_so(go_to: Callable[[str], Page], place: str) -> None:
    page = go_to(place)
    expect(page.get_by_text(WITHOUT_TORCH)).to_be_visible()


def test_a_film_is_a_gif_and_an_mp4_says_what_it_needs(go_to: Callable[[str], Page]) -> None:
    page = go_to("interpolate?dataset=mnist&run=elbo&steps=5")
    wait_until_ready(page)
    with page.expect_download() as film:
        page.get_by_role("button", name="GIF").click()
    assert film.value.path().read_bytes().startswith(b"GIF8")
    page.get_by_role("button", name="MP4").click()
    expect(page.get_by_text(WITHOUT_MP4)).to_be_visible()
