"""The pictures of findings, as HTML that carries all it shows: rows of images, bars, lines, clouds of points.

Each has its numbers in its accessible name. Colours stand out from the light theme and from the dark one.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from explorer.views.estimator_plots import png, strip

COLORS = ("#8a94a2", "#1b8f9b", "#d9602a")
MOST_BARS = 16
WIDE, HIGH = 320, 150  # pixels of lines
SIDE = 200  # and of clouds
REACH = 3.5  # standard deviations of N(0, I) that are always seen


def strips(words: str, rows: Mapping[str, NDArray[np.float32]]) -> str:
    """Rows of images (N, C, H, W) in [0, 1] under what they are."""
    inner = "".join(
        f"<span>{escape(name)}</span>{_image(png(strip(images, len(images))), 'png')}" for name, images in rows.items()
    )
    return _figure(words, inner)


def bars(words: str, values: Mapping[str, float]) -> str:
    """Numbers in nats, each with a bar, as long as it is beside the largest."""
    most = max([*values.values(), 1e-9])
    shown = list(values.items())[:MOST_BARS]
    inner = "".join(
        f'<div class="bar"><span>{escape(name)}</span><em>{value:.2f}</em>'
        f'<i style="width:{100 * value / most:.1f}%"></i></div>'
        for name, value in shown
    )
    rest = len(values) - len(shown)
    more = f"<span>and {rest} more, none of them larger</span>" if rest else ""
    return _figure(f"{words}, in nats: {', '.join(f'{name} {value:.2f}' for name, value in shown)}", inner + more)


def lines(words: str, found: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Numbers in nats against the epoch."""
    if not found:
        return ""
    epochs, nats = zip(*chain.from_iterable(found.values()), strict=True)
    first, last, low, high = min(epochs), max(epochs), min(nats), max(nats)
    paths = []
    for color, line in zip(_colors(found), found.values(), strict=True):
        steps = (
            f"{WIDE * (epoch - first) / max(last - first, 1e-9):.1f} "
            f"{HIGH - 2 - (HIGH - 4) * (value - low) / max(high - low, 1e-9):.1f}"
            for epoch, value in line
        )
        paths.append(f'<path d="M{"L".join(steps)}" fill="none" stroke="{color}" stroke-width="2.5"/>')
    ends = "; ".join(f"{name} ends at {line[-1][1]:.2f}" for name, line in found.items())
    scale = f"<span>epochs {first:g} to {last:g}, {low:.1f} to {high:.1f} nats</span>"
    return _figure(f"{words}: {ends} nats", _keys(found) + _drawing(WIDE, HIGH, "".join(paths)) + scale)


def clouds(words: str, found: Mapping[str, NDArray[np.float64]]) -> str:
    """Points (N, 2) around the origin, each axis as far as the other."""
    reach = max(REACH, *(float(np.quantile(np.abs(points), 0.99)) for points in found.values()))
    paths = []
    for color, points in zip(_colors(found), found.values(), strict=True):
        places = 0.5 * SIDE * (1 + np.clip(points / reach, -1, 1) * (1, -1))
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)
        paths.append(f'<path d="{dots}" stroke="{color}" stroke-width="3.5" stroke-linecap="round" opacity="0.8"/>')
    scale = f"<span>each axis from −{reach:.1f} to {reach:.1f}</span>"
    return _figure(words, _keys(found) + _drawing(SIDE, SIDE, "".join(paths)) + scale)


def _colors(found: Mapping[str, object]) -> tuple[str, ...]:
    return COLORS[: len(found)]


def _keys(found: Mapping[str, object]) -> str:
    keys = zip(found, _colors(found), strict=True)
    return "".join(f'<span class="key" style="--key:{color}">{escape(name)}</span>' for name, color in keys)


def _drawing(width: int, height: int, inner: str) -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{inner}</svg>'
    return _image(svg.encode(), "svg+xml", "drawn")


def _image(data: bytes, kind: str, name: str = "") -> str:
    return f'<img class="{name}" alt="" src="data:image/{kind};base64,{b64encode(data).decode()}">'


def _figure(words: str, inner: str) -> str:
    named = escape(words[:1].upper() + words[1:])
    return f'<figure role="img" aria-label="{named}"><div aria-hidden="true">{inner}</div></figure>'
