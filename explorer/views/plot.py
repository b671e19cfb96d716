"""What the plotly figures of Table and Gradients have in common."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

Trace = dict[str, Any]
TEXT = {"size": 14}
# The legend stands above the plot, where it does not narrow it on a phone, and names one trace alone too.
LAYOUT = {
    "showlegend": True,
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": TEXT},
    "margin": {"l": 8, "r": 20, "t": 8, "b": 8},
    "font": TEXT,
    "hoverlabel": {"font": TEXT},
    "dragmode": False,  # it stays put under a finger that scrolls the page
}


class Figure(go.Figure):  # type: ignore[misc]  # plotly has no types
    """A finished figure, for which plotly takes a while to make a dict: Streamlit asks for it at each rerun."""

    _dict: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same dict each time."""
        if self._dict is None:
            self._dict = super().to_dict()
        return self._dict


def figure(traces: Sequence[Trace], x: dict[str, Any], y: dict[str, Any], **layout: Any) -> Figure:
    """A figure of `traces` in the project's type sizes; `x`, `y`: its axes, with their titles as text.

    A trace's name is text too, though plotly reads markup in it.

    Made in one go: plotly takes ten times as long to have a figure changed bit by bit.
    """
    axes = {
        name: {**axis, "title": {"text": axis["title"], "font": TEXT}, "automargin": True, "tickfont": TEXT}
        | {"zeroline": False}
        for name, axis in {"xaxis": x, "yaxis": y}.items()
    }
    named = [{**trace, "name": escape(trace["name"], quote=False)} if "name" in trace else trace for trace in traces]
    return Figure({"data": named, "layout": {**LAYOUT, **axes, **layout}})
