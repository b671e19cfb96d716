"""Gradients: two estimators of one gradient, and how much noise each has."""

from __future__ import annotations

import streamlit as st

from explorer import estimators, loader
from explorer.screens import estimator_figures, iwae_signal, notice, plotly_page, run_picker, shell
from explorer.views import estimators as words
from explorer.views.metric_sentences import GREY_PIXELS
from explorer.views.page_address import State
from explorer.views.pages import GRADIENTS
from explorer.views.plain_text import as_text
from training.checkpoint import CheckpointError
from training.errors import UserError

IMAGES = {"4": "4 images", "16": "16 images", "64": "64 images"}
DRAWS = {"1024": "1,024 draws", "2048": "2,048 draws", "8192": "8,192 draws"}
OF = {
    "scaled": "By one posterior mean μ, in units of σ",
    "mean": "By one posterior mean μ",
    "encoder": "By all encoder parameters",
}
TITLE = "Measured on this run"
DRAWING = "Drawing z and its gradients …"


def page() -> None:
    """Lay out the page."""
    state = shell.enter(GRADIENTS, _batch_switches)
    if state is None:
        return
    st.html(plotly_page.STYLE)
    plotly_page.figures_follow()
    run = shell.runs_shown(state)[0]
    if run.config.model.posterior == "deterministic":
        plotly_page.heading(TITLE, words.deterministic_sentence(), level=2)
    elif run.config.model.condition:
        plotly_page.heading(TITLE, words.conditional_sentence(), level=2)
    elif run.config.model.prior != "standard":
        plotly_page.heading(TITLE, words.learned_prior_sentence(), level=2)
    else:
        try:
            _variance(run, state)
            iwae_signal.lay_out(run, state["seed"])
        except UserError as error:
            notice.warning(str(error))
    _by_dimension(state)
    _learning(state)
    plotly_page.ready(GRADIENTS.name)


def _batch_switches() -> None:
    with st.container(key="batch", horizontal=True, gap="small"):
        run_picker.select("Batch", IMAGES, "images", 128)
        run_picker.select("Draws of z", DRAWS, "draws", 144)
        st.number_input("Seed", 0, 9999, key="seed", width=128)


def _variance(run: loader.Run, state: State) -> None:
    batch, draws = estimators.batch(run, int(state["images"]), state["seed"]), int(state["draws"])
    title, place = st.empty(), st.empty()
    bar = None
    for share in estimators.draw(batch, draws):
        if bar is None:
            with title:
                plotly_page.heading(TITLE, "Drawing gradients of the ELBO by both estimators.", level=2)
            with place.container(height=470, border=False):
                bar = st.progress(0.0, text=DRAWING)
        bar.progress(share, text=DRAWING)
    found = estimators.measured(batch, draws)
    with title:
        plotly_page.heading(TITLE, words.ratio_sentence(found.curves), level=2)
    with place.container():
        left, right = st.columns([3, 2], gap="medium")
        with left:
            plotly_page.figure(estimator_figures.variance(batch, draws), "variance", words.variance_text(found.curves))
            notice.caption(words.variance_caption(batch.count, draws, found.clamped))
        with right:
            plotly_page.heading("Same mean", words.MEAN_SENTENCE, level=3)
            st.markdown(words.agreement_table(found.agreement, draws))
            caption = words.batch_caption(batch.count, batch.decoded)
            st.image(estimator_figures.images(batch), as_text(caption), "stretch", alt=caption)


def _by_dimension(state: State) -> None:
    stored = None
    try:
        stored = estimators.stored(state["dataset"])
    except CheckpointError as error:
        notice.warning(str(error))
    sentence = (
        estimator_figures.by_dimension_words(stored, state["of"])[0]
        if stored
        else words.by_dimension_text({}, state["dataset"])
    )
    plotly_page.heading("Growth with the latent dimension", sentence, level=2)
    left, right = st.columns(2, gap="medium") if stored else (None, st.container())
    if left and stored:
        with left:
            run_picker.select("Variance of the gradient", OF, "of", 320)
            plotly_page.figure(estimator_figures.by_dimension(stored, state["of"]), "by-dimension", sentence)
            notice.caption(estimator_figures.by_dimension_words(stored, state["of"])[1])
    with right:
        plotly_page.heading("Where the answer is known", words.QUADRATIC_SENTENCE, level=3)
        text = words.quadratic_text(estimators.quadratic().measured)
        plotly_page.figure(estimator_figures.quadratic(), "quadratic", text)
        notice.caption(words.QUADRATIC_CAPTION)


def _learning(state: State) -> None:
    runs = loader.catalog().datasets[state["dataset"]]
    names = words.same_but_gradient(state["run"], {name: run.config.training for name, run in runs.items()})
    try:
        sentence, figures = estimator_figures.learning(state["dataset"], tuple(runs[name] for name in names))
    except CheckpointError as error:
        notice.warning(str(error))
        return
    plotly_page.heading("Learning", sentence, level=2)
    if not names:
        return
    for column, unit in zip(st.columns(2, gap="medium"), estimator_figures.UNITS, strict=True):
        with column:
            plotly_page.figure(figures[unit], f"learning-{unit}", sentence)
    grey = any(loader.is_cross_entropy(runs[name]) for name in names)
    notice.caption(f"{words.LEARNING_CAPTION} {GREY_PIXELS}" if grey else words.LEARNING_CAPTION)
