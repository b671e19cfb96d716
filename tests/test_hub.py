"""Runs are pushed to and pulled from a stand-in of the Hugging Face Hub, through huggingface_hub itself."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import huggingface_hub.constants as hub_constants
import pytest

from tests.contents import damaged
from tests.hub import TOKEN, Hub, hub
from training import checkpoint
from training.commands import main
from training.run_notes import RunNotes, load_notes, write_notes

Command = Callable[..., str]
# Of huggingface_hub's HTTP client, at how that one calls it.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with hub() as it:
        _lead_to(it.address, monkeypatch)
        monkeypatch.setattr(hub_constants, "HF_HUB_DISABLE_XET", True)  # git's own way of large files
        monkeypatch.setattr(hub_constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield it


def _lead_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_constants, "ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(hub_constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command; its one line, on standard output or, with `status`, of the error."""

    def run(*words: object, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["python -m training", *map(str, words)])
        before = signal.getsignal(signal.SIGINT)
        try:
            assert main() == status
        finally:
            signal.signal(signal.SIGINT, before)
        lines = capfd.readouterr()[bool(status)].splitlines()
        assert len(lines) == 1, lines
        return lines[0]

    return run


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_run_comes_back_as_it_was(stand_in: Hub, command: Command, checkpoints: Path, tmp_path: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    there = _bytes(run)
    (run / checkpoint.NOTES).write_text("mine", encoding="utf-8")
    with pytest.raises(checkpoint.CheckpointError):
        checkpoint.verify(run)
    command("push", run, "me/elbo", status=2)
    (run / checkpoint.NOTES).unlink()

    assert command("push", run, "me/elbo") == f"{stand_in.address}/me/elbo"
    assert stand_in.files["me/elbo"] == there
    assert not stand_in.private
    out = tmp_path / "pulled" / "digits" / "theirs"
    assert command("pull", "me/elbo", "--out", out).startswith(f"{out}: me/elbo as of ")
    assert _bytes(out) == there

    # Another run in its place, without and with the newest.
    command("push", checkpoints / "digits" / "kl", "me/elbo")
    assert "pass --overwrite" in command("pull", "me/elbo", "--out", out, status=2)
    assert _bytes(out) == there
    command("pull", "me/elbo", "--out", out, "--overwrite")
    assert _bytes(out) == _bytes(checkpoints / "digits" / "kl")


def test_what_a_person_notes_of_a_run_is_not_sent(
    stand_in: Hub, command: Command, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = checkpoints / "digits" / "elbo"
    write_notes(run, RunNotes(name="mine", note="not for others"), load_notes(run))
    command("push", run, "me/elbo", "--private")
    assert checkpoint.NOTES not in stand_in.files["me/elbo"]
    assert stand_in.private == {"me/elbo"}
    monkeypatch.delenv("HF_TOKEN")
    out = checkpoints / "digits" / "theirs"
    assert "not on the Hub, or private" in command("pull", "me/elbo", "--out", out, status=2)
    assert not out.exists()
    assert "log in with `hf auth login`" in command("push", run, "me/elbo", status=2)


def test_what_no_reader_would_take_is_refused_and_what_is_there_stays(
    stand_in: Hub, command: Command, checkpoints: Path
) -> None:
    run = checkpoints / "digits" / "elbo"
    command("push", run, "me/elbo")
    files = stand_in.files["me/elbo"]
    files["model.safetensors"] = damaged(files["model.safetensors"])
    before = _bytes(run)
    line = command("pull", "me/elbo", "--out", run, "--overwrite", status=2)
    assert line.startswith("error: me/elbo: model.safetensors: damaged")
    assert _bytes(run) == before

    stand_in.files["me/other"] = {"config.json": b"{}", "pytorch_model.bin": b""}
    out = checkpoints / "digits" / "theirs"
    assert "holds no run of this project" in command("pull", "me/other", "--out", out, status=2)
    assert "has no such revision" in command("pull", "me/elbo", "--out", out, "--revision", "v2", status=2)
    assert "not on the Hub" in command("pull", "me/nothing", "--out", out, status=2)
    assert "no name of a repository" in command("pull", "a/b/c", "--out", out, status=2)
    assert not out.exists()
    shutil.copytree(run, out)
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    assert "holds mine.txt, which would be lost" in command("pull", "me/elbo", "--out", out, "--overwrite", status=2)


@pytest.mark.parametrize("words", [("push", "{run}", "me/elbo"), ("pull", "me/elbo", "--out", "{run}2")])
def test_without_a_way_to_the_hub_one_line_says_so(
    stand_in: Hub, command: Command, checkpoints: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    _lead_to("http://127.0.0.1:9", monkeypatch)  # where nothing listens
    run = checkpoints / "digits" / "elbo"
    line = command(*(word.replace("{run}", str(run)) for word in words), status=2)
    assert line.startswith("error: me/elbo: the Hub cannot be reached")
    assert not run.with_name("elbo2").exists()
