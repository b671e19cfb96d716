"""Addresses of what the browser fetches or sends: each changes with its content.

They are relative to the page, all of which lie side by side, so that they hold behind any proxy.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

import streamlit as st

from explorer import loader
from explorer.modules import version
from explorer.shared_parts import SharedPart

ASSETS = "assets"  # below it the browser modules, style sheets and plotly.js
UPLOAD = "upload"


def base_path() -> str:
    """The app's base path, "" or "/name": Streamlit does not put custom routes under it by itself."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def assets() -> str:
    """Address of the folder of the browser modules; it changes with any of them, so the browser may keep them for ever.

    Modules import each other relative to themselves: none is ever taken from another version of the explorer.
    """
    return f"{ASSETS}/v-{version()}"


def part_url(run: loader.Run, part: loader.Part | Literal["columns"]) -> str:
    """Address of a run's part; it changes with the run's content, so the browser may keep it for ever.

    All parts of a run have the same version: with one of another run's, none is taken.
    """
    folders = f"{_folder(run.path.parent.name)}/{_folder(run.name)}"
    return f"runs/{folders}/{part}?v={run.config.version}"


def column_url(run: loader.Run) -> str:
    """Address of the values of a column, to be ended by its place among the run's columns."""
    return f"{part_url(run, 'columns')}&place="


def shared_url(dataset: str, part: SharedPart, sha256: str) -> str:
    """Address of what the runs of a data set share; it too changes with its content."""
    return f"runs/{_folder(dataset)}/{part}?v={sha256[:12]}"


def gallery_url(run: loader.Run) -> str | None:
    """Address of the held-out images of a run's data set, or None where they cannot be shown."""
    if loader.gallery_problem(run):
        return None
    return shared_url(run.path.parent.name, "gallery", loader.gallery_sha256(run))


def answer_url(run: loader.Run, question: str) -> str:
    """Address of what is computed with a run's model, to be ended by the number of a held-out image."""
    folders = f"{_folder(run.path.parent.name)}/{_folder(run.name)}"
    return f"answers/{folders}/{question}?v={run.config.version}&image="


def _folder(name: str) -> str:
    return quote(name, safe="")
