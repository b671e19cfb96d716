"""A checkpoints folder that is one level off, misspelt or empty says what was looked for, and where runs do lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import loader
from explorer.nearby_runs import what_is_wrong
from tests.patience import PATIENCE_S
from tests.server import ROOT


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A home with a checkpoints folder of two runs."""
    for run in ("digits/elbo", "digits/kl"):
        (tmp_path / "home" / "checkpoints" / run).mkdir(parents=True)
        (tmp_path / "home" / "checkpoints" / run / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "home" / "notes").mkdir()
    return tmp_path / "home" / "checkpoints"


@pytest.mark.parametrize(
    "place", ["digits", "digits/elbo", "..", "../chekpoints", "digits/elbo/config.json", "../notes"]
)
def test_it_names_the_folder_that_has_runs(runs: Path, tmp_path: Path, place: str) -> None:
    sentence = what_is_wrong((runs / place).resolve(), tmp_path / "shipped")
    assert sentence.startswith("Looked for ") and "config.json" in sentence and "\n" not in sentence
    if place != "digits/elbo/config.json":
        assert sentence.endswith(f": start with EXPLORER_CHECKPOINTS={runs}")


def test_without_any_nearby_it_names_those_that_ship_if_they_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert what_is_wrong(tmp_path / "empty", ROOT / "checkpoints").endswith(
        f"EXPLORER_CHECKPOINTS={ROOT / 'checkpoints'}"
    )
    assert what_is_wrong(tmp_path / "empty", tmp_path / "none").endswith(", and found none.")
    assert "there is no such folder" in what_is_wrong(tmp_path / "absent", tmp_path / "none")


@pytest.mark.parametrize("place", ["mnist", "mnist/elbo", ".."])
def test_the_page_says_so_and_nothing_else(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str((ROOT / "checkpoints" / place).resolve()))
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=PATIENCE_S).run()
    assert not app.exception and not app.warning
    assert app.text[0].value.endswith(f"start with EXPLORER_CHECKPOINTS={ROOT / 'checkpoints'}")


def test_a_tilde_is_the_person_s_folder_and_an_empty_name_is_none(monkeypatch: pytest.MonkeyPatch, runs: Path) -> None:
    monkeypatch.setenv("HOME", str(runs.parent))
    monkeypatch.setenv("USERPROFILE", str(runs.parent))
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", "~/checkpoints")
    assert loader.checkpoints_root() == runs
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", "")
    assert loader.checkpoints_root() == ROOT / "checkpoints"
