"""Changes of beta while a run is made: where each stands, and how files have it. No torch.

Beta is one number for both weights of the loss: 0 is the reconstruction term alone, 1 the ELBO, infinity the KL alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.fields import Kind, list_of, number, record

CHANGES = "beta_changes"  # of config.json: every mark, the start first; absent where beta stayed
MOST_MARKS = 10_000  # in one run: config.json holds them all


def beta_json(beta: float) -> float | str:
    """Beta as files have it: a number from 0, or "inf"."""
    return "inf" if math.isinf(beta) else float(beta)


def beta_of(value: float | str) -> float:
    """The same read back."""
    return math.inf if value == "inf" else float(value)


BETA = Kind('a number from 0 up, or "inf"', lambda value: value == "inf" or number(0).fits(value))
MARKS = list_of(record({"epoch": number(0), "beta": BETA}))


@dataclass(frozen=True)
class Mark:
    """From `epoch` on, so many passes over the training images and a fraction, the loss has this `beta`."""

    epoch: float
    beta: float

    def as_json(self) -> dict[str, Any]:
        """As files have it."""
        return {"epoch": self.epoch, "beta": beta_json(self.beta)}

    @staticmethod
    def of_json(value: dict[str, Any]) -> Mark:
        """The same read back."""
        return Mark(value["epoch"], beta_of(value["beta"]))


def with_mark(marks: Sequence[Mark], mark: Mark) -> list[Mark]:
    """The marks and a new one, which takes the place of a change that no step has followed."""
    start, *changes = marks
    kept = [start, *(change for change in changes if change.epoch < mark.epoch)]
    return kept if kept[-1].beta == mark.beta else [*kept, mark]


def marks_of_epoch(marks: Sequence[Mark], epoch: int) -> dict[str, Any]:
    """What the record of an epoch, from 1, says of changes within it: they, and the beta at its end. None: nothing."""
    within = [mark for mark in marks[1:] if epoch - 1 <= mark.epoch < epoch]
    if not within:
        return {}
    return {"beta": beta_json(within[-1].beta), "marks": [mark.as_json() for mark in within]}


def changes_of(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """`beta_changes` of a run: all of its marks if there was a change, else none."""
    return [mark.as_json() for mark in marks] if len(marks) > 1 else []


def in_words(changes: Sequence[dict[str, Any]], most: int = 12) -> str:
    """Changes as a sentence's middle: "1 to epoch 2.5, then 4 to epoch 7, then the KL term alone"."""
    betas = ["the KL term alone" if change["beta"] == "inf" else f"{change['beta']:g}" for change in changes]
    parts = [f"{beta} to epoch {after['epoch']:.3g}" for beta, after in zip(betas[:-1], changes[1:], strict=True)]
    shown = [*parts[: most - 2], f"{len(parts) - most + 1} more", *parts[-1:]] if len(parts) > most else parts
    return ", then ".join([*shown, betas[-1]])
