"""What a person at the server's own machine may change of runs: a name to show, a note, hide, delete, put back."""

from __future__ import annotations

from dataclasses import replace

from explorer import loader, own_machine
from training import run_notes, trash
from training.errors import UserError
from training.run_notes import MOST_NAME as MOST_NAME
from training.run_notes import MOST_NOTE as MOST_NOTE
from training.run_notes import Changed as Changed
from training.run_notes import RunNotes
from training.trash import Discarded as Discarded

REFUSAL = "Only at the server's own machine can runs be renamed, hidden or deleted."


def describe(run: loader.Run, name: str, note: str, before: RunNotes) -> None:
    """Give a run a name to show and a note in place of those `before`; raises UserError."""
    lines = "\n".join(line.rstrip() for line in note.expandtabs(4).strip().splitlines())
    _write(run, replace(before, name=" ".join(name.split()), note=lines), before)


def hide(run: loader.Run, hidden: bool) -> None:
    """Offer a run no longer to be shown, or again; raises UserError."""
    if hidden and len(loader.catalog().datasets.get(run.path.parent.name, {})) < 2:
        raise UserError(f"{run.words.title}: the only run of its data set that is shown; it cannot be hidden")
    _write(run, replace(run.notes, hidden=hidden), run.notes)


def delete(run: loader.Run) -> None:
    """Move a run into the trash; raises UserError."""
    _check()
    if sum(map(len, loader.catalog().datasets.values())) - (not run.notes.hidden) < 1:
        raise UserError(f"{run.words.title}: the only run that is shown; it cannot be deleted here")
    trash.discard(run.path)


def put_back(run: Discarded) -> None:
    """Undo the same; raises UserError."""
    _check()
    trash.restore(run)


def deleted() -> list[Discarded]:
    """What lies in the trash, the last first."""
    return trash.discarded(loader.checkpoints_root())


def _write(run: loader.Run, notes: RunNotes, before: RunNotes) -> None:
    _check()
    run_notes.write_notes(run.path, notes, before)


def _check() -> None:
    if not own_machine.may_change():
        raise UserError(REFUSAL)
