"""Colours of classes, of runs and of continuous values, for every page."""

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
# Blues, greens and pinks, which classes leave free: each is as far from every class colour and from one another as the
# two nearest class colours are (0.09 in OKLab), and stands out from white and from the dark theme.
RUN_COLORS = (
    "#0072b2",
    "#e7298a",
    "#2ca02c",
    "#33bbee",
    "#882255",
    "#117733",
    "#ee6677",
    "#1845fb",
    "#e377c2",
    "#aa3377",
)


def class_colors(count: int) -> tuple[str, ...]:
    """One hex colour a class. Past ten classes the sequence repeats: tell those apart by the legend's switches."""
    return tuple(PETROFF_10[index % len(PETROFF_10)] for index in range(count))


def run_colors(count: int) -> tuple[str, ...]:
    """One hex colour a run, none of them a class's. Past ten the sequence repeats: lines have other dashes, too."""
    return tuple(RUN_COLORS[index % len(RUN_COLORS)] for index in range(count))


@lru_cache
def value_colors() -> tuple[str, ...]:
    """Cividis, dark to light, as 11 hex colours: even steps for every kind of colour vision."""
    rgb = plotly.colors.sample_colorscale("Cividis", 11, colortype="tuple")
    return tuple("#" + "".join(f"{round(255 * channel):02x}" for channel in color) for color in rgb)
