"""The plots of the table's page: learning curves, gaps of held-out images, KL of each latent dimension."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from explorer.views.number_text import ZERO, terms_in_nats
from explorer.views.palette import RUN_COLORS, run_colors
from explorer.views.plot import Figure, Trace, figure

History = Sequence[Mapping[str, Any]]
Style = dict[str, str]
TERMS = {"elbo": "ELBO", "reconstruction": "Reconstruction", "kl": "KL", "loss": "Loss minimised"}
SPLITS = {"validation": "Validation images", "both": "Training and validation", "train": "Training images"}
DASHES = ("solid", "dash", "dot", "dashdot")
LABELLED = 16  # bars whose values still fit above them


def term_of(record: Mapping[str, Any], term: str, split: str) -> float | None:
    """A term of one epoch in nats per image, None where it is none; the loss is known of validation images only."""
    if term != "elbo":
        value = record.get(f"{split}_{term}")
        return None if value is None else _unrounded(float(value))
    parts = [record.get(f"{split}_{name}") for name in ("reconstruction", "kl")]
    return None if any(part is None for part in parts) else -sum(float(part) for part in parts if part is not None)


def _unrounded(value: float) -> float:
    """A collapsed run's KL is 0 but for rounding, which would read "-0.00"."""
    return value if abs(value) >= ZERO else 0.0


def styles(titles: Sequence[str]) -> dict[str, Style]:
    """A line style for each run, the same in every figure."""
    colors = run_colors(len(titles))
    return {
        title: {"color": colors[index], "dash": DASHES[index // len(RUN_COLORS) % len(DASHES)]}
        for index, title in enumerate(titles)
    }


def curves(histories: Mapping[str, History], style_of: Mapping[str, Style], term: str, split: str, log: bool) -> Figure:
    """A term against the epoch for runs by title; validation thick, training thin."""
    traces: list[Trace] = []
    splits = ("train", "validation") if split == "both" else (split,)
    for title, history in histories.items():
        drawn = False
        for part in splits:
            values = [term_of(record, term, part) for record in history]
            if all(value is None for value in values):
                continue
            thin = part == "train"
            traces.append(
                {
                    "type": "scatter",
                    "x": [record["epoch"] for record in history],
                    "y": values,
                    "name": title,
                    "mode": "lines",
                    "legendgroup": title,
                    "showlegend": not drawn,
                    "line": {**style_of[title], "width": 1.2 if thin else 2.5},
                    "hovertemplate": f"{'training' if thin else 'validation'}, epoch %{{x}}: %{{y:.2f}} nats",
                }
            )
            drawn = True
    x = {"title": "epochs", "type": "log" if log else "linear"}
    return figure(traces, x, {"title": f"{TERMS[term]}, nats per image"})


def gap_figure(gaps: Mapping[str, Mapping[str, Any]], style_of: Mapping[str, Style]) -> Figure:
    """How the gaps of held-out images are spread, for runs by title: share of images by bin of a log axis."""
    traces: list[Trace] = []
    for title, gap in gaps.items():
        edges, counts = gap["edges"], gap["counts"]
        bins = list(pairwise(edges))
        traces.append(
            {
                "type": "scatter",
                "x": [math.sqrt(low * high) for low, high in bins],
                "y": [100 * count / gap["images"] for count in counts],
                "customdata": [_bin_text(low, high, edges) for low, high in bins],
                "name": title,
                "mode": "lines",
                "line": {**style_of[title], "width": 2, "shape": "hvh"},
                "hovertemplate": "%{y:.1f} % %{customdata}",
            }
        )
    x = {"type": "log", "title": "gap log p(x) − ELBO, nats", "dtick": 1}
    return figure(traces, x, {"title": "held-out images, %", "rangemode": "tozero"})


def _bin_text(low: float, high: float, edges: Sequence[float]) -> str:
    """A bin in words: those at the ends hold all that lies beyond them, too."""
    if low == edges[0]:
        return f"below {high:.3g} nats"
    return f"of {low:.3g} nats or more" if high == edges[-1] else f"between {low:.3g} and {high:.3g} nats"


def kl_figure(kl: Mapping[str, Sequence[float]], style_of: Mapping[str, Style]) -> Figure:
    """KL of each latent dimension, for runs by title."""
    traces: list[Trace] = []
    bars = sum(len(values) for values in kl.values())
    for title, values in kl.items():
        texts = terms_in_nats(values)
        traces.append(
            {
                "type": "bar",
                "x": [f"z{_subscript(d + 1)}" for d in range(len(values))],
                "y": list(values),
                "name": title,
                "marker": {"color": style_of[title]["color"]},
                "text": texts if bars <= LABELLED else None,
                "customdata": texts,
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": "%{x}: %{customdata} nats",
            }
        )
    return figure(traces, {"title": "latent dimension"}, {"title": "KL, nats", "rangemode": "tozero"}, barmode="group")


def _subscript(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))
