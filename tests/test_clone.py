"""A clone made where Git turns line ends around, as Git for Windows does by default, has whole runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.server import ROOT
from training import checkpoint

RUN = "checkpoints/mnist/kl"


def test_runs_are_whole_in_a_clone_with_autocrlf(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git = ["git", "-c", "core.autocrlf=true", "-c", "safe.directory=*"]
    subprocess.run([*git, "clone", "--quiet", "--no-checkout", "--shared", str(ROOT), str(clone)], check=True)
    wanted = [".gitattributes", "Makefile", RUN]
    subprocess.run([*git, "-C", str(clone), "checkout", "--quiet", "HEAD", "--", *wanted], check=True)
    assert b"\r\n" in (clone / "Makefile").read_bytes()  # Git did turn them around
    assert b"\r\n" not in (clone / RUN / "config.json").read_bytes()
    checkpoint.verify(clone / RUN)
