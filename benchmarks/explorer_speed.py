"""The explorer in Chromium: time from start to a usable plane, frames and lag while dragging, page to page."""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.hosts_speed import hosts
from benchmarks.measure import Measure
from benchmarks.pages_speed import loaded, pages
from benchmarks.train_page_speed import train_page
from explorer.screens import places
from explorer.views.pages import PLACES
from tests import chromium
from tests.contents import contents_of
from tests.server import EXPLORER, ROOT, serve
from training import checkpoint

RUN = ROOT / "checkpoints" / "mnist" / "elbo"
SPEED = 240.0  # pixels a second
SECONDS = 5.0
STARTS = 5
LOADS = 3
VISITS = 3
ZOOM_SECONDS = 4.0
# Pages to go to from each other, in this order, and what says that they are usable.
BROWSER_PAGES = (
    "compare",
    "reconstruct",
    "traverse",
    "interpolate",
    "prior",
    "probability",
    "infer",
    "tour",
    "explore",
)
VISITED = {
    "metrics": ".figures tbody tr",
    **{name: f".lx-{name}[data-ready=true]" for name in BROWSER_PAGES[:4]},
    "gradients": ".lx-gradients[data-ready=true]",
    # Not the one that a scene of the tour shows.
    **{name: f".lx-{name}[data-ready=true]:not(.lx-tour *)" for name in BROWSER_PAGES[4:]},
}
WHOLE = {"metrics": ".native-ready", "gradients": ".native-ready"}  # with the figures below what one sees first

# A bare app with one chart of as many points: what Streamlit and plotly cost by themselves.
BARE_APP = """
import plotly.graph_objects as go
import streamlit as st
from training.checkpoint import load_latents
latents = load_latents({run!r})
st.plotly_chart(go.Figure(go.Scattergl(x=latents["mu"][:, 0], y=latents["mu"][:, 1], mode="markers",
    marker=dict(color=latents["label"]))))
"""
BARE_READY = "document.querySelector('.js-plotly-plot .gl-canvas') && document.querySelector('.js-plotly-plot .xtick')"
OUR_READY = "document.querySelector('[data-testid=latent-plane][data-ready=true]')"

