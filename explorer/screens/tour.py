"""Tour: the pages as scenes of a talk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer import addresses, component, loader, state
from explorer.screens import compare, explore, interpolate, prior, probability, reconstruct, run_picker, shell, traverse
from explorer.views.page_address import State
from explorer.views.pages import PAGES, TOUR
from explorer.views.tour import Scene, Tour, TourError, parse_tour, scene_state
from training.checkpoint import CheckpointError

ROOMS: dict[str, Callable[[State], dict[str, Any]]] = {
    "explore": explore.payload,
    "compare": compare.payload,
    "reconstruct": reconstruct.payload,
    "traverse": traverse.payload,
    "interpolate": interpolate.payload,
    "prior": prior.payload,
    "probability": probability.payload,
}


def page() -> None:
    """Lay out the page."""
    names = shell.run_names()
    if names is None:
        return
    for note in state.open_page(TOUR, names):
        st.toast(note, icon=":material/info:", duration="long")
    files = loader.tour_files()
    state.keep_known("talk", list(files))
    if len(files) > 1:
        with st.container(key="controls"):
            run_picker.select("Talk", {name: name for name in files}, "talk", 240)
    link = state.current(TOUR, names)
    try:
        tour = parse_tour(files[link["talk"]].read_text(encoding="utf-8"), files[link["talk"]].name)
    except TourError as error:
        st.error(f"This tour cannot be shown. {error}", icon=":material/error:")
        return
    except (OSError, UnicodeDecodeError) as error:
        st.error(f"This tour cannot be shown. {files[link['talk']].name}: cannot be read as text ({error})")
        return
    shown = {
        "page": "tour",
        "assets": f"{addresses.base_path()}/assets",
        "state": state.shown(TOUR),
        "title": tour.title,
        "scenes": [_scene(scene, tour, names) for scene in tour.scenes],
    }
    component.show(TOUR, shown, state.on_report(TOUR, names), state.on_goto(TOUR))


def _scene(scene: Scene, tour: Tour, names: dict[str, list[str]]) -> dict[str, Any]:
    """A scene, or why it cannot be shown: the talk goes on without it."""
    pages = {name: page for name, page in PAGES.items() if name in ROOMS}
    payload = None
    try:
        page, link = scene_state(scene, tour.file, pages, names)
        problem = shell.why_too_many(page, shell.runs_shown(link))
        if problem is None:
            payload = ROOMS[page.name](link)
    except (TourError, CheckpointError) as error:
        problem = str(error)
    return {"title": scene.title, "text": scene.text, "payload": payload, "problem": problem}
