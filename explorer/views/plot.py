"""What all plotly figures look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

Trace = dict[str, Any]
TEXT = {"size": 14}
# The legend stands above the plot, where it does not narrow it on a phone, and names one trace alone too.
LAYOUT = {
    "showlegend": True,
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": TEXT},
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "font": TEXT,
    "hoverlabel": {"font": TEXT},
    "dragmode": False,  # it stays put under a finger that scrolls the page
}


def figure(traces: Sequence[Trace], x: dict[str, Any], y: dict[str, Any], **layout: Any) -> go.Figure:
    """A figure of `traces` in the project's type sizes; `x`, `y`: its axes, with their titles as text.

    Made in one go: plotly takes ten times as long to have a figure changed bit by bit.
    """
    axes = {
        name: {**axis, "title": {"text": axis["title"], "font": TEXT}, "automargin": True, "tickfont": TEXT}
        | {"zeroline": False}
        for name, axis in {"xaxis": x, "yaxis": y}.items()
    }
    return go.Figure({"data": list(traces), "layout": {**LAYOUT, **axes, **layout}})