# Frames in which something was drawn on a canvas of the plane.
COUNT_DRAWS = """() => {
  const plane = document.querySelector("[data-testid=latent-plane]");
  window.draws = 0;
  let drawn = false;
  const watch = (type, name) => {
    const own = type.prototype[name];
    type.prototype[name] = function (...given) {
      drawn ||= plane.contains(this.canvas);
      return own.apply(this, given);
    };
  };
  for (const name of ["drawImage", "putImageData", "fill", "fillRect"]) watch(CanvasRenderingContext2D, name);
  watch(WebGLRenderingContext, "drawArrays");
  const frame = () => { window.draws += Number(drawn); drawn = false; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""

# For every frame: when it was painted, which pointer event it shows, and whether image and handle agree.
WATCH = """() => {
  const plane = document.querySelector("[data-testid=latent-plane]");
  const handle = document.querySelector("[data-testid=handle]");
  const log = (window.log = { frames: [], lags: [], behind: 0 });
  let event = 0, shown = "", pending = [];
  plane.addEventListener("pointermove", (e) => { event = e.timeStamp; pending.push(e.timeStamp); }, true);
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    const now = performance.now();
    log.frames.push(now);
    if (data.z !== shown) {
      for (const stamp of data.events) log.lags.push(now - stamp);
      shown = data.z;
    }
  };
  let lastPlace = "", lastZ = "", stale = 0;
  const frame = () => {
    // Runs before this frame's paint; a second callback runs after the page's own, in the same frame.
    requestAnimationFrame(frame);
    queueMicrotask(() => {});
    setTimeout(() => {
      const place = handle.style.transform, z = plane.dataset.z;
      if (place !== lastPlace && z === lastZ) stale += 1; else stale = 0;
      log.behind = Math.max(log.behind, stale);
      [lastPlace, lastZ] = [place, z];
      channel.port2.postMessage({ z, events: pending });
      pending = [];
    });
  };
  requestAnimationFrame(frame);
}"""


class Drag(NamedTuple):
    """Seconds until usable; images a second; milliseconds from event to paint, p95; draws a second while zooming."""

    usable: float
    frames: float
    lag: float
    draws: float


def drag(points: int, browser: Browser) -> Drag:
    """Load the plane, drag the handle in a circle at 240 px/s, and zoom."""
    with TemporaryDirectory() as folder:
        seconds = []
        with serve(many_points(Path(folder), points)) as address:
            for _ in range(LOADS):
                with loaded(browser, f"{address}/?dataset=mnist&run=elbo&z=0,0", OUR_READY) as (shown, taken):
                    seconds.append(taken)
                    if len(seconds) == LOADS:
                        shown.page.wait_for_timeout(3000)  # idle prefetching is over
                        log = _drag_in_circle(shown.page)
                        draws = _zoom(shown.page)
    frames = [b - a for a, b in zip(log["frames"], log["frames"][1:], strict=False)]
    assert log["behind"] <= 1, "the image lags behind the handle"
    rate = 1000 * len(frames) / sum(frames)
    return Drag(statistics.median(seconds), rate, float(np.percentile(log["lags"], 95)), draws)


def _planes(browser: Browser) -> list[Measure]:
    few, many, most = (drag(points, browser) for points in (5000, 70_000, 1_000_000))
    found = [
        Measure("Start", "usable with 70,000 points", many.usable, "s", "<= 1.5", "5,000 points", few.usable),
        Measure("Start", "usable with 1,000,000 points", most.usable, "s", "<= 10"),
    ]
    for points, dragged in (("5,000", few), ("70,000", many), ("1,000,000", most)):
        where = f"over {points} points"
        found.append(Measure("Drag", f"decoded images, {where}", dragged.frames, "/s", ">= 55"))
        found.append(Measure("Drag", f"from event to paint, {where}, p95", dragged.lag, "ms", "<= 17"))
    found.append(Measure("Drag", "pan and zoom over 1,000,000 points", most.draws, "draws/s", ">= 15"))
    return found


def _zoom(page: Page) -> float:
    """Draws a second of the plane while the wheel zooms in and out."""
    box = page.get_by_test_id("latent-plane").bounding_box()
    assert box
    page.evaluate(COUNT_DRAWS)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    start, turn = time.perf_counter(), 0
    while time.perf_counter() - start < ZOOM_SECONDS:
        page.mouse.wheel(0, 30 if turn % 40 < 20 else -30)
        turn += 1
        time.sleep(0.012)
    draws: int = page.evaluate("window.draws")
    return draws / (time.perf_counter() - start)


def _drag_in_circle(page: Page) -> dict[str, Any]:
    box = page.get_by_test_id("latent-plane").bounding_box()
    assert box
    cx, cy, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 150.0
    page.mouse.move(cx + radius, cy)
    page.mouse.down()
    page.evaluate(WATCH)
    start = time.perf_counter()
    while (now := time.perf_counter() - start) < SECONDS:
        angle = now * SPEED / radius
        page.mouse.move(cx + radius * math.cos(angle), cy + radius * math.sin(angle))
        time.sleep(max(0.0, 0.008 - (time.perf_counter() - start - now)))
    log: dict[str, Any] = page.evaluate("window.log")
    page.mouse.up()
    return log


def start_up(browser: Browser) -> Measure:
    """Seconds from `streamlit run` to a usable plane, and to the one chart of a bare app with the same points."""
    with TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE_APP.format(run=str(RUN)), encoding="utf-8")
        rounds = []
        for _ in range(STARTS):
            ours = _time_to_ready(browser, EXPLORER, OUR_READY)
            rounds.append((ours, _time_to_ready(browser, bare, BARE_READY)))
    ours, peer = (statistics.median(times) for times in zip(*rounds, strict=True))
    what = "from `streamlit run` to a plane that drags"
    return Measure("Start", what, ours, "s", "<= 0.9", "one bare `st.plotly_chart`", peer)


def page_to_page(browser: Browser) -> list[Measure]:
    """Seconds from a click in the top bar to a usable page: the slowest, and Explore; and to the last figures."""
    with serve(ROOT / "checkpoints") as address:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_function(OUR_READY, timeout=60_000)
        medians, whole = _visits(page, VISITED), _visits(page, WHOLE)
        page.close()
    slowest, last = max(medians, key=medians.__getitem__), max(whole, key=whole.__getitem__)
    return [
        Measure(
            "Start",
            f"page to page by the top bar, the slowest ({slowest.capitalize()})",
            medians[slowest],
            "s",
            "<= 0.3",
        ),
        Measure("Start", "back to Explore", medians["explore"], "s", "<= 0.3"),
        Measure("Start", f"figures below what one sees first ({last.capitalize()})", whole[last], "s", ""),
    ]


def _visits(page: Page, seen: Mapping[str, str]) -> dict[str, float]:
    """Median seconds from a click in the top bar to an element of each page."""
    seconds: dict[str, list[float]] = {name: [] for name in seen}
    for _ in range(VISITS):
        for name, element in seen.items():
            place = places.place_of(name)
            first = PLACES[place][0][0].name
            if name != first:  # its link is in the bar where its place is shown
                _press(page, place, VISITED[first])
            label = place if name == first else places.label(name)
            seconds[name].append(_press(page, label, element))
    return {name: statistics.median(times) for name, times in seconds.items()}


def _press(page: Page, name: str, usable: str) -> float:
    """Seconds from a click on a link of the bar until an element is there."""
    page.wait_for_timeout(1500)
    start = time.perf_counter()
    page.locator(".st-key-bar").get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_function(f"document.querySelector('{usable}')", polling="raf")
    return time.perf_counter() - start


def _time_to_ready(browser: Browser, script: Path, ready: str) -> float:
    start = time.perf_counter()
    with serve(ROOT / "checkpoints", script) as address, loaded(browser, address, ready):
        return time.perf_counter() - start


def many_points(folder: Path, count: int) -> Path:
    """A copy of the run with `count` latents: the shipped ones over and over, a little apart."""
    latents = checkpoint.load_latents(RUN)
    times = -(-count // len(latents["label"]))
    many = {name: np.concatenate([array] * times)[:count] for name, array in latents.items()}
    many["mu"] = many["mu"] + np.random.default_rng(0).normal(0, 0.05, many["mu"].shape).astype(np.float32)
    contents = dataclasses.replace(contents_of(RUN), latents=many)
    checkpoint.write_checkpoint(folder / "mnist" / "elbo", contents)
    return folder


def explorer() -> list[Measure]:
    """All speeds of the pages."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        found = [start_up(browser), *hosts(browser), *_planes(browser), *page_to_page(browser)]
        found += [*pages(browser), *train_page(browser)]
        browser.close()
    return found
