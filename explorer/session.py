"""The one place that touches Streamlit's session state and query parameters, for the screens.

The browser writes the address (explorer/web/hosts/address_bar.js); here it is only read, and only when a page is opened
or Back and Forward lead to it. Between that the widgets count: the query that comes along may be an old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.views.page_address import (
    Page,
    Runs,
    State,
    change_dataset,
    parameters_in_browser,
    parse_address,
    without_lost,
)
from explorer.views.parameters import written


def open_page(page: Page, runs: Runs) -> list[str]:
    """On entering a page, give its widgets the state of the address; returns notes on what made no sense there.

    Streamlit forgets the widgets of a page that was left.
    """
    if _goes_on(page):
        # A run that ended early has not laid out its last widgets: Streamlit has forgotten what these said.
        for name in page.widgets:
            st.session_state.setdefault(name, st.session_state["_state"][name])
        return _drop_lost(page, runs)
    state, notes = parse_address(_asked(page), page, runs)
    asked = {name: st.query_params[name] for name in st.query_params}
    st.session_state["_page"] = page.name
    st.session_state["_new"] = True
    st.session_state["_opening"] = {"opening": uuid4().hex, "asked": asked}
    st.session_state.pop("_wish", None)
    _show(state, page)
    return notes


def just_opened() -> bool:
    """Whether a page has been opened since this was last asked."""
    return bool(st.session_state.pop("_new", False))


def _goes_on(page: Page) -> bool:
    """Whether the page is open, and this is no step through the browser's history."""
    return st.session_state.get("_page") == page.name and "dataset" in st.session_state and not _is_step()


def _is_step() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _asked(page: Page) -> Mapping[str, str]:
    """The parameters to open a page with: the address's, or what was chosen since on a page that could not open."""
    wish: tuple[str, dict[str, str]] = st.session_state.get("_wish", ("", {}))
    return wish[1] if wish[0] == page.name and not _is_step() else st.query_params


def _show(state: State, page: Page) -> None:
    st.session_state["_state"] = state
    for name in ("dataset", *page.widgets):
        st.session_state[name] = state[name]


def _drop_lost(page: Page, runs: Runs) -> list[str]:
    """Replace what is chosen and no longer there, which a widget could not stand on; returns notes on it."""
    state, note = without_lost(widgets_of(page), page, runs)
    if not note:
        return []
    _show(state, page)
    return [note]


def asked_dataset(page: Page) -> str:
    """The data set that a page is asked to show, by its switch or its address; "" by none."""
    return str(st.session_state["dataset"]) if _goes_on(page) else _asked(page).get("dataset", "")


def drop(name: str) -> None:
    """Forget a value of the address that cannot be shown."""
    st.session_state["_state"] = {**st.session_state["_state"], name: None}


def on_dataset(page: Page, runs: Runs) -> None:
    """Callback of the data-set switch."""
    changed = {**st.session_state["_state"], "dataset": st.session_state["dataset"]}
    _show(change_dataset(changed, page, runs), page)


def on_other_dataset(page: Page) -> None:
    """Callback of the data-set switch of a page that could not open: it opens with what is chosen."""
    st.session_state["_wish"] = page.name, {"dataset": st.session_state["dataset"]}


def on_runs(page: Page, runs: Runs) -> None:
    """Callback of the switch for several runs: a choice that the address could not hold is taken back."""
    try:
        page.parameters["runs"].parse(written("texts", st.session_state["runs"]), runs[st.session_state["dataset"]])
    except ValueError:
        st.session_state["runs"] = st.session_state["_state"]["runs"]
        st.toast("This page needs that many runs: add another one before you take one away.", icon=":material/info:")


def on_order(page: Page) -> None:
    """Callback of the buttons in a table's head; what is no order is not taken."""
    asked = st.session_state[page.name].order
    with suppress(KeyError, ValueError, AttributeError):
        st.session_state["sort"] = page.parameters["sort"].parse(asked, ())


def on_leave(page: Page) -> None:
    """Callback of a page that is to be left as soon as the browser knows all that was chosen on it before."""
    st.session_state["_opening"] = {**st.session_state["_opening"], "heard": st.session_state[page.name].leave}


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


def put(values: Mapping[str, str]) -> None:
    """Let widgets of no page's state, which are still to be laid out, stand on these values."""
    for name, value in values.items():
        st.session_state[name] = value


def within(name: str, options: Sequence[str]) -> str:
    """Let a widget of no page's state stand on one of its options, the first to begin with; returns its name."""
    if st.session_state.get(name) not in options:
        st.session_state[name] = options[0]
    return name


def keep_some(name: str, options: Sequence[str]) -> list[str]:
    """Let a widget of several stand on none but its options; returns those that it stood on and that are not there."""
    asked = list(st.session_state[name])
    st.session_state[name] = [value for value in asked if value in options]
    return [value for value in asked if value not in options]


def keep_below(name: str, count: int) -> None:
    """Let a widget of numbers that stands on none below `count` stand on 0."""
    if st.session_state[name] not in range(count):
        st.session_state[name] = 0


def widgets_of(page: Page) -> State:
    """The page's state with what its widgets say now; for the rest where the page was opened.

    The browser itself knows how it went on from there; its data must not change in answer to a drag.
    """
    return {**st.session_state["_state"], **{name: st.session_state[name] for name in ("dataset", *page.widgets)}}


def current(page: Page) -> State:
    """The same, to go on from when a widget is taken back or a data set is changed."""
    st.session_state["_state"] = state = widgets_of(page)
    return state


def address(page: Page, runs: Runs) -> dict[str, Any]:
    """What the browser needs to keep the address; see `Address` in explorer/web/hosts/address_bar.js."""
    there = runs[st.session_state["dataset"]]
    return {**st.session_state["_opening"], "parameters": parameters_in_browser(page, there)}
