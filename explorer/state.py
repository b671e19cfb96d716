"""The one place that touches Streamlit's session state and query parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from explorer.views.link import Link, default_run, format_link, parse_link, parse_point

COMPONENT = "explore"


def open_page(runs: Mapping[str, Sequence[str]]) -> list[str]:
    """On entering the page, give its widgets the state of the address; returns notes on what made no sense there.

    Streamlit forgets widgets of a page that was left, and its address: then the last state is taken up again.
    """
    if "dataset" in st.session_state:
        return []
    params = {name: st.query_params[name] for name in st.query_params}
    left: Link | None = st.session_state.get("_link")
    link, notes = parse_link(params if params or left is None else format_link(left), runs)
    st.session_state["_initial"] = st.session_state["_link"] = link
    for name in ("dataset", "run", "color_by", "background"):
        st.session_state[name] = getattr(link, name)
    return notes


def initial() -> Link:
    """Where the page opened."""
    link: Link = st.session_state["_initial"]
    return link


def drop_initial_image() -> None:
    """Forget the selected image of the address: the run has no such image."""
    for key in ("_initial", "_link"):
        st.session_state[key] = replace(st.session_state[key], image=None)


def choose_dataset(runs: Mapping[str, Sequence[str]]) -> None:
    """Callback of the data-set switch: keep the run's name if the new data set has it."""
    names = runs[st.session_state["dataset"]]
    if st.session_state.get("run") not in names:
        st.session_state["run"] = default_run(names)
    st.session_state["_link"] = replace(st.session_state["_link"], z=None, image=None)


def take_point() -> None:
    """Callback of the plane: the handle was let go."""
    z, image = parse_point(st.session_state[COMPONENT].get("point"))
    if z is not None:
        st.session_state["_link"] = replace(st.session_state["_link"], z=z, image=image)


def current() -> Link:
    """What the widgets and the plane say now; also written to the address."""
    chosen = {name: st.session_state[name] for name in ("dataset", "run", "color_by", "background")}
    link: Link = replace(st.session_state["_link"], **chosen)
    st.session_state["_link"] = link
    params = format_link(link)
    if params != {name: st.query_params[name] for name in st.query_params}:
        st.query_params.from_dict(params)
    return link
