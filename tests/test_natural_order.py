"""Runs, data sets and tours in the order that people expect of names with numbers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from explorer import loader


def test_runs_data_sets_and_tours_come_as_people_count(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(tmp_path))
    monkeypatch.setenv("EXPLORER_TOURS", str(tmp_path))
    run = trained / "digits" / "elbo"
    for place in ("set-10/elbo", "set-2/elbo", "mnist/seed-10", "mnist/seed-9", "mnist/Seed-1", "mnist/kl"):
        shutil.copytree(run, tmp_path / place)
    for name in ("talk-10", "talk-9"):
        (tmp_path / f"{name}.toml").write_text("", encoding="utf-8")
    names = loader.catalog().names
    assert list(names) == ["mnist", "set-2", "set-10"]
    assert names["mnist"] == ["kl", "Seed-1", "seed-9", "seed-10"]
    assert list(loader.tour_files())[-2:] == ["talk-9", "talk-10"]
