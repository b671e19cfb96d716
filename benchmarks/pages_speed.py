"""The other pages in Chromium: frames while comparing and scrubbing, the prior's grid, and what a rerun costs."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Browser, Frame, Page

from benchmarks.measure import Measure
from tests.server import EXPLORER, ROOT, serve

SECONDS = 5.0
SPEED = 240.0  # pixels a second
READY = "document.querySelector('.lx[data-ready=true]')"
RERUNS = 40
GRIDS = 5

# Times of the frames in which the watched element changed: an unchanged image is no frame.
WATCH = """(selector) => {
  const log = (window.log = []);
  const element = document.querySelector(selector);
  const value = () => element.dataset.t ?? element.dataset.elbo ?? element.dataset.epoch ?? element.value;
  const state = () => element.tagName === "CANVAS" ? element.toDataURL() : value();
  let before = "";
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const now = state();
    if (now !== before) log.push(performance.now());
    before = now;
  };
  const frame = () => { requestAnimationFrame(frame); channel.port2.postMessage(0); };
  requestAnimationFrame(frame);
}"""

# From the page's first element to the finished grid.
GRID_TIMES = """
  const times = (window.times = {});
  new MutationObserver(() => {
    if (!times.up && document.querySelector(".lx-prior")) times.up = performance.now();
    const drawn = document.querySelector("[data-testid=prior-grid][data-complete=true]");
    if (!times.drawn && drawn) times.drawn = performance.now();
  }).observe(document, { childList: true, subtree: true, attributes: true });
"""

# On each page, something that has Python run again: an element, and keys pressed by turns; r is Streamlit's own.
# On the tour nothing has.
RERUN = ("body", ("r", "r"))
OPTIONS = ("ArrowDown ArrowDown Enter", "ArrowDown ArrowUp Enter")
REPEATED = {
    "": RERUN,
    "compare?runs=autoencoder,reconstruction,kl,elbo&link=z": RERUN,
    "reconstruct": RERUN,
    "traverse": RERUN,
    "interpolate": RERUN,
    "prior": RERUN,
    "probability": RERUN,
    "infer": RERUN,
    "gradients": (".st-key-of input", OPTIONS),
    "metrics": (".st-key-axis input", OPTIONS),
}


@contextmanager
def loaded(
    browser: Browser,
    address: str,
    ready: str = READY,
    frame: int = 0,
    prepare: Callable[[Page], Callable[[], object]] | None = None,
) -> Iterator[tuple[Frame, float]]:
    """A page with nothing kept by the browser, and the seconds until `ready` holds in one of its frames.

    They count from its address or, with `prepare`, from what that returns to be done on the page that is there.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    begin: Callable[[], object] = functools.partial(page.goto, address)
    if prepare:
        begin()
        begin = prepare(page)
    start = time.perf_counter()
    begin()
    page.frames[frame].wait_for_function(ready, polling="raf", timeout=120_000)
    yield page.frames[frame], time.perf_counter() - start
    context.close()


@contextmanager
def rested(browser: Browser, address: str, ready: str = READY) -> Iterator[Page]:
    """The same, once what a page does when it is idle is over."""
    with loaded(browser, address, ready) as (shown, _):
        shown.page.wait_for_timeout(3000)
        yield shown.page


def sweep(shown: Page | Frame, selector: str, watched: str) -> float:
    """Changed frames a second of `watched` while the pointer drags `selector` to and fro at 240 px/s."""
    page = shown.page if isinstance(shown, Frame) else shown
    box = shown.locator(selector).first.bounding_box()
    assert box
    cx, cy, reach = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, min(box["width"] / 2 - 8, 90)
    reach = max(reach, 60)
    page.mouse.move(cx, cy)
    page.mouse.down()
    shown.evaluate(WATCH, watched)
    start = time.perf_counter()
    while (now := time.perf_counter() - start) < SECONDS:
        phase = now * SPEED / reach
        offset = abs((phase + 1) % 4 - 2) - 1  # a triangle wave in [-1, 1]
        page.mouse.move(cx + reach * offset, cy)
        time.sleep(max(0.0, 0.008 - (time.perf_counter() - start - now)))
    frames: list[float] = shown.evaluate("window.log")
    page.mouse.up()
    return 1000 * (len(frames) - 1) / (frames[-1] - frames[0])


def compare(browser: Browser, address: str) -> float:
    """Frames a second while one z is dragged through four runs."""
    with rested(browser, f"{address}/compare?runs=autoencoder,reconstruction,kl,elbo&link=z&z=0,0") as page:
        return sweep(page, "[data-testid=handle]", "[data-testid=compare-panel-elbo] canvas.lx-image")


def interpolate(browser: Browser, address: str) -> float:
    """Frames a second while t is scrubbed."""
    with rested(browser, f"{address}/interpolate") as page:
        return sweep(page, "[data-testid=interpolation-slider]", "[data-testid=decoded-image]")


def epochs(browser: Browser, address: str) -> float:
    """Frames a second while a run's epochs are scrubbed, over 5,000 points."""
    with rested(browser, f"{address}/?dataset=mnist&run=elbo&epoch=5") as page:
        return sweep(page, "[data-testid=epoch-slider]", "[data-testid=latent-plane]")


