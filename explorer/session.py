"""The one place that touches Streamlit's session state and query parameters, for the screens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from explorer.views.page_address import (
    Page,
    Runs,
    State,
    change_dataset,
    format_address,
    format_wish,
    parse_address,
    take_report,
    without_lost,
)
from explorer.views.pages import PAGES

# What goes along from page to page, where the next page has it.
SHARED = ("dataset", "run", "given", "z", "image", "set", "color_by")


def open_page(page: Page, runs: Runs) -> list[str]:
    """On entering a page, give its widgets the state of the address; returns notes on what made no sense there.

    Streamlit forgets the widgets and the address of a page that was left. Without an address, the page opens where it
    was left, with the data set, run and point that were last looked at anywhere.
    """
    if st.session_state.get("_page") == page.name and "dataset" in st.session_state:
        # A run that ended early has not laid out its last widgets: Streamlit has forgotten what these said.
        for name in page.widgets:
            st.session_state.setdefault(name, st.session_state["_state"][name])
        return _drop_lost(page, runs)
    params = {name: st.query_params[name] for name in st.query_params}
    st.session_state["_is_new"] = "_page" not in st.session_state
    known = {"dataset", *page.parameters}
    notes: list[str] = []
    if not known & set(params):
        params |= st.session_state.get("_left", {}).get(page.name, {})
        params |= {name: text for name, text in st.session_state.get("_shared", {}).items() if name in known}
        state, _ = parse_address(params, page, runs)
    else:
        state, notes = parse_address(params, page, runs)
    st.session_state["_page"] = page.name
    st.session_state["_initial"] = st.session_state["_state"] = state
    for name in ("dataset", *page.widgets):
        st.session_state[name] = state[name]
    return notes


def _drop_lost(page: Page, runs: Runs) -> list[str]:
    """Replace what is chosen and no longer there, which a widget could not stand on; returns notes on it."""
    chosen = {name: st.session_state[name] for name in ("dataset", *page.widgets)}
    state, note = without_lost({**st.session_state["_state"], **chosen}, page, runs)
    if not note:
        return []
    st.session_state["_initial"] = st.session_state["_state"] = state
    for name in chosen:
        st.session_state[name] = state[name]
    return [note]


def asked_dataset(page: Page) -> str:
    """The data set that a page is asked to show: by its switch, its address, or the page before it; "" by none."""
    if st.session_state.get("_page") == page.name and "dataset" in st.session_state:
        return str(st.session_state["dataset"])
    if {"dataset", *page.parameters} & set(st.query_params):
        return st.query_params.get("dataset", "")
    return str(st.session_state.get("_shared", {}).get("dataset", ""))


def shown(page: Page) -> State:
    """What the browser's part is to show: what the widgets say now, and for the rest where the page opened.

    The browser itself knows how it went on from there; its data must not change in answer to a drag.
    """
    return {**st.session_state["_initial"], **{name: st.session_state[name] for name in ("dataset", *page.widgets)}}


def drop_initial(name: str) -> None:
    """Forget a value of the address that cannot be shown."""
    for key in ("_initial", "_state"):
        st.session_state[key] = {**st.session_state[key], name: None}


def on_dataset(page: Page, runs: Runs) -> None:
    """Callback of the data-set switch."""
    changed = {**st.session_state["_state"], "dataset": st.session_state["dataset"]}
    st.session_state["_initial"] = st.session_state["_state"] = state = change_dataset(changed, page, runs)
    for name in page.widgets:
        st.session_state[name] = state[name]


def on_other_dataset(page: Page) -> None:
    """Callback of the data-set switch of a page that could not open: it opens with what is chosen."""
    st.session_state.setdefault("_left", {}).pop(page.name, None)
    st.query_params.from_dict({"dataset": st.session_state["dataset"]})


def on_runs(page: Page, runs: Runs) -> None:
    """Callback of the switch for several runs: a choice that the address could not hold is taken back."""
    parameter = page.parameters["runs"]
    try:
        parameter.parse(parameter.format(st.session_state["runs"]), runs[st.session_state["dataset"]])
    except ValueError:
        st.session_state["runs"] = st.session_state["_state"]["runs"]
        st.toast("This page needs that many runs: add another one before you take one away.", icon=":material/info:")


def chosen(name: str) -> str:
    """What a widget of names stands on."""
    return str(st.session_state[name])


def leave_unopened(dataset: str) -> None:
    """Let the data-set switch of a page that cannot open stand on what it was asked for; no page is open then."""
    st.session_state["_page"] = ""
    st.session_state["dataset"] = dataset


def keep_known(name: str, options: Sequence[str]) -> str:
    """Let a widget that stands on none of its options stand on the first; returns what it stood on, else ""."""
    asked = str(st.session_state[name])
    if asked in options:
        return ""
    st.session_state[name] = options[0]
    return asked


def widgets_of(page: Page) -> State:
    """The page's state with what its widgets say now."""
    widgets = {name: st.session_state[name] for name in ("dataset", *page.widgets)}
    return {**st.session_state["_state"], **widgets}


def keep_below(name: str, count: int) -> None:
    """Let a widget of numbers that stands on none below `count` stand on 0."""
    if st.session_state[name] not in range(count):
        st.session_state[name] = 0


def on_report(page: Page, runs: Runs) -> Callable[[], None]:
    """Callback for what the browser's part reports: its parameters as they stand after a drag, a switch, a key."""

    def take() -> None:
        report = st.session_state[page.name].get("report")
        st.session_state["_state"] = take_report(st.session_state["_state"], report, page, runs)

    return take


def take_early_report(page: Page, runs: Runs, report: object) -> None:
    """Take a report that came with a session's very first run, as it may after a restart of the server.

    The callback is not yet known then. What the browser reported of another data set, earlier, no address has any more.
    """
    is_new = st.session_state.pop("_is_new", False)
    if is_new and isinstance(report, Mapping) and report.get("dataset") == st.session_state["dataset"]:
        st.session_state["_state"] = take_report(st.session_state["_state"], report, page, runs)
        current(page, runs)


def on_goto(page: Page) -> Callable[[], None]:
    """Callback for the browser's wish to go to another page."""

    def take() -> None:
        st.session_state["_goto"] = st.session_state[page.name].get("goto")

    return take


def take_goto() -> tuple[str, dict[str, str]] | None:
    """The page to go to and its query parameters, once; None if the browser asked for none."""
    wish = st.session_state.pop("_goto", None)
    if not isinstance(wish, dict) or wish.get("page") not in PAGES or not isinstance(wish.get("state"), dict):
        return None
    return wish["page"], format_wish(wish["state"], PAGES[wish["page"]])


def current(page: Page, runs: Runs) -> State:
    """What the widgets and the browser's part say now; also written to the address."""
    st.session_state["_state"] = state = widgets_of(page)
    params = format_address(state, page, runs)
    st.session_state.setdefault("_left", {})[page.name] = params
    st.session_state["_shared"] = {
        **st.session_state.get("_shared", {}),
        **{name: params.get(name, "") for name in SHARED if name in page.parameters or name == "dataset"},
    }
    st.session_state["_shared"] = {name: text for name, text in st.session_state["_shared"].items() if text}
    if params != {name: st.query_params[name] for name in st.query_params}:
        st.query_params.from_dict(params)
    return state
