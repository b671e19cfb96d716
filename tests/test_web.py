"""Runs the tests of the browser's modules that are written in JavaScript: those of what time and order do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from deno import find_deno_bin

from tests.javascript import OFFLINE, deno_environment
from tests.patience import PATIENCE_S
from tests.server import ROOT

FILES = sorted((ROOT / "tests" / "web").glob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_in_deno(file: Path) -> None:
    command = [find_deno_bin(), "test", *OFFLINE, str(file)]
    done = subprocess.run(command, cwd=ROOT, env=deno_environment(), capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_some() -> None:
    assert len(FILES) >= 2
