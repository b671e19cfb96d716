"""The true posterior of an image, for the Probability page to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Corner = tuple[float, float]
    Window = tuple[Corner, Corner, NDArray[np.float64]]

LOWEST = -60.0  # nats below the peak: nothing that is drawn lies lower


def held_out_metrics(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What metrics.json says of a run's posteriors over all held-out images; only what it has."""
    names = ("gap", "kl_per_dimension", "active_units", "collapsed")
    return {name: metrics[name] for name in names if metrics.get(name) is not None}


def posterior_arrays(
    log_evidence: tuple[float, float],
    log_normaliser: tuple[float, float],
    windows: Sequence[Window],
    levels: Sequence[float],
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays `window_0`, ... (rows, columns) float32: log p(x, z) less its peak, row 0 lowest; and facts as JSON.

    `log_evidence`, `log_normaliser`: log p(x) and its error, by quadrature and by importance sampling; `windows`:
    corners and log-joint of each; all in nats. Facts: `boxes` [[x low, y low, x high, y high], ...], `levels`
    less the peak, `log_evidence`, `error`, `log_normaliser`, `normaliser_error`.
    """
    peak = max(float(log_joint.max()) for _, _, log_joint in windows)
    arrays = {
        f"window_{i}": np.ascontiguousarray(np.maximum(log_joint - peak, LOWEST), dtype=np.float32)
        for i, (_, _, log_joint) in enumerate(windows)
    }
    facts = {
        "boxes": [[*low, *high] for low, high, _ in windows],
        "levels": [level - peak for level in levels],
        "log_evidence": log_evidence[0],
        "error": log_evidence[1],
        "log_normaliser": log_normaliser[0],
        "normaliser_error": log_normaliser[1],
    }
    return arrays, facts