def probability(browser: Browser, address: str) -> float:
    """ELBOs a second while an axis of q(z|x) is dragged, each with its decoded images and its bar."""
    with rested(browser, f"{address}/probability?dataset=mnist&run=elbo&image=17") as page:
        page.wait_for_function("document.querySelector('[data-testid=evidence-bar]').dataset.residual", timeout=60_000)
        return sweep(page, "[data-testid=handle-a]", "[data-testid=evidence-bar]")


STROKE_LAGS = """() => {
  const plane = document.querySelector("[data-testid=infer-plane]");
  const image = document.querySelector("[data-testid=decoded-image]");
  window.lags = [];
  window.images = [];
  new MutationObserver(() => window.lags.push(Number(plane.dataset.lag))).observe(
    plane, { attributes: true, attributeFilter: ["data-lag"] });
  let moved = 0;
  const board = document.querySelector("[data-testid=infer-board]");
  board.addEventListener("pointermove", () => { moved ||= performance.now(); }, { capture: true });
  new MutationObserver(() => { if (moved) window.images.push(performance.now() - moved); moved = 0; }).observe(
    image, { attributes: true, attributeFilter: ["data-z"] });
}"""


def _brush(page: Page) -> None:
    """Strokes over the image, a move every 30 ms."""
    box = page.get_by_test_id("infer-board").bounding_box()
    assert box
    for line in range(4):
        y = box["y"] + box["height"] * (0.2 + 0.2 * line)
        page.mouse.move(box["x"] + 8, y)
        page.mouse.down()
        for step in range(40):
            page.mouse.move(box["x"] + 8 + step * (box["width"] - 16) / 40, y)
            time.sleep(0.03)
        page.mouse.up()


def infer(browser: Browser, address: str) -> tuple[float, float, float]:
    """Milliseconds: the grid in its worker; p95 from stroke to repainted posterior, and from painting to image."""
    settled = "document.querySelector('[data-testid=infer-plane][data-settled=true]')"
    with rested(browser, f"{address}/infer?dataset=mnist&run=elbo", settled) as page:
        grid = float(page.get_by_test_id("infer-plane").get_attribute("data-first-grid") or "nan")
        page.evaluate(STROKE_LAGS)
        _brush(page)
        lags = page.evaluate("window.lags")
        page.locator("[data-mode=paint]").click()
        page.wait_for_function(settled)
        page.evaluate(STROKE_LAGS)
        _brush(page)
        images = page.evaluate("window.images")
    return grid, float(np.percentile(lags, 95)), float(np.percentile(images, 95))


def prior_grid(browser: Browser, address: str) -> float:
    """Median milliseconds from the page's first element to all 400 images."""
    spans = []
    for _ in range(GRIDS):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(GRID_TIMES)
        page = context.new_page()
        page.goto(f"{address}/prior?side=20")
        page.wait_for_function("window.times?.drawn", timeout=60_000)
        times = page.evaluate("window.times")
        spans.append(times["drawn"] - times["up"])
        context.close()
    return float(np.median(spans))


def reruns(browser: Browser) -> list[Measure]:
    """95th percentile of Python's milliseconds a rerun, by page."""
    found = []
    with TemporaryDirectory() as folder:
        log = Path(folder) / "times"
        with serve(ROOT / "checkpoints", EXPLORER, "benchmarks.timed_server", {"SCRIPT_TIMES": str(log)}) as address:
            for place, (selector, keys) in REPEATED.items():
                with rested(browser, f"{address}/{place}") as page:
                    log.write_text("", encoding="utf-8")
                    page.locator(selector).first.focus()
                    for i in range(RERUNS):
                        for key in keys[i % 2].split():
                            page.keyboard.press(key)
                        page.wait_for_timeout(700)
                times = [float(line) for line in log.read_text(encoding="utf-8").split()]
                assert len(times) >= RERUNS // 4, f"{place}: {len(times)} reruns"
                name = (place.split("?")[0] or "explore").capitalize()
                found.append(
                    Measure("Compute", f"Python's rerun of {name}, p95", np.percentile(times, 95), "ms", "<= 45")
                )
    return found


def pages(browser: Browser) -> list[Measure]:
    """All speeds of the pages beside Explore."""
    with serve(ROOT / "checkpoints") as address:
        grid, stroke, painted = infer(browser, address)
        found = [
            Measure("Drag", "one z dragged through four runs", compare(browser, address), "frames/s", ">= 50"),
            Measure("Drag", "an interpolation scrubbed", interpolate(browser, address), "frames/s", ">= 55"),
            Measure("Drag", "a run's epochs scrubbed, 5,000 points", epochs(browser, address), "frames/s", ">= 55"),
            Measure("Drag", "an axis of q(z\\|x) dragged", probability(browser, address), "ELBOs/s", ">= 30"),
            Measure("Compute", "the grid of Infer, in its worker", grid, "ms", "<= 1500"),
            Measure("Drag", "a stroke to its repainted posterior, p95", stroke, "ms", "<= 17"),
            Measure("Drag", "painting to its image, p95", painted, "ms", "<= 17"),
            Measure("Compute", "400 images of the prior", prior_grid(browser, address), "ms", "<= 400"),
        ]
    return [*found, *reruns(browser)]
