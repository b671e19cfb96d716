"""Tour: the pages as scenes of a talk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from explorer import addresses, component, gc_freeze, loader, session
from explorer.screens import decoding, notice, run_picker, screen, shell
from explorer.views.page_address import State
from explorer.views.pages import PAGES, TOUR
from explorer.views.tour import Scene, Tour, TourError, label_to_find, missing_words, parse_tour, scene_shown
from training.checkpoint import CheckpointError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


def page() -> None:
    """Lay out the page."""
    names = shell.run_names()
    if names is None:
        return
    for note in session.open_page(TOUR, names):
        notice.toast(note)
    files = loader.tour_files()
    session.keep_known("talk", list(files))
    opened = _choose(files)
    state, address = session.current(TOUR), session.address(TOUR, names)
    name = opened.name if opened else files[state["talk"]].name
    try:
        shown = payload_of(opened.getvalue().decode(), name, state, True) if opened else payload(state)
    except TourError as error:
        notice.error(f"This tour cannot be shown. {error}")
        component.keep_address(TOUR, state, address)
        return
    except (OSError, UnicodeDecodeError) as error:
        notice.error(f"This tour cannot be shown. {name}: cannot be read as text ({error})")
        component.keep_address(TOUR, state, address)
        return
    component.show(TOUR, shown, address)
    gc_freeze.settle_once(TOUR.name)


def _choose(files: dict[str, Path]) -> UploadedFile | None:
    """Lay out the choice of a talk; returns a file of the person's own that is opened instead of one."""
    with st.container(key="talks", horizontal=True, gap="small"):
        if len(files) > 1:
            run_picker.select("Talk", {name: name for name in files}, "talk", 200)
        with st.popover("Open a talk", icon=":material/folder_open:", key="open-talk"):
            return st.file_uploader("A talk that was saved as a file", "toml", key="talk-file")


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part; raises TourError, and OSError or UnicodeDecodeError for a file that is no text."""
    file = loader.tour_files()[state["talk"]]
    return payload_of(file.read_text(encoding="utf-8"), file.name, state, False)


def payload_of(source: str, name: str, state: State, opened: bool) -> dict[str, Any]:
    """The same of a talk's text; `name`: of its file; `opened`: by the person, so that no address leads to it."""
    tour = parse_tour(source, name)
    names = loader.catalog().names
    scenes = [_scene(scene, tour, names) for scene in tour.scenes]
    lost = [scene for scene, shown in zip(tour.scenes, scenes, strict=True) if shown["problem"]]
    return {
        "page": TOUR.name,
        "assets": addresses.assets(),
        "state": state,
        "title": tour.title,
        "opened": opened,
        "left_out": "",
        "missing": missing_words(lost, len(scenes), names, loader.catalog().root != loader.SHIPPED),
        "scenes": scenes,
    }


def _scene(scene: Scene, tour: Tour, names: dict[str, list[str]]) -> dict[str, Any]:
    """A scene, or why it cannot be shown: the talk goes on without it."""
    pages = {name: page for name, page in PAGES.items() if page is not TOUR}
    payload, frame, topic, ask, problem = None, None, "", None, None
    try:
        shown = scene_shown(scene, tour.file, pages, names)
        topic = shown.topic
        if not shown.page.in_browser:  # Streamlit lays it out: it is shown in a frame
            frame = f"{shown.page.name}?{urlencode({**shown.params, 'embed': 'true'})}"
        else:
            problem = decoding.why_too_many(shown.page, shell.runs_shown(shown.state))
            if problem is None:
                payload = screen(shown.page.name).payload(shown.state)
                if scene.ask:
                    ask = {"words": scene.ask, "label": label_to_find(scene, tour.file, payload["classes"])}
    except (TourError, CheckpointError) as error:
        payload, problem = None, str(error)
    said = {"title": scene.title, "text": scene.text, "symbols": scene.symbols}
    return {**said, "payload": payload, "frame": frame, "topic": topic, "ask": ask, "problem": problem}
