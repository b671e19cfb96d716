"""The plots of the Gradients page: the estimators' variance, and the learning that follows from it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.views.estimators import TITLES
from explorer.views.palette import PETROFF_10
from explorer.views.plot import Figure, Trace, figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Those of the palette that stand out from white and from the dark theme alike; marks and dashes tell them apart too.
COLORS = {
    "reparameterization": PETROFF_10[0],
    "none": PETROFF_10[6],
    "mean": PETROFF_10[5],
    "expected": PETROFF_10[8],
    "whole": PETROFF_10[2],
    "whole_expected": PETROFF_10[3],
}
MARKS = {
    "reparameterization": "circle",
    "none": "square",
    "mean": "diamond",
    "expected": "triangle-up",
    "whole": "cross",
    "whole_expected": "x",
}
GREY = "rgba(128, 138, 152, 0.9)"
POWERS = {"type": "log", "exponentformat": "power", "dtick": 1}


def variance_figure(curves: Mapping[str, NDArray[np.float64]], squared_length: float) -> Figure:
    """Variance against the number of samples, on log axes.

    `curves`: by estimator rows of samples, value, low, high. Each has a guide of slope -1 through its first point.
    `squared_length` of the mean gradient, nats squared, marks where noise and signal are equal; 0 for unknown.
    """
    traces: list[Trace] = []
    most = max(curve[-1, 0] for curve in curves.values())
    for name, curve in curves.items():
        samples, value, low, high = curve.T
        ends = np.array([1.0, most])
        traces.append(_guide(name, ends, value[0] / ends, width=1, dash="dot"))
        traces.append(
            {
                "type": "scatter",
                "x": samples,
                "y": value,
                "name": TITLES[name],
                "mode": "markers",
                "legendgroup": name,
                "marker": {"color": COLORS[name], "symbol": MARKS[name], "size": 9},
                "error_y": _bars(value, low, high),
                "customdata": np.stack([low, high], axis=1),
                "hovertemplate": "S = %{x}: %{y:.3g} nats², 95 % interval %{customdata[0]:.3g} to %{customdata[1]:.3g}",
            }
        )
    if squared_length > 0:
        traces.append(
            {
                "type": "scatter",
                "x": [1, most],
                "y": [squared_length] * 2,
                "name": "squared length of the gradient",
                "mode": "lines",
                "line": {"color": GREY, "width": 2, "dash": "dash"},
                "hovertemplate": "squared length of the gradient: %{y:.3g} nats²",
            }
        )
    ticks = [int(samples) for samples in next(iter(curves.values()))[:, 0]]
    x = {"type": "log", "tickvals": ticks, "title": "samples S of z per image"}
    return figure(traces, x, {**POWERS, "title": "variance, nats²"})


def by_dimension_figure(
    measured: Mapping[str, NDArray[np.float64]], exact: Mapping[str, NDArray[np.float64]]
) -> Figure:
    """Variance of a single draw against the latent dimension, on log axes.

    `measured`: by estimator rows of dimension, value and, where they are known, low and high. `exact`: rows of
    dimension, value, drawn as a line; without it a line goes through the geometric means.
    """
    traces: list[Trace] = []
    dims: set[int] = set()
    for name, rows in measured.items():
        line = exact[name] if name in exact else _geometric_means(rows)
        dims |= {int(dim) for dim in rows[:, 0]}
        traces.append(_guide(name, *line[:, :2].T, width=1.5))
        traces.append(
            {
                "type": "scatter",
                "x": rows[:, 0],
                "y": rows[:, 1],
                "name": TITLES[name],
                "mode": "markers",
                "legendgroup": name,
                "marker": {"color": COLORS[name], "symbol": MARKS[name], "size": 8},
                "error_y": _bars(*rows[:, 1:].T) if rows.shape[1] > 2 else None,
                "hovertemplate": "D = %{x}: %{y:.3g} nats²",
            }
        )
    x = {"type": "log", "tickvals": sorted(dims), "title": "latent dimension D"}
    return figure(traces, x, {**POWERS, "title": "variance, nats²"})


def learning_figure(titles: Sequence[str], x: Sequence[NDArray[Any]], elbos: Sequence[Any], unit: str) -> Figure:
    """Validation ELBO of runs against epochs or seconds, named by `unit`."""
    traces: list[Trace] = []
    for title, position, elbo, name in zip(
        titles, x, elbos, ("reparameterization", "none", "mean", "expected"), strict=False
    ):
        traces.append(
            {
                "type": "scatter",
                "x": position,
                "y": elbo,
                "name": title,
                "mode": "lines",
                "line": {
                    "color": COLORS[name],
                    "width": 2.5,
                    "dash": "solid" if name == "reparameterization" else "dash",
                },
                "hovertemplate": f"%{{x:.3g}} {unit}: %{{y:.2f}} nats",
            }
        )
    across = {"title": f"{unit} of training", "rangemode": "tozero"}
    return figure(traces, across, {"title": "validation ELBO, nats per image"})


def strip(images: NDArray[np.float32], columns: int = 16, scale: int = 2) -> NDArray[np.uint8]:
    """Images (N, C, H, W) in [0, 1] in rows of `columns`, as one picture (height, width, 3), a pixel `scale` wide."""
    count, channels, height, width = images.shape
    across = min(columns, count)
    rows = -(-count // across)
    cells = np.zeros((rows * across, channels, height, width), dtype=np.uint8)
    cells[:count] = np.rint(images * 255)
    wall = cells.reshape(rows, across, channels, height, width).transpose(0, 3, 1, 4, 2)
    picture = wall.reshape(rows * height, across * width, channels)
    picture = picture if channels == 3 else picture[:, :, :1].repeat(3, axis=2)
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def png(picture: NDArray[np.uint8]) -> bytes:
    """A picture (height, width, 3) as a file."""
    from PIL import Image  # which the other figures do without

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png")
    return file.getvalue()


def _guide(name: str, x: NDArray[np.float64], y: NDArray[np.float64], **line: Any) -> Trace:
    """A line beside an estimator's marks, switched with them and silent by itself."""
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": TITLES[name],
        "mode": "lines",
        "line": {"color": COLORS[name], **line},
        "legendgroup": name,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _bars(value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> dict[str, Any]:
    return {"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low, "thickness": 1.5}


def _geometric_means(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    dims = np.unique(rows[:, 0])
    return np.array([[dim, np.exp(np.log(rows[rows[:, 0] == dim, 1]).mean())] for dim in dims])
