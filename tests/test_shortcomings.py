"""A run that is no better than it was before training says so: on standard error, in its metrics, card and sentence."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from explorer import loader
from training import checkpoint
from training.options import FitOptions
from training.run import fit
from training.shortcomings import shortcomings, stored_shortcomings

LIVELY = {"collapsed": False, "kl": 3.0}


def _options(**changed: Any) -> FitOptions:
    return FitOptions(**{"out": Path("x"), "dataset": "digits", **changed})


@pytest.mark.parametrize(
    ("changed", "loss", "untrained", "best_epoch", "metrics", "begins"),
    [
        ({}, 150.0, 206.0, 9, LIVELY, None),
        ({"learning_rate": 50.0}, 1.6e7, 206.0, 1, LIVELY, "worse than untrained"),
        ({"learning_rate": 1e-9}, 205.99, 206.0, 9, LIVELY, "hardly better than untrained"),
        ({}, math.inf, 206.0, 0, LIVELY, "no epoch has a finite loss"),
        ({}, 180.0, 206.0, 9, {"collapsed": True, "kl": 0.0004}, "posterior collapse"),
        ({"objective": "kl"}, 0.0001, 0.4, 9, {"collapsed": True, "kl": 0.0001}, None),
        ({"objective": "kl"}, 0.0001, 0.0001, 9, {"collapsed": True, "kl": 0.0001}, None),
        ({"objective": "kl"}, 9.0, 0.4, 9, LIVELY, "worse than untrained"),
        ({"objective": "autoencoder"}, 90.0, 206.0, 9, {"collapsed": False, "kl": None}, None),
        ({}, -300.0, -100.0, 9, LIVELY, None),  # a density of pixels can be above 1
        ({}, -100.1, -100.0, 9, LIVELY, "hardly better than untrained"),
        ({}, -50.0, -100.0, 9, LIVELY, "worse than untrained"),
    ],
)
def test_each_case_has_its_line(
    changed: dict[str, Any],
    loss: float,
    untrained: float,
    best_epoch: int,
    metrics: dict[str, Any],
    begins: str | None,
) -> None:
    lines = shortcomings(_options(**changed), loss, untrained, best_epoch, metrics)
    assert len(lines) == (begins is not None)
    assert all(line.startswith(str(begins)) and "\n" not in line for line in lines)


def test_a_learning_rate_of_fifty_is_said_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "digits" / "fast"
    fit(_options(out=out, epochs=2, hidden_dims=(32,), learning_rate=50.0, objective="autoencoder"))
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert len(said) == 1
    assert said[0].startswith(f"warning: {out}: worse than untrained")
    assert "--learning-rate (now 50)" in said[0]
    (line,) = stored_shortcomings(checkpoint.load_metrics(out))
    assert said[0].endswith(line)
    assert f"Warning: {line}." in (out / "README.md").read_text(encoding="utf-8")
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(tmp_path))
    run = loader.catalog().find("digits", "fast")
    assert run
    assert run.words.sentence.startswith("Worse than untrained")


def test_a_good_run_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit(_options(out=tmp_path / "run", epochs=20, hidden_dims=(32,)))
    assert "warning: " not in capsys.readouterr().err
    assert "shortcomings" not in checkpoint.load_metrics(tmp_path / "run")
    assert "Warning: " not in (tmp_path / "run" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("found", [None, "text", [1, None, "", "true"]])
def test_what_a_stranger_s_metrics_hold_is_taken_as_text_or_not_at_all(found: object) -> None:
    assert stored_shortcomings({"shortcomings": found}) == (["true"] if isinstance(found, list) else [])
