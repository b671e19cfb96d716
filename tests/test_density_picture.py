"""The picture of more images than can be told apart as dots: its cells against NumPy, and the page that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.explorer_speed import many_points
from tests.arrays import compute
from tests.opener import Open, opener, patient_page
from tests.server import serve
from training import checkpoint

COUNT = 150_000
BIN = """
async ({ xy, label, mask, out }) => {
  const { DensityPicture } = await import("/assets/plane/density_picture.js");
  const { Camera } = await import("/assets/plane/camera.js");
  const camera = Object.assign(new Camera(), { width: 300, height: 200, center: [0.25, -0.5], scale: 40 });
  const theme = { grid: "#888", zero: "#888", text: "#888", font: "serif" };
  const picture = new DensityPicture(document.documentElement);
  const coloring = { group: (i) => label[i], css: (group) => ["#ff0000", "#0000ff", "#00ff00"][group] };
  const space = { xy, label: Int32Array.from(label), count: label.length };
  const points = { space, coloring, shown: (v) => v !== 2, mask };
  picture.draw(points, camera, theme);
  const { counts, sums, width, height } = picture.survey(points, camera, out);
  const words = picture.words.textContent;
  picture.destroy();
  return { counts: Float64Array.from(counts), sums, width, height, words };
}
"""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return many_points(tmp_path_factory.mktemp("crowd"), COUNT)


@pytest.fixture(scope="module")
def address(crowd: Path) -> Iterator[str]:
    with serve(crowd) as found:
        yield found


@pytest.fixture
def open_crowd(address: str, browser: Browser) -> Iterator[Open]:
    with opener(browser, address) as open_it:
        yield open_it


@pytest.mark.parametrize("out", [None, 0, 1])
def test_cells_hold_what_numpy_counts(shipped_app: str, browser: Browser, out: int | None) -> None:
    generator = np.random.default_rng(3)
    xy = generator.normal(0, 2, (60_000, 2)).astype(np.float32)
    label = generator.integers(0, 3, len(xy)).astype(np.uint8)
    mask = generator.integers(0, 2, len(xy)).astype(np.uint8)
    page = patient_page(browser)
    page.goto(f"{shipped_app}/assets/dom/theme.js")
    found = compute(page, BIN, xy=xy, label=label, mask=mask, out=out)
    page.close()
    wanted = (label != 2) & (True if out is None else mask == out)
    # 300 x 200 pixels at 40 a unit round (0.25, -0.5), in cells of two pixels, rows from the top.
    bins = [np.linspace(-0.5 - 2.5, -0.5 + 2.5, 101), np.linspace(0.25 - 3.75, 0.25 + 3.75, 151)]
    for channel, group in ((0, 0), (2, 1)):
        chosen = xy[wanted & (label == group)]
        expected = np.histogram2d(chosen[:, 1], chosen[:, 0], bins)[0][::-1]
        sums = found["sums"].reshape(found["height"], found["width"], 3)[:, :, channel] / 255
        assert np.abs(sums - expected).sum() <= 4, "a point on a cell's edge may fall on either side"
    assert found["counts"].sum() == pytest.approx(found["sums"].sum() / 255)
    inside = (np.abs(xy - [0.25, -0.5]) <= [3.75, 2.5]).all(1) & (label != 2)
    assert f"Density of {inside.sum():,} images" in found["words"]


def _in_view(page: Page) -> int:
    found = re.search(r"Density of ([\d,]+) images", page.locator(".lx-density").inner_text())
    assert found
    return int(found.group(1).replace(",", ""))


def test_classes_are_hidden_and_few_images_are_points(open_crowd: Open, crowd: Path) -> None:
    page = open_crowd("?dataset=mnist&run=elbo&z=0,0")
    label = checkpoint.load_latents(crowd / "mnist" / "elbo")["label"]
    every = _in_view(page)
    assert 0.97 * COUNT < every <= COUNT
    page.locator(".lx-legend button").nth(4).click()
    fours = (label == 4).sum()
    expect(page.locator(".lx-density")).not_to_contain_text(f"{every:,}")
    assert 0.9 * fours < every - _in_view(page) <= fours
    page.locator(".lx-legend button").nth(4).click()
    page.locator(".lx-legend button").nth(1).dblclick()
    expect(page.locator(".lx-density")).to_be_hidden()  # a tenth of the images: dots


def test_a_box_selects_and_zooming_shows_points(open_crowd: Open, crowd: Path) -> None:
    page = open_crowd("?dataset=mnist&run=elbo&z=0,0")
    plane = page.get_by_test_id("latent-plane")
    box = page.get_by_test_id("handle").bounding_box()
    assert box
    center = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])  # z = 0
    page.mouse.move(*center)
    page.mouse.down()
    page.mouse.move(*(center + 100), steps=3)
    page.mouse.up()
    unit = 100 / float((plane.get_attribute("data-z") or "").split(",")[0])
    page.get_by_test_id("tool-box").click()
    page.mouse.move(*center)
    page.mouse.down()
    page.mouse.move(center[0] + 90, center[1] - 60, steps=4)
    page.mouse.up()
    mu = checkpoint.load_latents(crowd / "mnist" / "elbo")["mu"] * unit
    inside = ((mu > 0) & (mu < [90, 60])).all(1).sum()
    told = page.get_by_test_id("latent-neighbours")
    expect(told).to_contain_text(" images")
    found = re.search(r"([\d,]+) images", told.inner_text())
    assert found
    assert int(found.group(1).replace(",", "")) == pytest.approx(inside, rel=0.03)
    expect(page.locator(".lx-density")).to_be_visible()
    for _ in range(9):
        page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".lx-density")).to_be_hidden()
