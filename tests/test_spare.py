"""A process held in reserve becomes the command that it is told, and ends with who holds it."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.server import ROOT
from training import checkpoint, spare
from training.options import FitOptions
from training.run import fit


def _spare(line: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "training.spare"]
    return subprocess.run(command, cwd=ROOT, input=line, capture_output=True, text=True, check=False)


def test_it_becomes_the_command_and_its_run_is_like_any_other(tmp_path: Path) -> None:
    words = ["fit", "--dataset", "digits", "--hidden-dims", "8", "--epochs", "1", "--out", str(tmp_path / "a b")]
    found = _spare(json.dumps(words) + "\n")
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[0] == "ready"
    assert found.stdout.splitlines()[1].endswith("nats per test image")
    fit(FitOptions(out=tmp_path / "plain", dataset="digits", hidden_dims=(8,), epochs=1))
    ours, theirs = (checkpoint.load_weights(tmp_path / name) for name in ("a b", "plain"))
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("", 0, ""),
        ("{}\n", 2, "error: standard input: expected one line, a JSON list of the words of a command\n"),
        ("fit\n", 2, "error: standard input: expected one line, a JSON list of the words of a command\n"),
        (
            '["fit", "--epochs", "0"]\n',
            2,
            "error: fit: --out (a path) must be given; see python -m training fit --help\n",
        ),
    ],
)
def test_what_it_is_told_wrong_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str, code: int, said: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))
    monkeypatch.setattr(sys, "argv", [])
    before = signal.getsignal(signal.SIGINT)
    try:
        assert spare.main() == code
    finally:
        signal.signal(signal.SIGINT, before)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("ready\n", said)
