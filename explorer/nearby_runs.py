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


def level_off(root: Path) -> Path | None:
    """The checkpoints folder where `root` is a run or a data set's folder in it, or the folder around it; else None."""
    if (root / CONFIG).is_file():
        return root.absolute().parent.parent
    if _has_runs(root):
        return root.absolute().parent
    return next((folder for folder in _folders(root) if _has_datasets(folder)), None)


def what_is_wrong(root: Path, shipped: Path) -> str:
    """One sentence on why `root` has no run, and what to name in its place; `shipped` is this project's own folder."""
    if off := level_off(root):
        why = "one level further down" if root.absolute() in off.absolute().parents else "further up"
        why, place = f"; the runs lie {why}", off
    else:
        why = ", there is no such folder" if not root.exists() else ", and found none"
        if root.is_file():
            why = f", but {root.name} is a file"
        place = next((folder for folder in (_beside(root), shipped) if folder and _has_datasets(folder)), root)
    instead = f": start with EXPLORER_CHECKPOINTS={place}" if place != root else "."
    return shown_path(f"Looked for {root / '<data set>' / '<run>' / CONFIG}{why}{instead}")


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
