"""Runs in one HTML file, opened without a server: how large it is, how soon it can be used, how smoothly it drags."""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from benchmarks.measure import Measure
from benchmarks.pages_speed import READY, sweep
from explorer.export.__main__ import main as export
from tests.server import ROOT, serve

MNIST = ROOT / "checkpoints" / "mnist"
NOTES = ("autoencoder", "reconstruction", "kl", "elbo")  # what the lecture notes compare
LOADS = 5


def one_file(browser: Browser) -> list[Measure]:
    """All speeds of an exported file; the peer is the same page of a server that is warm."""
    with TemporaryDirectory() as folder:
        one = _exported(Path(folder) / "one.html", "elbo")
        four = _exported(Path(folder) / "four.html", *NOTES)
        viewer = _exported(Path(folder) / "viewer.html", "--viewer")
        with serve(ROOT / "checkpoints") as address:
            served = f"{address}/?dataset=mnist&run=elbo"
            _usable(browser, served)
            rounds = [(_usable(browser, one.as_uri()), _usable(browser, served)) for _ in range(LOADS)]
        ours, peer = (statistics.median(times) for times in zip(*rounds, strict=True))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(one.as_uri())
        page.wait_for_function(READY, polling="raf")
        rate = sweep(page, "[data-testid=handle]", "[data-testid=decoded-image]")
        page.close()
        opened = statistics.median(_opened(browser, viewer.as_uri(), MNIST / "elbo") for _ in range(LOADS))
        sizes = [file.stat().st_size / 1e6 for file in (one, four)]
    return [
        Measure("Start", "an exported file until its plane drags", ours, "s", "", "the page of a server", peer),
        Measure("Start", "a viewer, from a folder that is chosen until its plane drags", opened, "s"),
        Measure("Start", "size of a file of one MNIST run", sizes[0], "MB", "<= 4"),
        Measure("Start", "size of a file of the four losses' runs", sizes[1], "MB", "<= 7"),
        Measure("Drag", "decoded images, in an exported file", rate, "/s", ">= 55"),
    ]


def _exported(file: Path, *runs: str) -> Path:
    with contextlib.redirect_stdout(io.StringIO()):
        asked = [run if run.startswith("--") else str(MNIST / run) for run in runs]
    assert export([*asked, "--out", str(file)]) == 0
    return file


def _usable(browser: Browser, address: str) -> float:
    """Seconds from its address to a plane that drags, with nothing kept by the browser."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_function(READY, polling="raf", timeout=120_000)
    seconds = time.perf_counter() - start
    context.close()
    return seconds


def _opened(browser: Browser, address: str, run: Path) -> float:
    """Seconds from a run's folder, chosen on a viewer that is there, to a plane that drags."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    chooser = page.get_by_test_id("folder")
    chooser.wait_for(state="attached")
    start = time.perf_counter()
    chooser.set_input_files(run)
    page.wait_for_function(READY, polling="raf", timeout=120_000)
    seconds = time.perf_counter() - start
    page.close()
    return seconds
