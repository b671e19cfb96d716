"""The Explore page in Chromium: frames and lag while dragging, and the time from start to a usable plane."""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.pages_speed import pages
from tests import chromium
from tests.contents import contents_of
from tests.server import EXPLORER, ROOT, serve
from training import checkpoint

RUN = ROOT / "checkpoints" / "mnist" / "elbo"
SPEED = 240.0  # pixels a second
SECONDS = 5.0
STARTS = 5
LOADS = 3

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


def drag(points: int, browser: Browser, aim: int) -> dict[str, float]:
    """Seconds until the plane is usable, then frames a second and lag while the handle circles at 240 px/s for 5 s."""
    with TemporaryDirectory() as folder:
        seconds = []
        with serve(many_points(Path(folder), points)) as address:
            for _ in range(LOADS):
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                page = context.new_page()
                start = time.perf_counter()
                page.goto(f"{address}/?dataset=mnist&run=elbo&z=0,0")
                page.wait_for_function(OUR_READY, polling="raf", timeout=120_000)
                seconds.append(time.perf_counter() - start)
                if len(seconds) == LOADS:
                    page.wait_for_timeout(3000)  # idle prefetching is over
                    log = _drag_in_circle(page)
                context.close()
    frames = [b - a for a, b in zip(log["frames"], log["frames"][1:], strict=False)]
    return {
        "usable after, seconds": statistics.median(seconds),
        "usable after, seconds, the first time": seconds[0],
        f"frames/s (aim {aim})": 1000 * len(frames) / sum(frames),
        "frames of the image behind the handle (aim 1)": log["behind"],
        "event to painted, p50 ms": float(np.percentile(log["lags"], 50)),
        "event to painted, p95 ms (aim 17)": float(np.percentile(log["lags"], 95)),
    }


def _planes(browser: Browser) -> dict[str, dict[str, float]]:
    few, many, most = (drag(points, browser, aim) for points, aim in ((5000, 55), (70_000, 55), (1_000_000, 50)))
    usable = "usable after, seconds"
    many["usable after, times that of 5,000 (aim 1.5)"] = many[usable] / few[usable]
    most["usable after, seconds (aim 10)"] = most.pop(usable)
    return {
        "dragging, 5,000 points": few,
        "dragging, 70,000 points": many,
        "dragging, 1,000,000 points": most,
    }


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


def start_up(browser: Browser) -> dict[str, float]:
    """Seconds from `streamlit run` to a usable plane, and to the one chart of a bare app with the same points."""
    with TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE_APP.format(run=str(RUN)))
        rounds = []
        for _ in range(STARTS):
            ours = _time_to_ready(browser, EXPLORER, OUR_READY)
            rounds.append((ours, _time_to_ready(browser, bare, BARE_READY)))
    return {
        "explorer, seconds": statistics.median(ours for ours, _ in rounds),
        "bare st.plotly_chart app, seconds": statistics.median(peer for _, peer in rounds),
        "explorer / bare app (aim 1.25)": statistics.median(ours / peer for ours, peer in rounds),
    }


def _time_to_ready(browser: Browser, script: Path, ready: str) -> float:
    start = time.perf_counter()
    with serve(ROOT / "checkpoints", script) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(address)
        page.wait_for_function(ready, polling="raf", timeout=60_000)
        seconds = time.perf_counter() - start
        context.close()
    return seconds


def many_points(folder: Path, count: int) -> Path:
    """A copy of the run with `count` latents: the shipped ones over and over, a little apart."""
    latents = checkpoint.load_latents(RUN)
    times = -(-count // len(latents["label"]))
    many = {name: np.concatenate([array] * times)[:count] for name, array in latents.items()}
    many["mu"] = many["mu"] + np.random.default_rng(0).normal(0, 0.05, many["mu"].shape).astype(np.float32)
    contents = dataclasses.replace(contents_of(RUN), latents=many)
    checkpoint.write_checkpoint(folder / "mnist" / "elbo", contents)
    return folder


def explorer() -> dict[str, dict[str, float]]:
    """All figures of the pages."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        results = {
            **_planes(browser),
            "start": start_up(browser),
            **pages(browser),
        }
        browser.close()
    return results
