"""A system whose text is not UTF-8, as Windows is up to Python 3.14; and names of files that are no text at all."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer import loader
from tests.patience import PATIENCE_S
from tests.server import ROOT
from training import checkpoint

CODE = [file for room in ("training", "explorer", "benchmarks", "docs") for file in ROOT.joinpath(room).rglob("*.py")]
# Windows: files' names are Unicode, a terminal's text is not, nor a file's that is opened without a word on it. Here
# such an opening is an error, in whatever module.
SYSTEM = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252:strict", "PYTHONWARNDEFAULTENCODING": "1"}
STRICT = ["-W", "error::EncodingWarning"]
SMALL = ["--epochs", "1", "--hidden-dims", "8"]
BYTES = pytest.mark.skipif(sys.platform != "linux", reason="names are text there")


def _is_true(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def unspecified(code: str) -> list[int]:
    """Lines that open a text file, or talk with a process in text, in whatever encoding the system has."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        told = {keyword.arg: keyword.value for keyword in node.keywords}
        texts = [text.value for text in [*node.args, *told.values()] if isinstance(text, ast.Constant)]
        modes = [text for text in texts if isinstance(text, str) and re.fullmatch("[rwax+bt]{1,3}", text)]
        plain = isinstance(node.func, ast.Name) and not modes
        opened = name in ("open", "fdopen", "NamedTemporaryFile") and (plain or any("b" not in mode for mode in modes))
        opened |= name in ("read_text", "write_text", "TextIOWrapper") or _is_true(told.get("text"))
        if opened and "encoding" not in told:
            found.append(node.lineno)
    return found


def test_the_rule_finds_them() -> None:
    for code in (
        "open(f)",
        "open(f, 'a')",
        "p.open('w')",
        "p.read_text()",
        "p.write_text(t)",
        "subprocess.run(c, text=True)",
    ):
        assert unspecified(code) == [1], code
    for code in ("open(f, 'rb')", "p.open('wb')", "p.read_bytes()", "p.read_text(encoding='utf-8')", "Image.open(f)"):
        assert unspecified(code) == [], code


@pytest.mark.parametrize("file", CODE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_text_is_utf_8_on_every_system(file: Path) -> None:
    assert unspecified(file.read_text(encoding="utf-8")) == []


def _folders(root: Path, names: list[str]) -> None:
    generator = np.random.default_rng(0)
    for name in names:
        (root / name).mkdir(parents=True)
        for index in range(20):
            with (root / name / f"{index}é.png").open("wb") as file:
                Image.fromarray(generator.integers(0, 256, (8, 8), np.uint8)).save(file, "PNG")


def _run(*command: object, **options: Any) -> bytes:
    """What a command says, after it has ended well."""
    done = subprocess.run([sys.executable, *command], capture_output=True, **options)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def test_fit_and_the_app_work_where_text_is_cp1252(tmp_path: Path) -> None:
    names = ["Größe", "日本"]
    _folders(tmp_path / "Bilder ü", names)
    out = tmp_path / "läufe" / "ж" / "elbo"
    environment = {**os.environ, **SYSTEM, "EXPLORER_CHECKPOINTS": str(tmp_path / "läufe")}
    fit = ["fit", "--dataset", f"folder:{tmp_path / 'Bilder ü'}", "--out", out, *SMALL, "--data-dir", tmp_path]
    said = _run(*STRICT, "-m", "training", *fit, cwd=ROOT, env=environment)
    assert b"\\u0436" in said and "läufe".encode("cp1252") in said, "what the terminal lacks is written as its number"
    assert sorted(checkpoint.load_config(out).dataset["classes"]) == sorted(names)
    code = (
        "import sys, warnings; warnings.simplefilter('ignore'); warnings.simplefilter('error', EncodingWarning); "
        "warnings.filterwarnings('ignore', category=EncodingWarning, module='plotly'); "
        "from streamlit.testing.v1 import AppTest; at = AppTest.from_file('explorer/app.py', default_timeout=60); "
        "at.query_params['dataset'] = '\\u0436'; at.run(); "
        "assert not at.exception and not at.warning and not at.toast; assert at.get('bidi_component')"
    )
    _run("-c", code, cwd=ROOT, env=environment)


@BYTES
def test_names_that_are_no_text_are_shown_as_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _folders(tmp_path / "photos", ["caf\udce9", "plain"])
    runs = tmp_path / "runs"
    out = runs / "photos" / "caf\udce9"
    fit = ["fit", "--dataset", f"folder:{tmp_path / 'photos'}", "--out", out, *SMALL, "--data-dir", tmp_path]
    assert b"caf\\udce9" in _run("-m", "training", *fit, cwd=ROOT)
    assert sorted(checkpoint.load_config(out).dataset["classes"]) == ["caf\\udce9", "plain"]
    out.rename(runs / "photos" / "good")
    (runs / "photos" / "n\udce9").mkdir()
    (runs / "d\udce9" / "run").mkdir(parents=True)
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(runs))
    assert loader.catalog().names == {"photos": ["good"]}
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=PATIENCE_S).run()
    assert not app.exception
    assert ["its name is not UTF-8" in warning.value for warning in app.warning] == [True, True]


def test_a_tilde_is_the_person_s_folder_and_any_folder_will_do(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    fit = ["fit", "--dataset", "digits", *SMALL, "--data-dir=~/data", "--out=~/runs/digits/elbo"]
    _run(ROOT / "training", *fit, cwd=tmp_path, env=environment)  # the program by its place
    assert (tmp_path / "runs" / "digits" / "elbo" / "config.json").is_file()
    assert not (tmp_path / "~").exists()
