"""The page Train in Chromium: how soon points move, how fast steps play, how smoothly one drags while it trains."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from benchmarks.measure import Measure
from benchmarks.pages_speed import READY, sweep
from tests.server import ROOT, serve
from tests.test_jobs import end_trainers

PLANE = "[data-testid=train-plane]"
MOVED = f"document.querySelector('{PLANE}').dataset.frame >= 1"  # the first frame is the untrained cloud
WARM_S = 15  # until the trainer in reserve has imported torch
PLAYED_S = 5.0

# When steps were shown, ms.
COUNT_STEPS = """() => {
  window.steps = [];
  const view = document.querySelector("[data-testid=train-step-view]");
  let pending = false;
  new MutationObserver(() => {
    if (pending) return;
    pending = true;
    requestAnimationFrame(() => { window.steps.push(performance.now()); pending = false; });
  }).observe(view, { childList: true, subtree: true, characterData: true });
}"""


def _start(page: Page, name: str) -> float:
    """Start a run of mnist5k; returns the seconds until its points have moved."""
    page.get_by_test_id("train-dataset").select_option("mnist5k")
    page.get_by_test_id("train-epochs").fill("400")
    page.get_by_test_id("train-name").fill(name)
    begun = time.perf_counter()
    page.get_by_test_id("train-start").click()
    page.wait_for_function(MOVED, timeout=120_000)
    return time.perf_counter() - begun


def _opened(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}/train")
    page.wait_for_function(READY, timeout=120_000)
    return page


def train_page(browser: Browser) -> list[Measure]:
    """All speeds of the page."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "checkpoints"
        shutil.copytree(ROOT / "checkpoints" / "fashion-mnist" / "elbo", root / "fashion-mnist" / "elbo")
        try:
            with serve(root) as address:
                page = _opened(browser, address)
                cold = _start(page, "cold")
                page.get_by_test_id("train-stop").click()
                page.close()
            with serve(root) as address:
                page = _opened(browser, address)
                page.wait_for_timeout(1000 * WARM_S)
                warm = _start(page, "warm")
                drag = sweep(page, "[data-testid=handle]", "[data-testid=train-decoded]")
                page.get_by_test_id("train-speed").select_option("10")
                page.evaluate(COUNT_STEPS)
                page.wait_for_timeout(1000 * PLAYED_S)
                shown: list[float] = page.evaluate("window.steps")
                steps = 1000 * (len(shown) - 1) / (shown[-1] - shown[0])  # from the first one on, as it plays
                page.get_by_test_id("train-stop").click()
                page.close()
        finally:
            end_trainers(root)
    return [
        Measure("Train", "Start pressed until points move, torch imported", warm, "s", "<= 4"),
        Measure("Train", "the same, with nothing ready", cold, "s", "<= 8"),
        Measure("Train", "decoded images, dragged while it trains", drag, "/s", ">= 50"),
        Measure("Train", "steps of AEVB shown one by one, of 10", steps, "/s", ">= 10"),
    ]
