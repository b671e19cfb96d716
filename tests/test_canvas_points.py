"""The points that a plane draws on a canvas, pixel by pixel, against discs and blending computed otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser

from explorer.views.palette import class_colors
from tests.arrays import compute
from tests.opener import patient_page

LEFT, TOP = 40, 8  # of the plot area, CSS pixels
WIDTH, HEIGHT = 60, 40
SIZE = 5  # of a dot, CSS pixels
OPACITY, FAINT = 0.8, 0.16
COLORS = ["#ff0000", "#0000ff", "#00ff00"]
DRAW = """
async ({ xy, label, mask, hidden, axes, colors }) => {
  const { CanvasPoints, LARGE, SMALL } = await import("/assets/plane/canvas_points.js");
  const { Camera } = await import("/assets/plane/camera.js");
  const camera = Object.assign(new Camera(), { width: 60, height: 40, center: [30, -20], scale: 1 }); // y: upwards
  const theme = { grid: "#888888", zero: "#888888", text: "#888888", font: "serif", label: 11 };
  const points = new CanvasPoints(document.body, { ...(axes ? SMALL : LARGE), size: () => 5 });
  const coloring = { group: (i) => label[i], css: (group) => colors[group] };
  const space = { xy, label: Int32Array.from(label), count: label.length };
  const drawn = { space, coloring, shown: (v) => v !== hidden, mask };
  // What lay on the canvas before is gone.
  points.draw({ ...drawn, space: { ...space, xy: space.xy.map((v) => v + 7) } }, camera, theme);
  points.order = Int32Array.from(label, (_, i) => i);
  points.draw(drawn, camera, theme);
  const { width, height } = points.chart;
  const { data } = points.chart.getContext("2d").getImageData(0, 0, width, height);
  points.destroy();
  return { data: Float64Array.from(data), shape: [height, width, 4] };
}
"""


def _draw(
    browser: Browser,
    app: str,
    ratio: float,
    places: list[tuple[float, float]],
    label: list[int],
    **more: Any,
) -> NDArray[np.float64]:
    """The plot area's pixels, (height, width, 4), 0 to 255, of dots at `places` from its left upper corner."""
    page = patient_page(browser, device_scale_factor=ratio)
    page.goto(f"{app}/assets/dom/theme.js")
    xy = np.array([(x, -y) for x, y in places], np.float32)
    given = {"mask": None, "hidden": -1, "axes": False, "colors": COLORS} | more
    found = compute(page, DRAW, xy=xy, label=np.array(label, np.uint8), **given)
    page.close()
    left, top = round(LEFT * ratio), round(TOP * ratio)
    picture: NDArray[np.float64] = found["data"].reshape([int(side) for side in found["shape"]])
    return picture[top : top + round(HEIGHT * ratio), left : left + round(WIDTH * ratio)]


