"""The browser's framing of pictures, against MNIST's definition in NumPy and against MNIST's own images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from tests.arrays import compute
from tests.opener import patient_page
from tests.server import ROOT
from training import checkpoint

FRAME = """
async ({ ink, width, height, shape }) => {
  const { frameInk } = await import("/assets/run/mnist_frame.js");
  return { pixels: frameInk(ink, width, height, shape)?.pixels ?? null };
}
"""
INK = """
async ({ grey, width, height }) => {
  const { inkOf, isDarkOnLight } = await import("/assets/run/mnist_frame.js");
  const { backgroundLevel } = await import("/assets/run/background_level.js");
  const background = backgroundLevel(grey, width, height);
  const dark = isDarkOnLight(grey, background);
  return { dark, ink: inkOf(grey, background, width, height, dark) };
}
"""


@pytest.fixture(scope="module")
def page(shipped_app: str, browser: Browser) -> Iterator[Page]:
    opened = patient_page(browser)
    opened.goto(f"{shipped_app}/assets/dom/icon.svg")
    yield opened
    opened.close()


def _frame(page: Page, ink: NDArray[np.float64], shape: tuple[int, int, int] = (1, 28, 28)) -> NDArray[np.float64]:
    height, width = ink.shape
    found = compute(page, FRAME, ink=ink, width=width, height=height, shape=list(shape))
    return found["pixels"].astype(np.float64).reshape(shape)


def _read(page: Page, grey: NDArray[np.float64]) -> tuple[bool, NDArray[np.float64]]:
    height, width = grey.shape
    found = compute(page, INK, grey=grey.round(), width=width, height=height)
    return found["dark"], found["ink"].reshape(grey.shape)


def _means(length: int, count: int) -> NDArray[np.float64]:
    """Rows of weights: each of `count` pixels is the mean of its share of `length`."""
    edges = np.arange(count + 1) * length / count
    pixels = np.arange(length)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return covered.clip(0) / (length / count)


def _defined(ink: NDArray[np.float64], size: int = 28, fit: int = 20) -> NDArray[np.float64]:
    """MNIST's definition: the ink's box with its longer side at 20 of 28, its centre of mass on the middle pixel."""
    rows, columns = np.nonzero(ink > 0.05)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    tall, wide = (max(1, int(np.floor(side * fit / max(cut.shape) + 0.5))) for side in cut.shape)
    small = _means(cut.shape[0], tall) @ cut @ _means(cut.shape[1], wide).T
    down, across = np.indices(small.shape)
    top, left = (int(np.floor(size // 2 - (small * at).sum() / small.sum() + 0.5)) for at in (down, across))
    top, left = np.clip(top, 0, size - tall), np.clip(left, 0, size - wide)
    framed = np.zeros((size, size))
    framed[top : top + tall, left : left + wide] = small / small.max()
    return framed


def _digits(count: int) -> NDArray[np.float64]:
    images = checkpoint.load_gallery(ROOT / "checkpoints" / "mnist" / "gallery.safetensors")["images"]
    return images[:: len(images) // count, 0] / 255


def _stroke(width: int, height: int, line: list[tuple[int, int]], pen: int) -> NDArray[np.float64]:
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).line(line, fill=255, width=pen)
    return np.asarray(image) / 255


@pytest.mark.parametrize(
    ("width", "height", "line", "pen"),
    [
        (280, 280, [(60, 40), (200, 60), (90, 250)], 22),
        (300, 200, [(250, 150), (280, 190)], 5),
        (90, 400, [(40, 10), (44, 390)], 9),
        (31, 17, [(3, 3), (28, 9)], 1),
        (12, 12, [(2, 2), (9, 9)], 2),
    ],
    ids=["drawing", "off the centre", "long and thin", "one pixel wide", "smaller than the frame"],
)
def test_a_stroke_is_framed_by_the_definition(
    page: Page, width: int, height: int, line: list[tuple[int, int]], pen: int
) -> None:
    ink = _stroke(width, height, line, pen)
    np.testing.assert_allclose(_frame(page, ink)[0], _defined(ink), atol=1e-5)


def test_where_it_was_drawn_does_not_matter(page: Page) -> None:
    ink = _stroke(100, 100, [(40, 30), (60, 50), (45, 70)], 8)
    np.testing.assert_allclose(_frame(page, ink), _frame(page, np.roll(ink, (-25, 30), (0, 1))), atol=1e-6)


def test_images_of_mnist_come_back(page: Page) -> None:
    for digit in _digits(40):
        framed = _frame(page, digit)[0]
        np.testing.assert_allclose(framed, _defined(digit), atol=1e-5)
        # They were framed once; that they come back shows that the definition is the one by which they were made.
        # Their faintest edges are below what counts as ink here: hence the pixel.
        shifts = [np.roll(framed, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        assert max(np.corrcoef(shifted.ravel(), digit.ravel())[0, 1] for shifted in shifts) > 0.9
        (y, x), (v, u) = (np.array([(image * at).sum() / image.sum() for at in np.indices((28, 28))])
                          for image in (framed, digit))  # fmt: skip
        assert max(abs(x - u), abs(y - v)) <= 1


def test_without_ink_there_is_nothing_to_frame(page: Page) -> None:
    found = compute(page, FRAME, ink=np.zeros(100), width=10, height=10, shape=[1, 28, 28])
    assert found == {"pixels": None}


def test_one_dot_fills_its_square(page: Page) -> None:
    ink = np.zeros((50, 50))
    ink[7, 40] = 1
    framed = _frame(page, ink)[0]
    assert framed.sum() == 400
    assert set(framed.ravel()) == {0, 1}
    assert np.ptp(np.nonzero(framed)[0]) == np.ptp(np.nonzero(framed)[1]) == 19


def test_other_shapes_keep_the_proportions_and_repeat_the_grey(page: Page) -> None:
    # Not symmetric: a centre of mass half-way between two pixels might be rounded either way.
    ink = _stroke(100, 100, [(20, 20), (70, 80), (75, 60)], 9)
    np.testing.assert_allclose(_frame(page, ink, (1, 8, 8))[0], _defined(ink, 8, 6), atol=1e-5)
    colour = _frame(page, ink, (3, 28, 28))
    np.testing.assert_allclose(colour, np.broadcast_to(_defined(ink), (3, 28, 28)), atol=1e-5)


@pytest.mark.parametrize("level", [0, 60])
def test_light_on_dark_and_dark_on_light_are_told_apart_and_give_the_same_ink(page: Page, level: int) -> None:
    for digit in _digits(20):
        large = np.kron(np.pad(digit, 4), np.ones((4, 4)))
        grey = level + (255 - level) * large
        dark, ink = _read(page, grey)
        assert not dark
        np.testing.assert_allclose(ink, large / large.max(), atol=0.01)
        inverted, same = _read(page, 255 - grey)
        assert inverted
        np.testing.assert_allclose(same, ink, atol=0.01)


def test_a_photo_in_uneven_light_is_cut_to_its_ink(page: Page) -> None:
    stroke = _stroke(400, 300, [(150, 90), (250, 85), (200, 160), (240, 210), (160, 240)], 10)
    down, across = np.indices(stroke.shape)
    noise = np.random.default_rng(3).normal(0, 2, stroke.shape)
    paper = 215 - 0.2 * across + 0.1 * down + noise
    dark, ink = _read(page, (paper * (1 - stroke) + 40 * stroke).clip(0, 255))
    assert dark
    box = [(at.min(), at.max()) for at in np.nonzero(ink > 0.05)]
    assert np.abs(np.array(box) - [(at.min(), at.max()) for at in np.nonzero(stroke)]).max() <= 1


def test_a_vignette_does_not_pass_for_ink_on_dark_paper(page: Page) -> None:
    stroke = _stroke(300, 300, [(130, 100), (170, 200)], 8)
    down, across = np.indices(stroke.shape)
    paper = 220 - 0.0012 * ((down - 150) ** 2 + (across - 150) ** 2)
    assert _read(page, paper * (1 - stroke) + 30 * stroke)[0]


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_one_flat_tone_has_no_ink(page: Page, tone: int) -> None:
    assert not _read(page, np.full((20, 30), float(tone)))[1].any()
