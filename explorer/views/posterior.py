"""The true posterior of an image, and the bounds on its evidence, for the Probability page to draw."""

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
    log_evidence: float, error: float, log_normaliser: float, windows: Sequence[Window], levels: Sequence[float]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays `window_0`, ... (rows, columns) float32: log p(x, z) less its peak, row 0 lowest; and facts as JSON.

    `windows`: corners and log-joint of each; all in nats. Facts: `boxes` [[x low, y low, x high, y high], ...],
    `levels` less the peak, `log_evidence`, `error`, `log_normaliser`.
    """
    peak = max(float(log_joint.max()) for _, _, log_joint in windows)
    arrays = {
        f"window_{i}": np.ascontiguousarray(np.maximum(log_joint - peak, LOWEST), dtype=np.float32)
        for i, (_, _, log_joint) in enumerate(windows)
    }
    facts = {
        "boxes": [[*low, *high] for low, high, _ in windows],
        "levels": [level - peak for level in levels],
        "log_evidence": log_evidence,
        "error": error,
        "log_normaliser": log_normaliser,
    }
    return arrays, facts


def bound_arrays(
    counts: NDArray[np.integer[Any]], mean: NDArray[Any], low: NDArray[Any], high: NDArray[Any]
) -> dict[str, NDArray[Any]]:
    """`counts` (M,) int32, and `mean`, `low`, `high` (M,) float32 in nats."""
    arrays = {"mean": mean, "low": low, "high": high}
    return {
        "counts": np.ascontiguousarray(counts, dtype=np.int32),
        **{name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()},
    }
