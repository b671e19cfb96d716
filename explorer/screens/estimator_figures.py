"""The figures of the Gradients page, made once for the same runs: any widget lays out the page anew."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from explorer import estimators, loader
from explorer.views import estimator_plots as plots
from explorer.views import estimators as words
from explorer.views.plot import Figure

UNITS = {"epochs": "epoch", "seconds": "seconds"}  # the curves' axes, and the fields of a run's history


@lru_cache(maxsize=32)
def variance(batch: estimators.Batch, draws: int) -> Figure:
    """The variance of the batch's gradients, which have been measured."""
    found = estimators.measured(batch, draws)
    return plots.variance_figure(found.curves, found.squared_length)


@lru_cache(maxsize=8)
def images(batch: estimators.Batch) -> bytes:
    """The batch's images as one PNG; raises CheckpointError."""
    return plots.png(plots.strip(estimators.images(batch)))


@lru_cache(maxsize=16)
def by_dimension(stored: estimators.Stored, of: str) -> Figure:
    """The measured variance against the latent dimension; `of`: one of its definitions."""
    return plots.by_dimension_figure(words.by_dimension(stored.content, of), {})


@lru_cache(maxsize=16)
def by_dimension_words(stored: estimators.Stored, of: str) -> tuple[str, str]:
    """The sentence on the measurement, and its caption."""
    sentence = words.by_dimension_text(words.by_dimension(stored.content, of), stored.file.parent.name)
    return sentence, words.by_dimension_caption(stored.content, of)


@lru_cache(maxsize=1)
def quadratic() -> Figure:
    """The same where the answer is known."""
    known = estimators.quadratic()
    return plots.by_dimension_figure(known.measured, known.exact)


@lru_cache(maxsize=16)
def learning(dataset: str, runs: tuple[loader.Run, ...]) -> tuple[str, dict[str, Figure]]:
    """The sentence on how runs learned, and their curves by unit; raises CheckpointError."""
    titles, records = [run.words.title for run in runs], [loader.history(run) for run in runs]
    terms = ("validation_reconstruction", "validation_kl")  # None where one was not finite
    elbos = [
        -np.array([[r[term] for term in terms] for r in rows], dtype=float).reshape(-1, 2).sum(axis=1)
        for rows in records
    ]
    across = {unit: [np.array([r[field] for r in rows]) for rows in records] for unit, field in UNITS.items()}
    figures = {unit: plots.learning_figure(titles, x, elbos, unit) for unit, x in across.items()} if runs else {}
    return words.learning_text(titles, elbos, dataset), figures
