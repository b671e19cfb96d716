"""A tour: scenes of a talk, each a page in a state, as one TOML file tells them. Format: docs/tours.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from explorer.views.page_address import Page, Runs, State, parse_address

MAX_SCENES = 60
# What a scene says, by key, and how many characters of it fit the screen.
MOST = {"title": 60, "text": 320, "symbols": 200, "ask": 160, "find": 80, "show": 2000}
NEEDED = ("title", "text", "show")
HOLE = "hole"  # what a scene may ask for, else "class" and its name
# Parts of a page that a scene can show alone, as the fragment of its address.
TOPICS = {"probability": ("plane", "bound", "jensen", "runs", "held-out"), "prior": ("percentiles", "samples")}


class TourError(ValueError):
    """A tour is refused; the message is one line that names file, line and what was expected."""


@dataclass(frozen=True)
class Scene:
    """A title, a sentence or two in words and one in symbols, and the address that it shows.

    `symbols` may be ""; so may `ask`, a question that comes before, and then `find`, what the handle is to be put on:
    "hole", or "class" and a class's name. `line` is where the scene begins in its file.
    """

    title: str
    text: str
    symbols: str
    ask: str
    find: str
    show: str
    line: int


@dataclass(frozen=True)
class Shown:
    """What a scene shows: a page in a state, of which `topic` alone if it is not ""; `params` are its address's."""

    page: Page
    state: State
    topic: str
    params: dict[str, str]


@dataclass(frozen=True)
class Tour:
    """`file`: the name it goes by in messages; `title`: of the whole talk."""

    file: str
    title: str
    scenes: tuple[Scene, ...]


def parse_tour(source: str, file: str) -> Tour:
    """Read a tour's TOML text; raises TourError."""
    try:
        value = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise TourError(f"{file}: {_at_line(str(error))}") from error
    except RecursionError as error:
        raise TourError(f"{file}: lists or tables lie too deep in each other; a tour needs none") from error
    title = value.pop("title", None)
    tables = value.pop("scene", None)
    if value:
        raise TourError(f"{file}, line {_line_of(source, 0, next(iter(value)))}: expected 'title' and [[scene]] only")
    if not isinstance(title, str) or not title.strip():
        raise TourError(f'{file}: expected title = "..." before the first scene')
    if (
        not isinstance(tables, list)
        or not 0 < len(tables) <= MAX_SCENES
        or not all(isinstance(t, dict) for t in tables)
    ):
        raise TourError(f"{file}: expected 1 to {MAX_SCENES} scenes, each under a line [[scene]]")
    starts = [number for number, line in enumerate(source.splitlines(), 1) if re.match(r"\s*\[\[\s*scene\s*\]\]", line)]
    if len(starts) != len(tables):
        raise TourError(f"{file}: write each scene under a line [[scene]] of its own")
    scenes = [_scene(table, source, start, file) for table, start in zip(tables, starts, strict=True)]
    return Tour(file, title.strip(), tuple(scenes))


def scene_shown(scene: Scene, file: str, pages: Mapping[str, Page], runs: Runs) -> Shown:
    """What a scene shows; raises TourError for an address that means nothing here."""
    where = f"{file}, line {scene.line}: scene {scene.title!r}: "
    parts = urlsplit(scene.show)
    name = parts.path.strip("/") or "explore"
    if name not in pages:
        raise TourError(f"{where}there is no page {name!r}; pages are {', '.join(pages)}")
    page = pages[name]
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(params) - {"dataset", *page.parameters})
    if unknown:
        known = ", ".join(["dataset", *page.parameters])
        raise TourError(f"{where}the page {name} has no parameter {unknown[0]!r}; it has {known}")
    topics = TOPICS.get(name, ())
    if parts.fragment and parts.fragment not in topics:
        known = f"it has #{', #'.join(topics)}" if topics else "it is shown whole"
        raise TourError(f"{where}the page {name} has no part '#{parts.fragment}'; {known}")
    state, notes = parse_address(params, page, runs)
    if notes:
        raise TourError(where + notes[0])
    if scene.ask and name != "explore":
        raise TourError(f"{where}only the plane of Explore, /, can be asked about, not the page {name}")
    return Shown(page, state, parts.fragment, params)


