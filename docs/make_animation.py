"""Make docs/explore.webp, the README's animation: `python -m docs.make_animation`.

It drives the running explorer as a person would: drags the handle, switches the loss so that the points fly, and slides
an interpolation. Each frame is a picture of the page, so nothing in it is drawn by hand.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import chromium
from tests.server import ROOT, serve

FILE = Path(__file__).parent / "explore.webp"
SIZE = {"width": 1200, "height": 720}
SHOWN = (960, 576)
MILLISECONDS = 110  # of a frame
MOST_BYTES = 3_000_000
# Points of a smooth way through the plane: from a 2 over a 3 and an 8 to a 6.
WAY = ((1.2, 0.4), (0.5, -0.2), (-0.3, -0.9), (-0.9, 0.0), (-0.4, 0.9), (0.6, 1.0), (1.3, 0.2))
# The page's clock can be held: what moves by itself then goes on by as much as a frame is shown for.
CLOCK = """
  localStorage.setItem("lx-introduced", "yes"); // no card for newcomers
  const real = performance.now.bind(performance);
  let held = null;
  performance.now = () => held ?? real();
  window.hold = () => { held = real(); };
  window.release = () => { held = null; };
  window.lapse = (ms) => new Promise((done) => {
    if (held !== null) held += ms;
    requestAnimationFrame(() => requestAnimationFrame(() => done()));
  });
"""


class Film:
    """Frames of a page, taken one after the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames: list[Image.Image] = []

    def take(self, times: int = 1) -> None:
        """Add a frame, several times for what moves by itself or rests."""
        for _ in range(times):
            self.page.evaluate("(ms) => lapse(ms)", MILLISECONDS)
            shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
            self.frames.append(shot.resize(SHOWN, Image.Resampling.LANCZOS))


def drag(film: Film, at: Callable[[float, float], tuple[float, float]], steps: int) -> None:
    """Drag the handle along WAY."""
    film.page.mouse.move(*at(*WAY[0]))
    film.page.mouse.down()
    for step in range(steps):
        film.page.mouse.move(*at(*_on_way(step / (steps - 1))))
        film.take()
    film.page.mouse.up()


def _on_way(share: float) -> tuple[float, float]:
    """A point of the Catmull-Rom curve through WAY."""
    place = share * (len(WAY) - 1)
    i = min(int(place), len(WAY) - 2)
    t = place - i
    points = [WAY[min(max(j, 0), len(WAY) - 1)] for j in range(i - 1, i + 3)]
    x, y = (
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(*points, strict=True)
    )
    return x, y


def _loss(film: Film, title: str) -> None:
    """Switch to a run, and film its points on their way."""
    page = film.page
    page.evaluate("hold()")
    page.locator(".st-key-run").get_by_text(title, exact=True).click()
    page.wait_for_selector(".lx-moving", timeout=20_000)
    film.take(8)
    page.evaluate("release()")
    page.wait_for_selector(".lx-plane:not(.lx-moving)", timeout=20_000)
    page.wait_for_timeout(600)
    film.take(3)


def main() -> None:
    """Film the explorer, and write the animation."""
    with serve(ROOT / "checkpoints") as address, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport=SIZE)
        page.add_init_script(CLOCK)
        film = Film(page)
        page.goto(f"{address}/?dataset=mnist&run=elbo&z={WAY[0][0]},{WAY[0][1]}")
        page.wait_for_selector("[data-testid=latent-plane][data-ready=true]", timeout=60_000)
        page.wait_for_timeout(3000)
        film.take(2)
        drag(film, _plane(page), 24)
        for title in ("Reconstruction only", "KL only", "Full ELBO"):
            _loss(film, title)
        page.goto(f"{address}/interpolate?dataset=mnist&run=elbo&view=runs&t=0")
        page.wait_for_selector(".lx-interpolate[data-ready=true]", timeout=60_000)
        page.wait_for_timeout(2500)
        slide = page.get_by_test_id("interpolation-slider")
        for step in range(15):
            slide.evaluate(
                "(e, t) => { e.value = t; e.dispatchEvent(new Event('input', {bubbles: true})); }",
                0.5 - 0.5 * math.cos(math.pi * step / 14),
            )
            page.wait_for_timeout(60)
            film.take()
        film.take(3)
        browser.close()
    _write(film.frames)


def _plane(page: Page) -> Callable[[float, float], tuple[float, float]]:
    """From a point of the plane to a pixel of the window, as its handle tells when it is moved."""
    handle, plane = page.get_by_test_id("handle"), page.get_by_test_id("latent-plane")

    def look() -> tuple[float, float, float, float]:
        box = handle.bounding_box()
        assert box
        x, y = (float(v) for v in str(plane.get_attribute("data-z")).split(","))
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, x, y

    left, top, x, y = look()
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left - 80, top)
    page.mouse.up()
    there, _, x2, _ = look()
    scale = (there - left) / (x2 - x)
    return lambda u, v: (left + (u - x) * scale, top - (v - y) * scale)


def _write(frames: list[Image.Image]) -> None:
    """Write the frames as one animated WebP, of the best quality that is small enough."""
    for quality in (82, 74, 66, 58, 50):
        frames[0].save(
            FILE, save_all=True, append_images=frames[1:], duration=MILLISECONDS, loop=0, quality=quality, method=4
        )
        size = FILE.stat().st_size
        print(f"{FILE.name}: {len(frames)} frames, quality {quality}, {size:,} bytes")
        if size <= MOST_BYTES:
            return
    raise SystemExit(f"the animation has {size:,} bytes, more than {MOST_BYTES:,}")


if __name__ == "__main__":
    main()
