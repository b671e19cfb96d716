"""The talk in an exported file: those of its scenes whose pages and runs the file has."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer import loader
from explorer.screens import tour
from explorer.views.page_address import State
from explorer.views.pages import TOUR
from explorer.views.tour import TourError


@dataclass(frozen=True)
class Talk:
    """A talk's TOML text, and its file's name for messages; `chosen`: by the person who exports."""

    source: str
    name: str
    chosen: bool


def talk_in(file: Path | None) -> Talk:
    """Read a talk, the project's own if none is named; raises TourError for what is no text."""
    own = loader.tour_files()[TOUR.parameters["talk"].default(())]
    try:
        return Talk((file or own).read_text(encoding="utf-8"), (file or own).name, file is not None)
    except (OSError, UnicodeDecodeError) as error:
        raise TourError(f"{file or own}: cannot be read as text ({error})") from error


def talk_payload(talk: Talk, state: State, pages: Container[str]) -> dict[str, Any] | None:
    """Tour's payload without the scenes that the file cannot show; None if it can show none.

    Raises TourError for a talk that breaks the rules, and for a chosen one of which nothing is left.
    """
    payload = tour.payload_of(talk.source, talk.name, state, True)
    scenes = payload["scenes"]
    shown = [scene for scene in scenes if scene["payload"] and scene["payload"]["page"] in pages]
    if not shown and talk.chosen:
        raise TourError(f"{talk.name}: no scene of it can be shown by a file of these runs and pages")
    lost = len(scenes) - len(shown)
    words = (
        f"{lost} of the talk's {len(scenes)} scenes are left out: this file has not the runs or pages that they show."
    )
    return {**payload, "scenes": shown, "left_out": words if lost else ""} if shown else None
