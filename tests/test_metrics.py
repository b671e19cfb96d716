"""The metrics of a latent space against independent definitions, and how they get into a finished checkpoint."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal, norm
from torch.distributions import Normal, kl_divergence

from tests import in_process
from tests.contents import damaged
from tests.server import ROOT
from training import checkpoint
from training.data.datasets import load_dataset
from training.errors import UserError
from training.measure.classifier import Classifier
from training.measure.definitions import DEFINITIONS, SHARES
from training.measure.metrics import (
    coverage_ceiling,
    neighbour_accuracy,
    prior_coverage,
    recognised_classes,
    recognised_share,
    sample_probabilities,
    units,
)
from training.model_card import model_card
from training.options import FitOptions
from training.run import evaluate


def _factors(log_var: np.ndarray) -> np.ndarray:
    return np.exp(0.5 * log_var)[:, :, None] * np.eye(log_var.shape[1])


def test_coverage_of_the_prior_by_itself_is_one() -> None:
    assert prior_coverage(np.zeros((7, 3)), _factors(np.zeros((7, 3)))) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("shift", [0.5, 2.0, 6.0])
def test_coverage_of_a_shifted_gaussian_is_the_textbook_overlap(shift: float) -> None:
    # Two unit Gaussians at distance d overlap by 2 Phi(-d / 2), in any dimension.
    mu = np.array([[shift, 0.0]])
    assert prior_coverage(mu, _factors(np.zeros((1, 2))), draws=200_000) == pytest.approx(
        2 * norm.cdf(-shift / 2), abs=0.004
    )


def test_coverage_of_a_mixture_is_the_integral_on_a_grid() -> None:
    rng = np.random.default_rng(1)
    mu, factor = rng.normal(0, 1.2, (20, 2)), np.tril(rng.normal(0, 0.4, (20, 2, 2)))
    factor[:, [0, 1], [0, 1]] = np.exp(rng.normal(-1, 0.3, (20, 2)))
    axis = np.linspace(-7, 7, 701)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    posterior = np.mean([multivariate_normal(m, f @ f.T).pdf(grid) for m, f in zip(mu, factor, strict=True)], axis=0)
    overlap = np.minimum(posterior, multivariate_normal([0, 0]).pdf(grid)).sum() * (axis[1] - axis[0]) ** 2
    assert prior_coverage(mu, factor, draws=100_000) == pytest.approx(overlap, abs=0.006)


@pytest.mark.parametrize("dim", [2, 12])
def test_coverage_of_diagonal_covariances_is_that_of_their_matrices(dim: int) -> None:
    rng = np.random.default_rng(dim)
    mu, log_var = rng.normal(0, 0.7, (60, dim)), rng.normal(-0.5, 0.3, (60, dim))
    found = prior_coverage(mu, np.exp(0.5 * log_var), draws=1000)
    assert found == pytest.approx(prior_coverage(mu, _factors(log_var), draws=1000), abs=1e-9)
    assert 0.01 < found < 1
    assert units(mu, np.exp(0.5 * log_var), 1.0) == units(mu, _factors(log_var), 1.0)


def test_coverage_of_posteriors_as_narrow_as_a_code_s_is_small_not_a_number_that_overflowed() -> None:
    mu = np.random.default_rng(0).normal(0, 30, (500, 8))
    assert prior_coverage(mu, _factors(np.full((500, 8), -20.0))) == 0


def test_neighbour_accuracy_is_that_of_a_full_table_of_distances() -> None:
    rng = np.random.default_rng(2)
    label = rng.integers(0, 4, 300)
    mu = rng.normal(size=(300, 3)) + label[:, None]
    distance = np.linalg.norm(mu[:, None] - mu, axis=2)
    np.fill_diagonal(distance, np.inf)
    near = label[np.argsort(distance, axis=1)[:, :10]]
    hits = [np.bincount(votes, minlength=4).argmax() == own for votes, own in zip(near, label, strict=True)]
    assert neighbour_accuracy(mu, label) == pytest.approx(np.mean(hits), abs=1e-12)


def test_neighbour_accuracy_leaves_the_image_itself_out() -> None:
    # Each point's only near companion has the other label: with itself among the neighbours this would be 1.
    mu = np.repeat(np.arange(20.0)[:, None] * 100, 2, axis=0) + np.tile([[0.0], [1.0]], (20, 1))
    label = np.tile([0, 1], 20)
    assert neighbour_accuracy(mu, label, neighbours=1) == 0
    assert neighbour_accuracy(mu[:10], label[:10]) is None


class _Judge(Classifier):
    """Sees a class in images brighter than a threshold, and just misses one half in the others."""

    def __init__(self, threshold: float) -> None:
        super().__init__((1, 8, 8), 2)
        self.threshold = threshold

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = x.mean((1, 2, 3)) > self.threshold
        return torch.where(seen[:, None], torch.tensor([0.3, 0.5, 0.2]), torch.tensor([0.3, 0.49, 0.21])).log()


def test_recognisable_counts_images_in_which_one_class_has_a_half(trained: Path) -> None:
    model = checkpoint.load_model(trained / "digits" / "elbo")
    with torch.no_grad():
        brightness = model.image(torch.randn(20_000, 2)).mean((1, 2, 3))
    threshold = float(brightness.quantile(0.7))
    for bright, share in ((threshold, 0.3), (-1, 1), (2, 0)):
        seen = sample_probabilities(model, _Judge(bright))
        assert recognised_share(seen) == pytest.approx(share, abs=0.03 if bright == threshold else 0)
        assert recognised_classes(seen) == (bright != 2), "it never sees the other class"


def test_few_gaussians_cover_the_prior_no_better_than_their_ceiling() -> None:
    """Points drawn of the prior itself, widened: in two dimensions many cover it, in sixteen they cannot."""
    rng = np.random.default_rng(5)
    for dim, count, low, high in ((2, 3000, 0.85, 1), (16, 3000, 0, 0.1)):
        sigma = np.full((count, dim), 0.3)
        mu = rng.normal(0, np.sqrt(1 - sigma**2))
        reached, ceiling = (
            prior_coverage(mu, _factors(2 * np.log(sigma))),
            coverage_ceiling(_factors(2 * np.log(sigma))),
        )
        assert low <= ceiling <= high
        assert reached == pytest.approx(ceiling, abs=0.02)
        shifted = prior_coverage(mu + 1, _factors(2 * np.log(sigma)))
        assert shifted < 0.8 * ceiling


def test_a_ceiling_of_wide_and_tilted_gaussians() -> None:
    assert coverage_ceiling(np.tile(np.eye(2), (50, 1, 1))) == pytest.approx(1, abs=1e-9)
    tilted = np.tile(np.linalg.cholesky([[0.5, 0.4], [0.4, 0.5]]), (4000, 1, 1))
    assert coverage_ceiling(tilted) > 0.9


def test_units_of_a_known_posterior() -> None:
    rng = np.random.default_rng(4)
    mu = np.stack([rng.normal(0, 1, 4000), rng.normal(0, 0.05, 4000), np.zeros(4000)], axis=1)
    factor = _factors(np.tile([-4.0, -0.5, 0.0], (4000, 1)))
    told = units(mu, factor, 2.5)
    own = [Normal(torch.from_numpy(mu[:, d]), torch.from_numpy(factor[:, d, d])) for d in range(3)]
    expected = [kl_divergence(q, Normal(0.0, 1.0)).mean().item() for q in own]
    assert told["kl_per_dimension"] == pytest.approx(expected, abs=1e-4)
    assert (told["active_units"], told["collapsed"]) == (1, False)
    assert units(mu, factor, 0.009)["collapsed"] is True
    assert units(mu[:, 1:], None, float("inf")) == {"kl_per_dimension": None, "active_units": 0, "collapsed": True}


def test_units_of_a_tilted_posterior_are_its_marginals() -> None:
    factor = np.array([[[0.5, 0.0], [0.3, 0.4]]])  # the second coordinate has the variance 0.3^2 + 0.4^2
    told = units(np.array([[1.0, 2.0]]), factor, 1.0)["kl_per_dimension"]
    expected = [kl_divergence(Normal(m, 0.5), Normal(0.0, 1.0)).item() for m in (1.0, 2.0)]
    assert told == pytest.approx(expected, abs=1e-4)


def test_a_finished_run_has_every_metric_or_none(trained: Path) -> None:
    metrics = {run: checkpoint.load_metrics(trained / "digits" / run) for run in ("autoencoder", "elbo", "conv")}
    assert all(set(DEFINITIONS) <= set(each) for each in metrics.values())
    assert metrics["autoencoder"]["prior_coverage"] is None
    assert all(0 < each["neighbour_accuracy"] <= 1 for each in metrics.values())
    assert all(each["recognisable"] is None for each in metrics.values()), "there is no classifier"


def test_save_changes_metrics_card_and_hashes_and_no_other_byte(checkpoints: Path) -> None:
    path = checkpoints / "digits" / "elbo"
    stored = checkpoint.load_metrics(path)
    old = {name: value for name, value in stored.items() if name not in SHARES}  # as runs were written before
    checkpoint.rewrite_metrics(path, old, "an old card")
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    printed = evaluate(path, Path("unused"), quick=True)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before
    assert evaluate(path, Path("unused"), save=True, quick=True) == printed
    after = {file.name: file.read_bytes() for file in path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"metrics.json", "README.md", "config.json"}
    checkpoint.verify(path)
    assert checkpoint.load_metrics(path) == {**printed, "best_epoch": stored["best_epoch"]}
    configs = [json.loads(files["config.json"]) for files in (before, after)]
    assert {**configs[0], "files": 0, "seal": 0} == {**configs[1], "files": 0, "seal": 0}
    card = after["README.md"].decode()
    assert all(f"| {name} | " in card for name in DEFINITIONS)


def test_the_options_of_a_run_come_back_from_its_record(trained: Path) -> None:
    config = checkpoint.load_config(trained / "digits" / "conv")
    options = FitOptions.from_recipe(trained / "digits" / "conv", config.training)
    assert options.recipe() == config.training
    metrics = checkpoint.load_metrics(trained / "digits" / "conv")
    card = (trained / "digits" / "conv" / "README.md").read_text()
    assert model_card(options, load_dataset("digits", Path("unused")), config.model, metrics) == card
    with pytest.raises(UserError, match="'training' does not hold the options of a run"):
        FitOptions.from_recipe(Path("x"), {**config.training, "colour": "red"})


def test_a_damaged_checkpoint_is_not_given_new_metrics(checkpoints: Path) -> None:
    path = checkpoints / "digits" / "elbo"
    file = path / "latents.safetensors"
    file.write_bytes(damaged(file.read_bytes()))
    with pytest.raises(checkpoint.CheckpointError, match=r"latents\.safetensors: damaged"):
        checkpoint.rewrite_metrics(path, {}, "")


def test_a_folder_inside_a_checkpoint_is_not_swept_away(checkpoints: Path) -> None:
    path = checkpoints / "digits" / "elbo"
    (path / "notes").mkdir()
    with pytest.raises(checkpoint.CheckpointError, match="notes: only files belong"):
        checkpoint.rewrite_metrics(path, {}, "")
    assert (path / "notes").exists()


def test_a_classifier_of_other_images_is_named(checkpoints: Path) -> None:
    shutil.copytree(ROOT / "checkpoints" / "mnist" / "classifier", checkpoints / "digits" / "classifier")
    done = in_process.training("evaluate", checkpoints / "digits" / "elbo")
    assert done.returncode == 2
    assert "classifier: for images of shape [1, 28, 28], not [1, 8, 8]" in done.stderr
    assert done.stderr.count("\n") == 1
