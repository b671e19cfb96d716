"""Two commands that write one thing: the second is told so at once, and a dead one is in nobody's way."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests import in_process
from tests.server import ROOT
from training import atomic, checkpoint
from training.errors import UserError
from training.file_lock import Busy, held
from training.latents import LatentsOptions, write_latents
from training.measure.classifier import train_classifier
from training.options import ClassifierOptions, FitOptions
from training.run import evaluate, fit

HOLDER = """
import sys
from pathlib import Path
from training.file_lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
SMALL = {"dataset": "digits", "epochs": 1, "hidden_dims": (8,)}


@contextmanager
def _other_process(target: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of `target`."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLDER, str(target)]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_of_two_is_refused_and_touches_nothing(checkpoints: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    before = {file.name: file.read_bytes() for file in run.iterdir()}
    words = re.escape(str(run)) + ": another command is writing it"
    with _other_process(run):
        with pytest.raises(Busy, match=words):
            fit(FitOptions(out=run, overwrite=True, **SMALL))
        with pytest.raises(Busy, match=words):
            evaluate(run, Path("data"), save=True, quick=True)
        with pytest.raises(Busy, match=words):
            checkpoint.seal(run)
        with pytest.raises(Busy):
            train_classifier(ClassifierOptions(out=run, dataset="digits", epochs=1))
    assert before == {file.name: file.read_bytes() for file in run.iterdir()}


def test_the_command_line_says_it_in_one_line(tmp_path: Path) -> None:
    with _other_process(tmp_path / "new"):
        second = in_process.training("fit", "--dataset", "digits", "--out", tmp_path / "new")
    assert second.returncode == 2
    assert second.stderr.splitlines() == [
        f"error: {tmp_path / 'new'}: another command is writing it; wait for its end or name another place"
    ]
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_killed_process_holds_no_lock(tmp_path: Path) -> None:
    with _other_process(tmp_path / "run") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with held(tmp_path / "run"), held(tmp_path / "run"):
            pass
    assert not list(tmp_path.iterdir())


def test_a_run_that_was_finished_meanwhile_is_not_replaced(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a folder is copied there by hand, which takes no lock."""
    there, out = checkpoints / "digits" / "kl", checkpoints / "digits" / "new"
    from training.aevb import Trainer

    last = Trainer.best_model

    def copy_then_end(trainer: Trainer) -> object:
        for file in there.iterdir():
            (out / file.name).write_bytes(file.read_bytes())
        return last(trainer)

    monkeypatch.setattr(Trainer, "best_model", copy_then_end)
    with pytest.raises(UserError, match="holds a finished checkpoint"):
        fit(FitOptions(out=out, **SMALL))
    assert checkpoint.verify(out) == checkpoint.verify(there)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_what_killed_writers_left_is_cleared_at_the_next_write(checkpoints: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    for left in (".elbo.writing-1", ".elbo.writing-2"):
        (run.parent / left).mkdir()
        (run.parent / left / "config.json").write_text("half")
    for left in (".gallery.safetensors.1.tmp", ".gallery.safetensors.2.tmp"):
        (run.parent / left).write_text("half")
    other = run.parent / ".gallery.safetensors.3.tmp"
    other.write_text("under way")
    with _lock_of(other):
        checkpoint.seal(run)
        atomic.write_file(run.parent / "gallery.safetensors", b"new")
        assert [file.name for file in run.parent.iterdir() if file.name.startswith(".")] == [other.name]
    checkpoint.verify(run)


@contextmanager
def _lock_of(file: Path) -> Iterator[None]:
    from training.file_lock import acquire

    descriptor = acquire(file)
    assert descriptor is not None
    yield
    os.close(descriptor)


def test_a_folder_that_holds_anything_else_is_not_taken(checkpoints: Path) -> None:
    """It would be gone with all that is in it."""
    with pytest.raises(UserError, match="holds autoencoder, which would be lost"):
        fit(FitOptions(out=checkpoints / "digits", **SMALL))
    (checkpoints / "digits" / "elbo" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"holds notes\.txt"):
        fit(FitOptions(out=checkpoints / "digits" / "elbo", overwrite=True, **SMALL))
    with pytest.raises(UserError, match=r"holds README\.md, which would be lost"):
        train_classifier(ClassifierOptions(out=checkpoints / "digits" / "kl", dataset="digits", epochs=1))


def test_latents_replace_a_run_and_nothing_else(checkpoints: Path, tmp_path: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    np.save(tmp_path / "z.npy", np.zeros((5, 2)))
    options = LatentsOptions(file=tmp_path / "z.npy", out=run, overwrite=True)
    (run / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"holds notes\.txt, which would be lost"):
        write_latents(options)
    assert (run / "notes.txt").read_text() == "mine"
    (run / "notes.txt").unlink()
    write_latents(options)
    assert checkpoint.load_config(run).training["objective"] == "latents"


@pytest.mark.parametrize("name", ["README.md", "model.safetensors", "config.json"])
def test_a_file_that_only_has_a_run_s_name_is_not_lost(tmp_path: Path, name: str) -> None:
    """Of a folder that holds no run: weights that are to be imported, say."""
    out = tmp_path / "a"
    out.mkdir()
    (out / name).write_text("mine")
    np.save(tmp_path / "z.npy", np.zeros((5, 2)))
    with pytest.raises(UserError, match=f"--out {re.escape(str(out))}: holds "):
        fit(FitOptions(out=out, **SMALL))
    with pytest.raises(UserError, match=f"--out {re.escape(str(out))}: holds "):
        write_latents(LatentsOptions(file=tmp_path / "z.npy", out=out))
    with pytest.raises(UserError, match=f"--out {re.escape(str(out))}: holds {re.escape(name)}, which would be lost"):
        train_classifier(ClassifierOptions(out=out, dataset="digits", epochs=1))
    assert {file.name: file.read_text() for file in out.iterdir()} == {name: "mine"}


def test_a_place_that_cannot_be_written_is_found_out_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file" / "classifier", Path("/proc/none/classifier")):
        with pytest.raises(UserError, match=r"classifier: cannot be written \("):
            train_classifier(ClassifierOptions(out=out, dataset="digits", epochs=1))
