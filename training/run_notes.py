"""What a person notes of a run: a name to show, a note, whether it is hidden. In a sealed file of its own beside it.

Nothing of the run itself changes by it; without the file the run is shown by its folder's name.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

from training import atomic
from training.errors import UserError
from training.fields import FLAG, TEXT, Kind, check
from training.file_lock import held
from training.sealed_json import read_sealed, sealed

NOTES = "notes.json"
CONFIG = "config.json"
MOST_BYTES = 64_000
MOST_NAME, MOST_NOTE = 60, 2000  # characters
# Controls, what has no meaning of its own, and what turns the direction of the text around it.
_ODD = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@dataclass(frozen=True)
class RunNotes:
    """`name`: what to call the run, "" for its folder's name; `note`: some lines; `hidden`: not offered to be shown."""

    name: str = ""
    note: str = ""
    hidden: bool = False


class Changed(UserError):
    """Someone else has changed the notes since they were read."""


_FIELDS = {
    "name": Kind(f"a text of up to {MOST_NAME} characters on one line", lambda value: _fits(value, MOST_NAME)),
    "note": Kind(f"a text of up to {MOST_NOTE:,} characters", lambda value: _fits(value, MOST_NOTE, "\n")),
    "hidden": FLAG,
}


def load_notes(path: Path) -> RunNotes:
    """The notes of the run in the folder `path`, none where there is no such file; raises CheckpointError."""
    file = atomic.resolve(path) / NOTES
    if not os.path.lexists(file):
        return RunNotes()
    value = read_sealed(file, MOST_BYTES)
    check(file, value, _FIELDS)
    return RunNotes(value["name"], value["note"], value["hidden"])


def write_notes(path: Path, notes: RunNotes, before: RunNotes) -> None:
    """Give the run in the folder `path` other notes than those `before`; without any, the file goes.

    Raises Changed where others stand there by now, and UserError for a text that is too long or holds what cannot be
    seen, where nothing can be written, and where the run is no longer there.
    """
    for name, value in (("name", notes.name), ("note", notes.note)):
        if not _FIELDS[name].fits(value):
            why = f"expected {_FIELDS[name].words}, without characters that cannot be seen"
            raise UserError(f"{path.name}: this {name} cannot be kept: {why}")
    with held(path):
        if not os.path.lexists(path / CONFIG):
            raise UserError(f"{path}: no longer there; nothing was noted")
        if load_notes(path) != before:
            raise Changed(f"{path}: another name or note stands there by now; nothing was changed")
        try:
            if notes == RunNotes():
                (path / NOTES).unlink(missing_ok=True)
            else:
                atomic.write_file(path / NOTES, sealed(asdict(notes)))
        except OSError as error:
            raise UserError(f"{path / NOTES}: cannot be written ({error.strerror})") from error


def _fits(value: object, most: int, allowed: str = "") -> bool:
    if not TEXT.fits(value) or not isinstance(value, str) or len(value) > most:
        return False
    return not any(
        (unicodedata.category(character) in _ODD or unicodedata.bidirectional(character) in _TURNS)
        and character not in allowed
        for character in value
    )
