"""What a finished run falls short in, a line each: for standard error, the model card and the explorer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from training.measure.definitions import COLLAPSED_KL
from training.objective import Objective

if TYPE_CHECKING:
    from training.options import FitOptions

HARDLY = 0.005  # share of the untrained model's loss by which a trained one must be lower


def shortcomings(
    options: FitOptions,
    loss: float,
    untrained: float,
    best_epoch: int,
    metrics: Mapping[str, Any],
    objective: Objective | None = None,
) -> list[str]:
    """Lines on a run whose best `loss` on validation images is no better than the `untrained` model's.

    Both in nats per image; `best_epoch` 0: none had a finite loss. With `metrics` also on a posterior that collapsed
    where it was not meant to, in a run that is better. `objective`: where beta was turned, the one at the end.
    """
    objective = objective or Objective.preset(options.objective, options.beta)
    rate = f"--learning-rate (now {options.learning_rate:g})"
    lines = []
    if not best_epoch:
        lines.append(f"no epoch has a finite loss: the weights are the untrained model's; lower {rate}")
    elif loss > untrained:
        before = "the run that it began with" if options.start_from else "untrained"
        lines.append(
            f"worse than {before}: after training the loss is {loss:,.2f} nats per validation image, "
            f"before it was {untrained:,.2f}; lower {rate}"
        )
    elif (
        not options.start_from
        and untrained - loss < HARDLY * abs(untrained)
        and (objective.w_rec or loss > COLLAPSED_KL)
    ):
        lines.append(
            f"hardly better than untrained: after training the loss is {loss:,.2f} nats per validation image, "
            f"before it was {untrained:,.2f}; raise --epochs (now {options.epochs}) or {rate}"
        )
    return lines or (collapse_of(metrics) if objective.w_rec else [])


def collapse_of(metrics: Mapping[str, Any]) -> list[str]:
    """The line on a posterior that collapsed; none for one that did not."""
    if not metrics.get("collapsed"):
        return []
    kl = metrics.get("kl")
    nats = f", {kl:.4f} nats" if isinstance(kl, float) and math.isfinite(kl) else ""
    return [f"posterior collapse: q(z|x) ignores the image (no KL to speak of{nats}, or no active dimension)"]


def stored_shortcomings(metrics: Mapping[str, Any]) -> list[str]:
    """The lines that metrics.json holds."""
    found = metrics.get("shortcomings")
    return [line for line in found if isinstance(line, str) and line] if isinstance(found, list) else []