def _disc(ratio: float, x: float, y: float, size: float = SIZE) -> NDArray[np.float64]:
    """The share of each pixel of the plot area that a disc covers, sampled finely."""
    fine = 16
    rows = (np.arange(round(HEIGHT * ratio) * fine) + 0.5) / fine
    columns = (np.arange(round(WIDTH * ratio) * fine) + 0.5) / fine
    inside = (columns - x * ratio) ** 2 + (rows[:, None] - y * ratio) ** 2 <= (size * ratio / 2) ** 2
    blocks = inside.reshape(len(rows) // fine, fine, len(columns) // fine, fine)
    share: NDArray[np.float64] = blocks.mean((1, 3))
    return share


def _blended(*layers: tuple[NDArray[np.float64], float, int]) -> NDArray[np.float64]:
    """Layers of one colour each, covers, opacities and classes from below, "source over" in real numbers."""
    below = np.zeros((*layers[0][0].shape, 4))  # premultiplied
    for cover, opacity, label in layers:
        alpha = (opacity * cover)[..., None]
        color = [int(COLORS[label][i : i + 2], 16) / 255 for i in (1, 3, 5)]
        below = alpha * np.array([*color, 1]) + (1 - alpha) * below
    alpha = below[..., 3:]
    straight = np.divide(below[..., :3], alpha, out=np.zeros_like(below[..., :3]), where=alpha > 0)
    return 255 * np.concatenate([straight, alpha], 2)


def _agree(found: NDArray[np.float64], expected: NDArray[np.float64], moved: float = 0) -> None:
    """The same, but for an edge that has `moved` by so many device pixels, and for how finely it was sampled."""
    assert found.shape == expected.shape
    off = np.abs(found - expected)
    assert off[..., 3].max() <= 255 * (moved + 0.05)
    assert off[expected[..., 3] > 200].max() <= 255 * (moved + 0.05)  # elsewhere a colour is made of few levels
    assert off[..., 3].mean() < 0.5


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
def test_a_dot_is_a_disc_of_its_colour_and_nothing_lies_beside_it(
    shipped_app: str, browser: Browser, ratio: float
) -> None:
    for x, y in ((20.5, 10), (20.3, 10.6)):
        found = _draw(browser, shipped_app, ratio, [(x, y)], [1])
        cover = _disc(ratio, x, y)
        _agree(found, _blended((cover, OPACITY, 1)), 0 if (x, y) == (20.5, 10) else 0.125 * 2**0.5)
        assert found[int(y * ratio), int(x * ratio)].tolist() == [0, 0, 255, 204]
        assert not found[_disc(ratio, x, y, SIZE + 2.9 / ratio) == 0].any()
        assert found[..., 3].sum() / 255 == pytest.approx(OPACITY * cover.sum(), rel=0.02)


@pytest.mark.parametrize("ratio", [1, 2])
def test_where_dots_overlap_the_later_lies_over_the_earlier(shipped_app: str, browser: Browser, ratio: float) -> None:
    places = [(20.5, 10.5), (22.5, 10.5), (21.5, 11.5)]
    for label in ([0, 1, 2], [2, 0, 1]):
        found = _draw(browser, shipped_app, ratio, places, label)
        covers = [_disc(ratio, *place) for place in places]
        _agree(found, _blended(*((cover, OPACITY, k) for cover, k in zip(covers, label, strict=True))))
        red, green, blue, alpha = found[int(11.0 * ratio), int(21.5 * ratio)]
        assert alpha == pytest.approx(255 * (1 - 0.2**3), abs=1.5)
        assert [red, green, blue][label[2] and 3 - label[2]] > 200, "the colour of the last"


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_dot_at_the_edge_is_cut_off_there(shipped_app: str, browser: Browser, ratio: float) -> None:
    places = [(0.5, 20), (WIDTH - 1, 0), (30, HEIGHT + 1), (WIDTH + 30, 10), (-9, -9), (float("nan"), 3)]
    found = _draw(browser, shipped_app, ratio, places, [0, 1, 2, 0, 1, 2])
    _agree(found, _blended(*((_disc(ratio, *place), OPACITY, k) for k, place in enumerate(places[:3]))))
    assert found[int(20 * ratio), 0].tolist() == [255, 0, 0, 204]
    assert found[0, int((WIDTH - 1) * ratio)].tolist() == [0, 0, 255, 204]
    assert (found[..., 3] > 0).sum() < 3 * (SIZE * ratio + 1) ** 2, "no other is seen, nor wraps into the next row"


def test_a_class_that_is_hidden_is_not_drawn_and_what_stands_out_lies_on_top(
    shipped_app: str, browser: Browser
) -> None:
    places = [(20.5, 10.5), (20.5, 10.5), (40.5, 30.5), (50.5, 10.5)]
    mask = np.array([1, 0, 0, 1], np.uint8)
    found = _draw(browser, shipped_app, 1, places, [0, 1, 1, 2], mask=mask, hidden=2)
    assert found[10, 20].tolist() == [255, 0, 0, 255], "though it comes first"
    assert found[30, 40].tolist() == [0, 0, 255, round(255 * FAINT)]
    assert not found[5:16, 45:56].any()


def test_axes_lie_under_the_dots(shipped_app: str, browser: Browser) -> None:
    bare = _draw(browser, shipped_app, 1, [(0.5, 0.5), (20.5, 10.5)], [0, 1])
    found = _draw(browser, shipped_app, 1, [(0.5, 0.5), (20.5, 10.5)], [0, 1], axes=True)
    lines = (found != bare).any(2)
    assert lines.any()
    assert (found[..., 3][lines] > bare[..., 3][lines]).all()
    red, green, blue, alpha = found[0, 0]  # over the zero lines, x = 0 and y = 0
    assert alpha == 255
    assert red > 200 > 40 > green == blue > 20


def test_every_colour_of_the_palette_is_drawn_as_it_is(shipped_app: str, browser: Browser) -> None:
    colors = list(class_colors(40))
    places = [(3 + 6 * (k % 9) + 0.5, 3 + 6 * (k // 9) + 0.5) for k in range(40)]
    found = _draw(browser, shipped_app, 1, places, list(range(40)), colors=colors)
    for (x, y), color in zip(places, colors, strict=True):
        wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(found[int(y), int(x), :3] - wanted).max() <= 1
