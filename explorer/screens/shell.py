"""What every page has around its browser part: switches for data set and runs, and words for what is broken."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, get_args

import streamlit as st

from explorer import addresses, component, gc_freeze, loader, session
from explorer.nearby_runs import level_off, what_is_wrong
from explorer.screens import class_picker, decoding, notice, plotly_page, run_picker
from explorer.views.out_of_range import out_of_range
from explorer.views.page_address import Page, State
from explorer.views.payload import RunView, column_view, page_payload
from explorer.views.run_options import is_trained
from training.checkpoint import CheckpointError
from training.measure.definitions import DEFINITIONS, DEFINITIONS_OF_CONTEXT

Widgets = Callable[[], None]


def show(page: Page, payload: Callable[[State], dict[str, Any]]) -> None:
    """Lay out a page: its switches, then its browser part with the payload of its state."""
    state = enter(page)
    if state is None:
        return
    component.show(page, payload(state), session.address(page, decoding.names_of(page)))
    gc_freeze.settle_once(page.name)


def run_names() -> dict[str, list[str]] | None:
    """Names of all runs by data set, or None when there is none; what cannot be opened is said."""
    catalog = loader.catalog()
    if catalog.datasets or not level_off(catalog.root):  # what lies there is else no broken run, but none at all
        for broken in catalog.problems:
            notice.warning(broken)
    if not catalog.datasets:
        plotly_page.nothing_to_show(what_is_wrong(catalog.root, loader.SHIPPED))
        return None
    return catalog.names


def enter(page: Page, widgets: Widgets = lambda: None, arrays: bool = True) -> State | None:
    """Lay out a page's switches; returns its state, or None when there is nothing to show, which is then said.

    `arrays` off: the page needs no weights and latents of its runs.
    """
    if run_names() is None:
        return None
    names = decoding.names_of(page)
    if why := decoding.why_none(session.asked_dataset(page), names):
        run_picker.choose_other_dataset(page, session.asked_dataset(page))
        notice.info(why)
        return None
    for note in session.open_page(page, names):
        notice.toast(note)
    run_picker.choose_runs(page, names)
    place = None if page.in_browser else component.place_of(page)
    widgets()
    if "given" in page.widgets:
        class_picker.choose_class(page, runs_shown(session.widgets_of(page)))
    state = session.current(page)
    if place:
        component.keep_address(page, state, session.address(page, names), place)
    if words := decoding.left_out(state["dataset"], names):
        notice.caption(words)
    if not arrays:
        return state
    shown = runs_shown(state)
    try:
        for run in shown:
            loader.check(run)
        count = min(loader.image_count(run) for run in shown)
    except CheckpointError:
        st.rerun()  # with a line in the run's place, and another run
    if why := decoding.why_too_many(page, shown):
        notice.info(why)
        if page.in_browser:
            component.keep_address(page, state, session.address(page, names))
        return None
    dims = [run.config.model.latent_dim for run in shown]
    for name, note in out_of_range(state, page, dims, count, len(shown[0].config.dataset["classes"])):
        notice.toast(note)
        session.drop(name)
        state = session.current(page)
    if problem := decoding.why_no_pictures(shown):
        notice.caption(problem)
    return state


def runs_shown(state: State) -> list[loader.Run]:
    """The runs that a state names; Train's names none."""
    names = state["runs"] if "runs" in state else [state["run"]] if "run" in state else []
    return [loader.catalog().datasets[state["dataset"]][name] for name in names]


def payload(page: Page, state: State) -> dict[str, Any]:
    """What every page's browser part needs: the data set's runs, words, colours and addresses."""
    shown = runs_shown(state)
    runs = loader.catalog().datasets[state["dataset"]]
    classifier = loader.classifier_record(state["dataset"])
    if classifier and classifier["image_shape"] != list(shown[0].config.model.image_shape):
        classifier = None  # of other images
    return page_payload(
        page.name,
        state,
        {name: view_of(run) for name, run in runs.items() if run in shown or decoding.can_show(page, run)},
        shown[0].config.dataset["classes"],
        addresses.gallery_url(shown[0]),
        addresses.shared_url(state["dataset"], "classifier", classifier["sha256"]) if classifier else None,
        addresses.assets(),
        DEFINITIONS,
    )


@lru_cache(maxsize=256)
def view_of(run: loader.Run) -> RunView:
    """A run as the browser knows it."""
    text = run.words
    metrics = {name: run.metrics.get(name) for name in (*DEFINITIONS, *DEFINITIONS_OF_CONTEXT)}
    decoder, encoder, latents, trajectory = (addresses.part_url(run, part) for part in get_args(loader.Part))
    columns = [column_view(name, categories) for name, categories in run.config.columns.items()]
    column, kl = addresses.column_url(run), run.metrics.get("kl_per_dimension")
    epochs = trajectory if is_trained(run.config.training) and not run.config.training.get("family") else None
    return RunView(text.title, text.sentence, decoder, encoder, latents, epochs, metrics, columns, column, kl)