def label_to_find(scene: Scene, file: str, classes: Sequence[str]) -> int | None:
    """The number of the class that a scene asks for, None for a hole; raises TourError where there is none such."""
    if scene.find == HOLE:
        return None
    name = scene.find.removeprefix("class ").strip()
    if name not in classes:
        known = ", ".join(map(str, classes[:12])) + (", ..." if len(classes) > 12 else "")
        where = f"{file}, line {scene.line}: scene {scene.title!r}: "
        raise TourError(f"{where}find = {scene.find!r}: there is no such class; classes are {known}")
    return classes.index(name)


def missing_words(lost: Sequence[Scene], count: int, names: Runs, elsewhere: bool) -> str:
    """What a talk of `count` scenes needs for those that cannot be shown; "" where every one can.

    `elsewhere`: the runs are not the ones that ship with the project, which have all that its own talk needs.
    """
    wanted: dict[str, set[str]] = {}
    for scene in lost:
        params = dict(parse_qsl(urlsplit(scene.show).query))
        dataset = params.get("dataset", "")
        runs = [run for run in (params.get("runs") or params.get("run", "")).split(",") if run]
        there = names.get(dataset, ())
        if dataset and (dataset not in names or set(runs) - set(there)):
            wanted.setdefault(dataset, set()).update(run for run in runs if run not in there)
    if not wanted:
        return ""
    runs_of = "; ".join(f"{dataset} ({', '.join(sorted(runs))})" for dataset, runs in sorted(wanted.items()))
    shipped = (
        " The runs that ship with the project have what its own talk needs: start it without EXPLORER_CHECKPOINTS, "
        "by make explore or latent-explorer, or copy them from its folder checkpoints into yours."
        if elsewhere
        else ""
    )
    return f"{len(lost)} of the {count} scenes need runs that are not here: {runs_of}.{shipped}"


def _scene(table: dict[str, Any], source: str, start: int, file: str) -> Scene:
    for key in table:
        if key not in MOST:
            line = _line_of(source, start, key)
            raise TourError(f"{file}, line {line}: {key!r} is none of {', '.join(MOST)}")
    for key, most in MOST.items():
        if key not in table and key not in NEEDED:
            continue
        text = table.get(key)
        if not isinstance(text, str) or not text.strip():
            line = _line_of(source, start, key) if key in table else start
            raise TourError(f'{file}, line {line}: the scene needs {key} = "..."')
        if len(text) > most:
            line = _line_of(source, start, key)
            raise TourError(f"{file}, line {line}: {key} has {len(text)} characters; at most {most} fit the screen")
    if ("ask" in table) != ("find" in table):
        raise TourError(f"{file}, line {start}: 'ask' and 'find' go together: a question, and what is to be found")
    find = " ".join(table.get("find", "").split())
    if find not in ("", HOLE) and not find.startswith("class "):
        line = _line_of(source, start, "find")
        raise TourError(f'{file}, line {line}: expected find = "hole", or "class" and its name as in "class 7"')
    said = {key: " ".join(table.get(key, "").split()) for key in MOST}
    return Scene(**said, line=start)


def _line_of(source: str, start: int, key: str) -> int:
    """The line, from `start` on, that sets a key; `start` itself if none is seen to."""
    for number, line in enumerate(source.splitlines(), 1):
        if number > start and re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=\]]", line):
            return number
    return start


def _at_line(message: str) -> str:
    """tomllib's message with its place in front: "line 3: Invalid value"."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    return f"line {found[1]}: {message[: found.start()].strip()}" if found else message
