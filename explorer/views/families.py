"""Families of runs for the beta dial: runs that differ by the weight of the KL term, and how each was trained."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from explorer.views.beta_changes import BETA_CHANGES

LEAST, MOST = 3, 24  # members
DIMENSIONS = 2
# What may differ between the members of a family; all else of a run is one for all of them.
_FREE = ("objective", "beta", "start_from", "epochs", "learning_rate", "schedule", "precision", "frames")
_USUAL = (None, "none", "standard")  # of options that runs of older versions do not name


@dataclass(frozen=True)
class About:
    """What a run's config.json says of it; `model` holds the fields of its ModelSpec."""

    training: Mapping[str, Any]
    model: Mapping[str, Any]
    dataset: Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """Runs by their beta, rising, "inf" for the KL term alone; `name` is its own among those of a data set.

    `warm`: each began with the weights of another one, so that a point of one means about the same in the next.
    `left_out`: members that are not shown because there are too many.
    """

    name: str
    runs: tuple[str, ...]
    betas: tuple[float | str, ...]
    warm: bool
    left_out: int = 0


def families(runs: Mapping[str, About]) -> list[Family]:
    """The families among the runs of a data set, by their names; the first is the one that is to be shown first."""
    groups: dict[str, dict[float, str]] = {}
    for name, about in runs.items():
        beta = _beta(about.training)
        if beta is not None and about.model["latent_dim"] == DIMENSIONS:
            groups.setdefault(_kind(about), {}).setdefault(beta, name)
    found: dict[str, Family] = {}
    for members in groups.values():
        swept = [name for name in members.values() if runs[name].training["objective"] == "elbo"]
        if len(members) >= LEAST and len(swept) >= 2:
            one = _family(members, runs, found)
            found[one.name] = one
    return sorted(found.values(), key=lambda family: (not family.warm, family.name))


def _family(members: Mapping[float, str], runs: Mapping[str, About], others: Mapping[str, Family]) -> Family:
    betas = sorted(members)
    count = min(len(betas), MOST)
    shown = [betas[round(i * (len(betas) - 1) / (count - 1))] for i in range(count)]
    names = [members[beta] for beta in shown]
    said = str(runs[names[0]].training.get("family") or "")
    shared = _beginning(names).rstrip("-._").removesuffix("-beta")
    name = next((name for name in (said, shared) if name and name not in others), names[0])
    cold = sum(not runs[one].training.get("start_from") for one in names)
    json_betas: list[float | str] = ["inf" if beta == float("inf") else beta for beta in shown]
    return Family(name, tuple(names), tuple(json_betas), cold <= 1, len(betas) - count)


def _beginning(names: Sequence[str]) -> str:
    """What all names begin with."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)


def _beta(training: Mapping[str, Any]) -> float | None:
    """The weight of the KL term by the reconstruction's; None where a run has none, or several."""
    if training.get(BETA_CHANGES):
        return None
    objective = training.get("objective")
    if objective == "elbo":
        return float(training.get("beta", 1))
    return {"reconstruction": 0.0, "kl": float("inf")}.get(str(objective))


def _kind(about: About) -> str:
    """The same text for runs that may be of one family."""
    trained = {name: value for name, value in about.training.items() if name not in _FREE and value not in _USUAL}
    data = {name: about.dataset.get(name) for name in ("name", "split", "classes", "gallery_sha256")}
    return json.dumps([trained, dict(about.model), data], sort_keys=True, default=str)
