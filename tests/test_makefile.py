"""`make explore` makes anew an environment whose Python is gone, and leaves a living one alone; and what is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not here")


def _dangling(environment: Path) -> None:
    for link in environment.glob("bin/python*"):
        link.unlink()
    (environment / "bin" / "python").symlink_to("/nowhere/python")


def _upgraded(environment: Path) -> None:
    file = environment / "pyvenv.cfg"
    file.write_text(
        file.read_text().replace(f"version = {sys.version_info.major}.{sys.version_info.minor}.", "version = 3.1.")
    )


@pytest.mark.parametrize(("fault", "anew"), [(lambda _: None, False), (_dangling, True), (_upgraded, True)])
def test_a_dead_environment_is_made_anew(tmp_path: Path, fault: object, anew: bool) -> None:
    for file in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / file, tmp_path)
    environment = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", environment], check=True)
    for stamp in (".installed", ".installed-dev"):
        (environment / stamp).touch()
    assert callable(fault)
    fault(environment)
    steps = subprocess.run(["make", "-n", "explore"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert ("rm -rf .venv\n" in steps) == anew
    assert ("--requirement requirements.txt" in steps) == anew
    assert environment.exists(), "it was only asked what it would do"


def test_a_module_stays_compiled_also_where_the_environment_forbids_it(tmp_path: Path) -> None:
    (tmp_path / "module.py").touch()
    asking = tmp_path / "asking"
    asking.write_text(f"PYTHON := {sys.executable}\nasked:\n\t@PYTHONPATH={tmp_path} $(PYTHON) -c 'import module'\n")
    forbidden = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": ""}
    subprocess.run(["make", "-f", "Makefile", "-f", asking, "asked"], cwd=ROOT, env=forbidden, check=True)
    assert list((tmp_path / "__pycache__").glob("module.*.pyc"))
