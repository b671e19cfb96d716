"""The plots of the Metrics page: learning curves, gaps of held-out images, KL of each latent dimension."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from explorer.views.palette import class_colors
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
        return None if value is None else float(value)
    parts = [record.get(f"{split}_{name}") for name in ("reconstruction", "kl")]
    return None if any(part is None for part in parts) else -sum(float(part) for part in parts if part is not None)


def styles(titles: Sequence[str]) -> dict[str, Style]:
    """A line style for each run, the same in every figure."""
    colors = class_colors(len(titles))
    return {
        title: {"color": colors[index], "dash": DASHES[index // 10 % len(DASHES)]} for index, title in enumerate(titles)
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


def curves_text(histories: Mapping[str, History], term: str, split: str) -> str:
    """What the curves show: who ends best, and who has none."""
    part = "train" if split == "train" else "validation"
    found = {title: [term_of(record, term, part) for record in history] for title, history in histories.items()}
    ends = {title: [value for value in values if value is not None] for title, values in found.items()}
    none = [title for title, values in ends.items() if not values]
    drawn = {title: values for title, values in ends.items() if values}
    if not drawn:
        if term == "loss" and part == "train":
            return "The loss is recorded on validation images only."
        return f"None of these runs has a {TERMS[term]} to draw: {_why_none(list(histories.values()))}."
    sign = -1 if term == "elbo" else 1
    title = min(drawn, key=lambda name: min(sign * value for value in drawn[name]))
    value = sign * min(sign * value for value in drawn[title])
    epoch = found[title].index(value)
    images = "training" if part == "train" else "validation"
    where = histories[title][epoch]["epoch"]
    nats = f"{value:.1f}".replace("-", "\N{MINUS SIGN}")
    text = f"Best on {images} images: {title}, {nats} nats at epoch {where}."
    if none:
        named = ", ".join(none) if len(none) < 4 else f"{len(none)} runs"
        text += f" Not drawn: {named}, {_why_none([histories[title] for title in none])}."
    return text


def _why_none(histories: Sequence[History]) -> str:
    """Why runs have no curve."""
    imported = sum(not history for history in histories)
    if imported == len(histories):
        return "trained elsewhere and imported"
    return "a code without noise has no KL" + (", an imported run no epochs" if imported else "")


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
                "customdata": bins,
                "name": title,
                "mode": "lines",
                "line": {**style_of[title], "width": 2, "shape": "hvh"},
                "hovertemplate": "%{y:.1f} % between %{customdata[0]:.3g} and %{customdata[1]:.3g} nats",
            }
        )
    x = {"type": "log", "title": "gap log p(x) − ELBO, nats", "dtick": 1}
    return figure(traces, x, {"title": "held-out images, %", "rangemode": "tozero"})


def gap_text(gaps: Mapping[str, Mapping[str, Any]]) -> str:
    """What the gaps show."""
    if not gaps:
        return "No run shown has gaps: they need two latent dimensions and a posterior with noise."
    medians = {title: gap["quantiles"]["0.5"] for title, gap in gaps.items()}
    title = min(medians, key=lambda name: medians[name])
    least = f", the least of {len(gaps)} runs" if len(gaps) > 1 else ""
    return f"Half of the images of {title} lie within {medians[title]:.3g} nats of log p(x){least} (Eq. 10)."


def kl_figure(kl: Mapping[str, Sequence[float]], style_of: Mapping[str, Style]) -> Figure:
    """KL of each latent dimension, for runs by title."""
    traces: list[Trace] = []
    bars = sum(len(values) for values in kl.values())
    for title, values in kl.items():
        traces.append(
            {
                "type": "bar",
                "x": [f"z{_subscript(d + 1)}" for d in range(len(values))],
                "y": list(values),
                "name": title,
                "marker": {"color": style_of[title]["color"]},
                "text": [f"{value:.3g}" for value in values] if bars <= LABELLED else None,
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": "%{x}: %{y:.3g} nats",
            }
        )
    return figure(traces, {"title": "latent dimension"}, {"title": "KL, nats", "rangemode": "tozero"}, barmode="group")


def kl_text(kl: Mapping[str, Sequence[float]], active: Mapping[str, int | None]) -> str:
    """What the dimensions show."""
    if not kl:
        return "No run shown has a KL: a deterministic code has none."
    inactive = [
        title for title, values in kl.items() if (count := active.get(title)) is not None and count < len(values)
    ]
    if not inactive:
        return "Every latent dimension of every run is active: its posterior means vary by more than 0.01."
    named = ", ".join(f"{title} ({active[title]} of {len(kl[title])} active)" for title in inactive[:3])
    more = f" and {len(inactive) - 3} more" if len(inactive) > 3 else ""
    return f"A dimension that costs no KL carries nothing of the image: {named}{more}."


def _subscript(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))
