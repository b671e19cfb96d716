"""Forced colours: what a colour says keeps it, and what lies on the canvases is seen on the system's background."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.opener import Open


def _colors(element: Locator) -> np.ndarray:
    """The colours of an element's middle on the screen, (N, 3)."""
    picture = np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("RGB"))
    height, width, _ = picture.shape
    middle = picture[height // 3 : height - height // 3, width // 3 : width - width // 3]
    return np.unique(middle.reshape(-1, 3), axis=0)


def _background(page: Page) -> np.ndarray:
    color = page.evaluate("getComputedStyle(document.querySelector('.lx-plane')).backgroundColor")
    return np.array([int(part) for part in color[color.index("(") + 1 : -1].split(",")[:3]])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dots_handles_and_axes_are_seen(open_page: Open, scheme: str) -> None:
    page = open_page("?dataset=mnist&run=elbo&image=17", forced_colors="active", color_scheme=scheme)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    background = _background(page)
    dots = page.locator(".lx-legend button i")
    expect(dots).to_have_count(10)
    seen = [tuple(_colors(dots.nth(index))[0]) for index in range(10)]
    assert len(set(seen)) == 10, "each class has its own"
    assert all(np.abs(np.array(color) - background).max() > 40 for color in seen)
    handle = _colors(page.get_by_test_id("handle"))
    assert (np.abs(handle.astype(int) - background).max(1) > 100).any()
    text = page.evaluate("getComputedStyle(document.querySelector('.lx')).color")
    level = int(text[text.index("(") + 1 :].split(",")[0])
    assert (level > 128) == (background.mean() < 128), "text, and what is drawn in its colour, stands out"
