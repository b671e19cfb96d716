"""A run's name to show, its note, whether it is hidden, and the trash: kept whole, refused if damaged, undone."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from explorer import loader
from tests.contents import contents_of
from training import checkpoint, run_notes, trash
from training.errors import UserError
from training.file_lock import held
from training.run_notes import Changed, RunNotes, load_notes, write_notes

NOTES = RunNotes("β = 4, twice as wide", "Tried on Monday.\nToo wide.", hidden=False)


@pytest.fixture
def run(checkpoints: Path) -> Path:
    return checkpoints / "digits" / "elbo"


@pytest.fixture
def catalog(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    return checkpoints


def test_notes_are_read_as_they_were_written_and_the_run_stays_as_it_is(run: Path) -> None:
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    assert load_notes(run) == RunNotes()
    write_notes(run, NOTES, RunNotes())
    assert load_notes(run) == NOTES
    after = {file.name: file.read_bytes() for file in run.iterdir()}
    assert after.keys() - before.keys() == {run_notes.NOTES}
    assert {name: after[name] for name in before} == before
    assert [file.name for file in run.parent.iterdir() if file.name.startswith(".")] == []
    write_notes(run, RunNotes(), NOTES)
    assert not (run / run_notes.NOTES).exists(), "nothing noted is no file"


def test_every_bit_of_the_notes_is_sealed(run: Path) -> None:
    write_notes(run, NOTES, RunNotes())
    file = run / run_notes.NOTES
    data = file.read_bytes()
    for place in range(len(data)):
        file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(checkpoint.CheckpointError, match=r"notes\.json"):
            load_notes(run)
    with pytest.raises(checkpoint.CheckpointError, match=r"notes\.json"):
        checkpoint.verify(run)


@pytest.mark.parametrize(
    "notes",
    [
        RunNotes(name="x" * 61),
        RunNotes(name="two\nlines"),
        RunNotes(name="right\u202eleft"),
        RunNotes(name="nul\0"),
        RunNotes(name="half \ud800"),
        RunNotes(note="x" * 2001),
        RunNotes(note="bell\a"),
    ],
)
def test_text_that_cannot_be_shown_is_refused_in_one_line(run: Path, notes: RunNotes) -> None:
    with pytest.raises(UserError, match="cannot be kept") as caught:
        write_notes(run, notes, RunNotes())
    assert "\n" not in str(caught.value)
    assert not (run / run_notes.NOTES).exists()


def test_the_second_of_two_who_change_the_same_notes_is_told(run: Path) -> None:
    write_notes(run, NOTES, RunNotes())
    with pytest.raises(Changed, match="by now"):
        write_notes(run, RunNotes("mine"), RunNotes())
    assert load_notes(run) == NOTES


def test_notes_stay_when_the_run_is_measured_anew(run: Path) -> None:
    write_notes(run, NOTES, RunNotes())
    checkpoint.rewrite_metrics(run, checkpoint.load_metrics(run), "# A card")
    assert load_notes(run) == NOTES


def test_nothing_is_written_where_a_run_has_gone_is_written_or_cannot_be(run: Path) -> None:
    with held(run), ThreadPoolExecutor() as pool, pytest.raises(UserError, match="another command is writing it"):
        pool.submit(write_notes, run, NOTES, RunNotes()).result()
    shutil.rmtree(run)
    with pytest.raises(UserError, match="no longer there"):
        write_notes(run, NOTES, RunNotes())
    assert not run.exists()
    with pytest.raises(UserError, match="no longer there"):
        trash.discard(run)


def test_what_is_deleted_can_be_put_back(run: Path) -> None:
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    root = run.parent.parent
    gone = trash.discard(run)
    assert not run.exists() and gone.path.is_relative_to(root / trash.TRASH)
    assert trash.discarded(root) == [gone]
    assert trash.restore(gone) == run
    assert {file.name: file.read_bytes() for file in run.iterdir()} == before
    assert trash.discarded(root) == [] and not (root / trash.TRASH).exists()


def test_the_place_of_another_run_is_not_taken(run: Path) -> None:
    gone = trash.discard(run)
    shutil.copytree(run.parent / "kl", run)
    with pytest.raises(UserError, match="another run has this place"):
        trash.restore(gone)
    assert gone.path.exists() and checkpoint.load_config(run).training["objective"] == "kl"
    again = trash.discard(run)
    assert trash.discarded(run.parent.parent) == [again, gone], "the last first"


def test_a_trash_that_cannot_be_made_leaves_the_run(run: Path) -> None:
    (run.parent.parent / trash.TRASH).write_text("in the way")
    with pytest.raises(UserError, match="it stays"):
        trash.discard(run)
    assert checkpoint.is_finished(run)
    assert trash.discarded(run.parent.parent) == []


def _found(name: str) -> loader.Run:
    found = loader.catalog().find("digits", name)
    assert found
    return found


def test_a_run_is_called_by_its_name_and_no_two_are_called_alike(catalog: Path) -> None:
    digits = catalog / "digits"
    assert _found("elbo").words.title == "Full ELBO"
    write_notes(digits / "elbo", RunNotes("Mine"), RunNotes())
    write_notes(digits / "conv", RunNotes("full elbo"), RunNotes())
    assert _found("elbo").words.title == "Mine" and _found("conv").words.title == "full elbo"
    write_notes(digits / "conv", RunNotes("MINE"), RunNotes("full elbo"))
    assert _found("elbo").words.title == "Mine (elbo)" and _found("conv").words.title == "MINE (conv)"
    write_notes(digits / "conv", RunNotes(), RunNotes("MINE"))
    assert _found("elbo").words.title == "Mine" and _found("conv").words.title == "conv"


def test_hidden_runs_are_not_offered_unless_nothing_else_is_left(catalog: Path) -> None:
    digits = catalog / "digits"
    write_notes(digits / "kl", RunNotes(hidden=True), RunNotes())
    assert "kl" not in loader.catalog().names["digits"] and list(loader.catalog().hidden["digits"]) == ["kl"]
    assert _found("kl"), "a page that shows it goes on"
    for name in ("autoencoder", "reconstruction", "elbo", "conv"):
        trash.discard(digits / name)
    assert loader.catalog().names["digits"] == ["kl"]


def test_damaged_notes_are_one_line_and_the_run_is_shown(catalog: Path) -> None:
    file = catalog / "digits" / "elbo" / run_notes.NOTES
    file.write_text("{}")
    found = loader.catalog()
    assert found.find("digits", "elbo")
    assert [problem for problem in found.problems if str(file) in problem] == list(found.problems)
    file.unlink()
    (file.parent / run_notes.NOTES).symlink_to("/dev/zero")
    assert "not a regular file" in loader.catalog().problems[0]


def test_notes_of_a_run_that_is_written_anew_go_with_it(run: Path) -> None:
    write_notes(run, NOTES, RunNotes())
    checkpoint.write_checkpoint(run, contents_of(run))
    assert load_notes(run) == RunNotes()
    assert replace(NOTES, name="") != NOTES
