"""Adds a scene to a talk in the folder that is one's own; whether the person may is for the route to say."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from explorer import loader
from explorer.views.pages import PAGES, TOUR
from explorer.views.tour import TourError, parse_tour, scene_shown
from training.atomic import write_file

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_one = threading.Lock()


def talks() -> dict[str, str]:
    """Titles of the talks that can be added to, by name; of a file that is none, its name."""
    return {file.stem: _title(file) for file in loader.own_talks() if NAME.fullmatch(file.stem)}


def add(name: str, source: str) -> int:
    """Add the one scene of the talk `source` to the talk `name`, which is begun with the title of `source` if need be.

    Returns the scene's number. Raises TourError, and OSError or UnicodeDecodeError for a file that cannot be changed.
    """
    folder = loader.own_tours()
    if folder is None:
        raise TourError("there is no folder of your own: start the explorer with EXPLORER_TOURS naming one")
    if not NAME.fullmatch(name):
        raise TourError("a talk's name has letters, digits, - and _, at most 40 of them")
    talk = parse_tour(source, "the scene")
    if len(talk.scenes) != 1:
        raise TourError(f"expected one scene to add, not {len(talk.scenes)}")
    [scene] = talk.scenes
    scene_shown(scene, talk.file, {page: PAGES[page] for page in PAGES if page != TOUR.name}, loader.catalog().names)
    file = folder / f"{name}.toml"
    with _one:
        begun = file.exists()
        lines = source.splitlines()
        text = "\n".join(lines[scene.line - 1 :] if begun else lines)
        if begun:
            text = f"{file.read_text(encoding='utf-8').rstrip()}\n\n{text}"
        count = len(parse_tour(f"{text}\n", file.name).scenes)
        write_file(file, f"{text}\n".encode())
    return count


def _title(file: Path) -> str:
    try:
        return parse_tour(file.read_text(encoding="utf-8"), file.name).title
    except (TourError, OSError, UnicodeDecodeError):
        return file.stem
