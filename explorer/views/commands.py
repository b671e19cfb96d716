"""Commands of the training module as lines to be copied into a shell: names and folders quoted as that needs."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a run lies, from this project's folder or whole, and the data set of its images as commands take it."""

    folder: str
    dataset: str


def evaluate(place: Place) -> str:
    """Computes a run's figures, those that take minutes too, and writes them."""
    return f"python -m training evaluate {shlex.quote(place.folder)} --save"


def classifier(place: Place) -> str:
    """Trains the classifier beside a run, on the run's data set."""
    folder = f"{place.folder.rpartition('/')[0]}/classifier"
    return f"python -m training classifier --dataset {shlex.quote(place.dataset)} --out {shlex.quote(folder)}"


def fit_prior(place: Place) -> str:
    """Fits priors to a run's codes."""
    return f"python -m training fit-prior {shlex.quote(place.folder)}"


def diagnose(place: Place) -> str:
    """Says why a run's samples are bad."""
    return f"python -m training diagnose {shlex.quote(place.folder)}"
