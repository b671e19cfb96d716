"""Colours of classes and of continuous values, for every page."""

from __future__ import annotations

from functools import lru_cache

import plotly.colors

# M. A. Petroff, "Accessible Color Sequences for Data Visualization" (2021, arXiv:2107.02270): ten colours chosen
# to stay apart under the three colour-vision deficiencies, on white and on black.
PETROFF_10 = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)


def class_colors(count: int) -> tuple[str, ...]:
    """One hex colour a class. Past ten classes the sequence repeats: tell those apart by the legend's switches."""
    return tuple(PETROFF_10[index % len(PETROFF_10)] for index in range(count))


@lru_cache
def value_colors() -> tuple[str, ...]:
    """Cividis, dark to light, as 11 hex colours: even steps for every kind of colour vision."""
    rgb = plotly.colors.sample_colorscale("Cividis", 11, colortype="tuple")
    return tuple("#" + "".join(f"{round(255 * channel):02x}" for channel in color) for color in rgb)
