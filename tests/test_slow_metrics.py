"""What `python -m training evaluate DIR --save` adds to a finished run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training import checkpoint, classifier_folder
from training.measure import slow_metrics
from training.measure.classifier import train_classifier
from training.measure.definitions import ALL_DEFINITIONS, FACTOR_DEFINITIONS, SLOW_DEFINITIONS
from training.options import ClassifierOptions
from training.run import evaluate


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_metrics, "BOUND_DRAWS", 400)


def test_evaluate_adds_every_slow_metric_and_its_sample_sizes(
    checkpoints: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = checkpoints / "digits" / "elbo"
    train_classifier(ClassifierOptions(out=checkpoints / "digits" / "classifier", dataset="digits", epochs=1))
    assert not set(SLOW_DEFINITIONS) & set(checkpoint.load_metrics(path)), "fit is to stay quick"
    evaluate(path, Path("unused"), save=True)
    assert "importance-weighted bound: 100%" in capfd.readouterr().err
    metrics = checkpoint.load_metrics(path)
    assert set(ALL_DEFINITIONS) - set(FACTOR_DEFINITIONS) <= set(metrics), "no factors here, no scores of them"
    assert not set(FACTOR_DEFINITIONS) & set(metrics)
    assert metrics["definitions"] == ALL_DEFINITIONS
    # A deeper look at the same images: ELBO <= bound of many draws <= log p(x), each with its own noise.
    assert metrics["bound_elbo"] == pytest.approx(metrics["elbo"], abs=1e-3)  # all 250 test images both times
    assert metrics["bound_elbo"] < metrics["importance_weighted_bound"] < metrics["log_evidence"] + 0.02
    assert metrics["log_evidence"] - metrics["importance_weighted_bound"] < 0.1
    assert (metrics["bound_images"], metrics["bound_draws"], metrics["frechet_images"]) == (250, 400, 250)
    gap = metrics["gap"]
    assert sum(gap["counts"]) == gap["images"] == 500
    assert len(gap["edges"]) == len(gap["counts"]) + 1
    assert 0 <= gap["quantiles"]["0.05"] <= gap["quantiles"]["0.5"] <= gap["quantiles"]["0.95"]
    # The counts are those of the quantiles: half of the images lie below the median.
    below = np.array(gap["counts"])[np.array(gap["edges"])[1:] <= gap["quantiles"]["0.5"]].sum()
    assert below <= 250 <= below + max(gap["counts"])
    assert all(metrics[f"frechet_{what}"] > 0 for what in ("samples", "reconstructions"))
    judge = classifier_folder.load_classifier(checkpoints / "digits" / "classifier")[0]
    assert metrics["feature_network"] == {
        "name": "classifier of digits, 128 features",
        "accuracy": judge["accuracy"],
        "sha256": judge["sha256"],
    }
    assert metrics["inception_samples"] is metrics["inception_reconstructions"] is None
    card = (path / "README.md").read_text()
    assert f"| importance_weighted_bound | {metrics['importance_weighted_bound']:.2f} | " in card
    assert f"| gap | {gap['mean']:.2f} | " in card
    assert judge["sha256"][:12] in card
    # A quick look afterwards keeps them.
    assert evaluate(path, Path("unused"), quick=True) == metrics


def test_a_code_without_noise_has_neither_bounds_nor_a_gap(checkpoints: Path) -> None:
    metrics = evaluate(checkpoints / "digits" / "autoencoder", Path("unused"))
    assert all(metrics[name] is None for name in SLOW_DEFINITIONS), "and there is no classifier"
    assert metrics["feature_network"] is None


def test_three_dimensions_have_a_bound_but_no_integral(checkpoints: Path) -> None:
    metrics = evaluate(checkpoints / "digits" / "conv", Path("unused"))
    assert metrics["importance_weighted_bound"] > metrics["bound_elbo"]
    assert metrics["log_evidence"] is metrics["gap"] is None
