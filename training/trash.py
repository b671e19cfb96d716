"""Runs that were deleted: moved into a hidden folder of the checkpoints folder, from where they can be put back.

`.trash/<when>/<data set>/<run>`. Nothing ever empties it by itself: to delete them for good, delete that folder.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.errors import UserError
from training.file_lock import held

TRASH = ".trash"
_WHEN = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Discarded:
    """A run in the trash: where it lies, where it lay, and when it was moved."""

    path: Path
    dataset: str
    name: str
    when: datetime


def discard(path: Path) -> Discarded:
    """Move the run `path`, `<checkpoints>/<data set>/<run>`, into the trash, in one step; raises UserError."""
    root, dataset = path.parent.parent, path.parent.name
    when = datetime.now(UTC)
    place = root / TRASH / when.strftime(_WHEN) / dataset / path.name
    with held(path):
        if not os.path.lexists(path):
            raise UserError(f"{path}: no longer there; nothing was deleted")
        try:
            place.parent.mkdir(parents=True)
            path.rename(place)
        except OSError as error:
            _clear(place.parent)
            raise UserError(f"{path}: cannot be moved to {root / TRASH} ({error.strerror}); it stays") from error
    return Discarded(place, dataset, path.name, when)


def restore(run: Discarded) -> Path:
    """Put a run back where it lay; returns that place, or raises UserError."""
    path = run.path.parents[3] / run.dataset / run.name
    with held(path):
        if os.path.lexists(path):
            raise UserError(f"{path}: another run has this place; rename it or {run.path}")
        try:
            run.path.rename(path)
        except OSError as error:
            raise UserError(f"{run.path}: cannot be put back ({error.strerror})") from error
        _clear(run.path.parent)
    return path


def discarded(root: Path) -> list[Discarded]:
    """What lies in the trash of a checkpoints folder, the last first; what has another name is not ours."""
    found = []
    with suppress(OSError):
        for path in (root / TRASH).glob("*/*/*"):
            with suppress(ValueError):
                when = datetime.strptime(path.parts[-3], _WHEN).replace(tzinfo=UTC)
                found.append(Discarded(path, path.parts[-2], path.parts[-1], when))
    return sorted(found, key=lambda run: run.when, reverse=True)


def _clear(folder: Path) -> None:
    """Remove the empty folders that a move has left, up to the trash itself."""
    with suppress(OSError):
        for empty in (folder, folder.parent, folder.parent.parent):
            empty.rmdir()
