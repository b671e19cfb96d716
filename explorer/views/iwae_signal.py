"""The signal-to-noise ratio of the importance-weighted bound's gradient against K: its sentence and its figure."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.views.number_text import significant as number
from explorer.views.plot import Figure, Trace, figure

TITLE = "Tighter bounds, and what they cost"
OPENING = (
    "With K draws the importance-weighted bound is tighter. Rainforth et al. (2018): for large K its gradient by the "
    "decoder gains in signal to noise as √K, and that by the encoder loses as 1/√K."
)
CAPTION = (
    "Length of the gradient's mean over the root of its total variance, of one estimate from K draws by "
    "reparameterization; {estimates} estimates for {images} held-out images. Encoder: by its outputs for each image. "
    "Decoder: by a bias of each pixel. Dotted: slopes of 1/2 and −1/2, from K = 1."
)
LEVEL = 0.05  # relative change that counts as none
STYLES = {"decoder": {"color": "#1b8f9b"}, "encoder": {"color": "#d9602a"}}


@dataclass(frozen=True)
class Ratios:
    """At each K the ratio by the encoder and by the decoder, and their slopes on log axes; None for none."""

    counts: tuple[int, ...]
    encoder: tuple[float, ...]
    decoder: tuple[float, ...]
    slopes: tuple[float | None, float | None]


def sentence(found: Ratios) -> str:
    """What was measured, end to end."""
    encoder, decoder = (
        f"{name} {_way(values)} from {number(values[0])} to {number(values[-1])}{_slope(slope)}"
        for name, values, slope in zip(
            ("by the encoder it", "by the decoder the signal-to-noise ratio of the gradient"),
            (found.encoder, found.decoder),
            found.slopes,
            strict=True,
        )
    )
    falls = _way(found.encoder) == "falls"
    end = (
        "a step of this encoder is noisier for its length, though the bound is tighter"
        if falls
        else f"up to K = {found.counts[-1]} the encoder's is not below where it began"
    )
    return f"From K = {found.counts[0]} to {found.counts[-1]} {decoder}, {encoder}: {end}."


def _way(values: tuple[float, ...]) -> str:
    first, last = values[0], values[-1]
    if abs(last - first) <= LEVEL * first:
        return "hardly changes"
    return "rises" if last > first else "falls"


def _slope(slope: float | None) -> str:
    return "" if slope is None else f" (slope {slope:+.2f})".replace("-", "\u2212")


def ratio_figure(found: Ratios) -> Figure:
    """Both ratios against K on log axes, with the slopes that theory gives for large K."""
    traces: list[Trace] = []
    for name, values, power in (("decoder", found.decoder, 0.5), ("encoder", found.encoder, -0.5)):
        traces.append(
            {
                "type": "scatter",
                "x": found.counts,
                "y": values,
                "name": f"by the {name}",
                "mode": "lines+markers",
                "line": {**STYLES[name], "width": 2.5},
                "hovertemplate": "K = %{x}: %{y:.3g}",
            }
        )
        traces.append(
            {
                "type": "scatter",
                "x": found.counts,
                "y": [values[0] * (count / found.counts[0]) ** power for count in found.counts],
                "mode": "lines",
                "line": {**STYLES[name], "width": 1.5, "dash": "dot"},
                "showlegend": False,
                "hoverinfo": "skip",
            }
        )
    x = {"type": "log", "tickvals": list(found.counts), "title": "draws K of the bound"}
    return figure(traces, x, {"type": "log", "title": "signal-to-noise ratio"})
