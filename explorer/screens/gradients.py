"""Gradients: two estimators of one gradient, and how much noise each has."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer import estimators, loader
from explorer.screens import plotly_page, run_picker, shell
from explorer.views import estimator_plots as figures
from explorer.views import estimators as words
from explorer.views.page_address import State
from explorer.views.pages import GRADIENTS
from training.checkpoint import CheckpointError

IMAGES = {"4": "4 images", "16": "16 images", "64": "64 images"}
DRAWS = {"1024": "1,024 draws", "2048": "2,048 draws", "8192": "8,192 draws"}
OF = {
    "scaled": "By one posterior mean μ, in units of σ",
    "mean": "By one posterior mean μ",
    "encoder": "By all encoder parameters",
}


def page() -> None:
    """Lay out the page."""
    state = shell.enter(GRADIENTS, _batch_switches)
    if state is None:
        return
    run = shell.runs_shown(state)[0]
    title = st.empty()
    if run.config.model.posterior == "deterministic":
        with title:
            plotly_page.heading("Gradient estimators", words.deterministic_sentence())
    else:
        with title:
            plotly_page.heading("Gradient estimators", "Drawing gradients of the ELBO by both estimators.")
        found = _variance(run, state)
        with title:
            plotly_page.heading("Gradient estimators", words.ratio_sentence(found.curves))
    _growth(state)
    _learning(state)
    plotly_page.ready("gradients")


def _batch_switches() -> None:
    with st.container(key="batch", horizontal=True, gap="small"):
        run_picker.select("Batch", IMAGES, "images", 128)
        run_picker.select("Draws of z", DRAWS, "draws", 144)
        st.number_input("Seed", 0, 9999, key="seed", width=128)


def _variance(run: loader.Run, state: State) -> estimators.Measured:
    batch, draws = estimators.batch(run, int(state["images"]), state["seed"]), int(state["draws"])
    place = st.empty()
    with place.container(height=470, border=False):
        bar = st.progress(0.0, text="Drawing z and its gradients …")
        for share in estimators.draw(batch, draws):
            bar.progress(share, text="Drawing z and its gradients …")
        found = estimators.measured(batch, draws)
    with place.container():
        left, right = st.columns([3, 2], gap="medium")
        with left:
            figure = figures.variance_figure(found.curves, found.squared_length)
            plotly_page.figure(figure, "variance", 420, words.variance_text(found.curves))
            st.caption(words.variance_caption(batch.count, draws))
        with right:
            plotly_page.heading("Same mean", words.MEAN_SENTENCE, level=2)
            st.markdown(words.agreement_table(found.agreement, draws))
            told = words.batch_caption(batch.count, batch.decoded)
            st.image(figures.strip(estimators.images(batch)), told, "stretch", alt=told)
    return found


def _growth(state: State) -> None:
    stored = None
    try:
        stored = estimators.growth(state["dataset"])
    except CheckpointError as error:
        st.warning(str(error), icon=":material/report:")
    by_dim = words.by_dimension(stored, state["of"]) if stored else {}
    told = words.growth_text(by_dim, state["dataset"])
    plotly_page.heading("Growth with the latent dimension", told, level=2)
    left, right = st.columns(2, gap="medium") if stored else (None, st.container())
    if left and stored:
        with left:
            run_picker.select("Variance of the gradient", OF, "of", 320)
            plotly_page.figure(figures.growth_figure(by_dim, {}), "by-dimension", 340, told)
            st.caption(words.growth_caption(stored, state["of"]))
    with right:
        known = estimators.quadratic()
        plotly_page.heading("Where the answer is known", words.QUADRATIC_SENTENCE, level=3)
        plotly_page.figure(
            figures.growth_figure(known.measured, known.exact), "quadratic", 340, words.quadratic_text(known.measured)
        )
        st.caption(words.QUADRATIC_CAPTION)


def _learning(state: State) -> None:
    runs = loader.catalog().datasets[state["dataset"]]
    names = words.same_but_gradient(state["run"], {name: run.config.training for name, run in runs.items()})
    titles = [runs[name].words.title for name in names]
    try:
        records = [loader.history(runs[name]) for name in names]
    except CheckpointError as error:
        st.warning(str(error), icon=":material/report:")
        return
    elbos = [-np.array([r["validation_reconstruction"] + r["validation_kl"] for r in rows]) for rows in records]
    told = words.learning_text(titles, elbos, state["dataset"])
    plotly_page.heading("Learning", told, level=2)
    if not names:
        return
    for column, field, unit in zip(
        st.columns(2, gap="medium"), ("epoch", "seconds"), ("epochs", "seconds"), strict=True
    ):
        with column:
            across = [np.array([record[field] for record in rows]) for rows in records]
            plotly_page.figure(figures.learning_figure(titles, across, elbos, unit), f"learning-{unit}", 340, told)
    st.caption(words.LEARNING_CAPTION)
