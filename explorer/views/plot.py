"""What all plotly figures look like."""

from __future__ import annotations

import plotly.graph_objects as go


def laid_out(figure: go.Figure) -> go.Figure:
    """The figure in the project's type sizes; it stays put under a finger that scrolls the page."""
    # The legend stands above the plot, where it does not narrow it on a phone.
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 14}}
    figure.update_layout(
        legend=legend,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font={"size": 14},
        hoverlabel={"font": {"size": 14}},
        dragmode=False,
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(automargin=True, title_font={"size": 14}, tickfont={"size": 14}, zeroline=False)
    return figure
