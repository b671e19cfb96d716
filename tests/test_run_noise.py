"""What `python -m training gradient-noise` keeps beside runs: it is what the page would draw, and only of such runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from explorer import estimators, loader
from tests.contents import replace_config
from tests.server import ROOT
from training import checkpoint
from training.measure.run_noise import measure_runs
from training.measure.variance_files import NOISE_FILE, load_noise
from training.regular_file import CheckpointError


@pytest.fixture
def measured(checkpoints: Path) -> Path:
    """A run, measured."""
    run = checkpoints / "digits" / "elbo"
    assert "is worth" in measure_runs([run])[str(run)]
    return run


def test_every_shipped_run_that_has_noise_is_shown_without_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    runs = [run for of in loader.catalog().datasets.values() for run in of.values()]
    noisy = [run for run in runs if run.config.model.posterior != "deterministic" and not run.config.model.condition]
    assert len(noisy) > 10
    for run in noisy:
        batch = estimators.batch(run, 16, 0)
        assert estimators.kept(batch, 2048), run.path
        assert list(estimators.draw(batch, 2048)) == []
        assert estimators.kept(batch, 1024) is None
        assert estimators.kept(estimators.batch(run, 16, 1), 2048) is None


def test_what_is_kept_is_what_would_be_drawn(measured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(measured.parent.parent))
    batch = estimators.batch(loader.catalog().datasets["digits"]["elbo"], 16, 0)
    kept = estimators.kept(batch, 2048)
    assert kept
    (measured.parent / NOISE_FILE).unlink()
    assert estimators.kept(batch, 2048) is None
    assert list(estimators.draw(batch, 2048))[-1] == 1
    drawn = estimators.measured(batch, 2048)
    assert list(kept.curves) == list(drawn.curves)
    for name, curve in drawn.curves.items():
        np.testing.assert_allclose(kept.curves[name], curve, rtol=1e-5)
    for name, agreement in drawn.agreement.items():
        np.testing.assert_allclose(kept.agreement[name], agreement, rtol=1e-5)
    assert kept.squared_length == pytest.approx(drawn.squared_length, rel=1e-5)
    assert kept.clamped == drawn.clamped


def test_figures_of_other_runs_stay_and_those_of_a_replaced_run_are_not_shown(
    measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = measured.with_name("copy")
    shutil.copytree(measured, other)
    measure_runs([other])
    file = measured.parent / NOISE_FILE
    assert list(load_noise(file)) == ["copy", "elbo"]
    config = json.loads((other / checkpoint.CONFIG).read_text())
    replace_config(other, {**config, "dataset": {**config["dataset"], "source": "elsewhere"}})
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(measured.parent.parent))
    runs = loader.catalog().datasets["digits"]
    assert estimators.kept(estimators.batch(runs["elbo"], 16, 0), 2048)
    assert estimators.kept(estimators.batch(runs["copy"], 16, 0), 2048) is None


def test_a_changed_file_is_refused_with_the_command_that_makes_it_anew(measured: Path) -> None:
    file = measured.parent / NOISE_FILE
    whole = file.read_text()
    file.write_text(whole.replace('"seed": 0', '"seed": 1'))
    with pytest.raises(CheckpointError, match=r"seal differs.*gradient-noise"):
        load_noise(file)
    content = json.loads(whole)
    del content["seal"], content["runs"]["elbo"]["curves"]["none"]
    file.write_text(json.dumps({**content, "format_version": 1}))
    with pytest.raises(CheckpointError, match=r"runs\.elbo\.curves.*gradient-noise"):
        load_noise(file)


def test_runs_without_noise_are_skipped() -> None:
    shipped = ROOT / "checkpoints" / "mnist"
    said = measure_runs([shipped / "autoencoder", shipped / "elbo-conditional"])
    assert [words.split(":")[0] for words in said.values()] == ["skipped", "skipped"]
