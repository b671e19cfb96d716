"""Where runs lie when the checkpoints folder has none: most often it is one level off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from explorer.run_folders import shown_path

CONFIG = "config.json"
MOST = 200  # folders looked through, so that a whole disk is not


def what_is_wrong(root: Path, shipped: Path) -> str:
    """One sentence on why `root` has no run, and what to name in its place; `shipped` is this project's own folder."""
    return shown_path(_sentence(root, shipped))


def _sentence(root: Path, shipped: Path) -> str:
    looked = f"Looked for {root / '<data set>' / '<run>' / CONFIG}"
    if not root.exists():
        why = "there is no such folder"
    elif not root.is_dir():
        why = f"but {root.name} is a file"
    elif (root / CONFIG).is_file():
        return f"{looked}, but {root} is itself a run{_instead(root.absolute().parent.parent)}"
    elif _has_runs(root):
        return f"{looked}, but {root} is the folder of one data set, with runs in it{_instead(root.absolute().parent)}"
    else:
        below = next((folder for folder in _folders(root) if _has_datasets(folder)), None)
        if below:
            return f"{looked}; the runs lie one level further down{_instead(below)}"
        why = "and found none"
    place = next((folder for folder in (_beside(root), shipped) if folder and folder != root), None)
    return f"{looked}, {why}{_instead(place) if place and _has_datasets(place) else '.'}"


def _instead(place: Path) -> str:
    return f": start with EXPLORER_CHECKPOINTS={place}"


def _beside(root: Path) -> Path | None:
    """A folder beside or above `root` that has runs, as when its name is misspelt."""
    parent = root.absolute().parent
    if _has_datasets(parent):
        return parent
    return next((folder for folder in _folders(parent) if _has_datasets(folder)), None)


def _has_datasets(root: Path) -> bool:
    return any(_has_runs(folder) for folder in _folders(root))


def _has_runs(folder: Path) -> bool:
    return any((run / CONFIG).is_file() for run in _folders(folder))


def _folders(root: Path) -> Iterator[Path]:
    with suppress(OSError), os.scandir(root) as entries:
        found = sorted(entry.name for entry in islice(entries, MOST) if not entry.name.startswith("."))
        yield from (root / name for name in found if (root / name).is_dir())
