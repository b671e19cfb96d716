"""Runs whose beta was turned while they were trained, in words: their options alone do not say what was minimised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BETA_CHANGES = "beta_changes"  # of config.json's training: each with `epoch` and `beta`, the start first
MOST = 4  # told one by one


def beta_at_end(training: Mapping[str, Any]) -> float | str | None:
    """The last beta, a number or "inf" for the KL term alone; None for a run whose beta stayed."""
    changes = training.get(BETA_CHANGES)
    last: float | str | None = changes[-1]["beta"] if changes else None
    return last


def objective_of(beta: float | str) -> str:
    """What is minimised with this beta."""
    if beta == "inf":
        return "KL"
    return f"reconstruction + {float(beta):g} KL" if beta else "reconstruction"


def turns_in_words(training: Mapping[str, Any]) -> str:
    """Each beta and from where on it counted: "1, 4 from epoch 2.5, KL only from epoch 7"; "" where it stayed."""
    changes = training.get(BETA_CHANGES) or []
    words = [
        _beta(change["beta"]) + (f" from epoch {change['epoch']:.3g}" if place else "")
        for place, change in enumerate(changes)
    ]
    if len(words) > MOST:
        words = [*words[: MOST - 2], f"{len(words) - MOST + 1} more", words[-1]]
    return ", ".join(words)


def _beta(beta: float | str) -> str:
    return "KL only" if beta == "inf" else f"{float(beta):g}"
