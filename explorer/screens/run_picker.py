"""The switches above a page: data set, runs, and drop-downs for its other parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer import loader, session
from explorer.views.page_address import Page
from explorer.views.plain_text import as_text

FEW = 4  # runs whose names a picker shows at once
SEGMENTS = 10  # more runs than this do not fit rows of buttons


def select(label: str, titles: dict[str, str], key: str, width: int) -> None:
    """A drop-down for one of the page's parameters."""
    st.selectbox(label, list(titles), key=key, format_func=titles.__getitem__, width=width)


def choose_runs(page: Page, names: dict[str, list[str]]) -> None:
    """The switches for data set and run or runs, as far as the page has them."""
    with st.container(key="controls", horizontal=True, gap="small"):
        _dataset(list(names), session.on_dataset, page, names)
        dataset = st.session_state["dataset"]
        titles = {name: loader.catalog().datasets[dataset][name].words.title for name in names[dataset]}
        if "run" in page.widgets and len(titles) <= SEGMENTS:
            labels = {name: as_text(title) for name, title in titles.items()}  # these it reads as Markdown
            st.segmented_control("Run", list(titles), key="run", format_func=labels.__getitem__, required=True)
        elif "run" in page.widgets:
            select("Run", titles, "run", 280)
        elif "runs" in page.widgets:
            _several(page, names, titles)


def choose_other_dataset(page: Page, asked: str) -> None:
    """The switch for the data set alone, where the page can show no run of the one that it is `asked` for."""
    there = list(loader.catalog().datasets)
    session.leave_unopened(asked or there[0])
    with st.container(key="controls", horizontal=True, gap="small"):
        _dataset(there, session.on_other_dataset, page)


def _dataset(there: list[str], on_change: Callable[..., None], *args: object) -> None:
    st.selectbox("Data set", there, key="dataset", on_change=on_change, args=args, width=152)


def _several(page: Page, names: dict[str, list[str]], titles: dict[str, str]) -> None:
    """Switches for several runs; too few are not taken."""
    most = page.parameters["runs"].most
    more: dict[str, Any] = {"on_change": session.on_runs, "args": (page, names), "format_func": titles.__getitem__}
    if most <= FEW:
        st.multiselect("Runs", list(titles), key="runs", max_selections=most, width=560, **more)
        return
    with st.container(key="many-runs", horizontal=True):
        st.multiselect("Runs", list(titles), key="runs", max_selections=most, **more)
