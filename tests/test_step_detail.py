"""A step in detail is the real step: its numbers, and where each term pulls, against gradients found otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence

from training.aevb import Trainer, Watcher
from training.data.datasets import ImageData, load_dataset
from training.measure.evaluation import as_pixels
from training.options import FitOptions
from training.step_detail import MOST_IMAGES, step_detail

CPU = torch.device("cpu")
BATCH = 40


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


def _trainer(data: ImageData, **changes: Any) -> Trainer:
    options = FitOptions(
        **{"out": Path("x"), "dataset": "digits", "hidden_dims": (16,), "batch_size": BATCH, "latent_dim": 3, **changes}
    )
    trainer = Trainer(options, data, CPU)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():  # codes that are not all alike, as after some epochs
        for value in trainer.model.encoder.parameters():
            value.add_(0.3 * torch.randn(value.shape, generator=generator))
    trainer.model.train()
    return trainer


class _Looking(Watcher):
    """Takes a step's detail, and its whole minibatch."""

    def drawn(self, trainer: Trainer, x: Tensor, noise: Tensor, y: Tensor | None) -> None:
        self.x, self.noise, self.y = x, noise, y
        self.arrays, self.means = step_detail(trainer, x, noise, y)


def _step(trainer: Trainer, data: ImageData) -> _Looking:
    """One real step, looked at."""
    trainer.watcher = looking = _Looking()
    trainer.chosen = np.arange(BATCH)
    batch, y = torch.from_numpy(data.train.images[:BATCH]), trainer.model.classes_of(data.train.labels[:BATCH])
    trainer._train_step(batch, y)
    return looking


def _mu_gradient(trainer: Trainer, data: ImageData) -> tuple[_Looking, Tensor]:
    """One real step, looked at, and the gradient that its backward pass brings to mu, times the minibatch's size."""
    found: list[Tensor] = []
    encode = trainer.model.encode

    def keeping(x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        mu, spread = encode(x, y)
        if mu.requires_grad:
            mu.retain_grad()
            found.append(mu)
        return mu, spread

    trainer.model.encode = keeping  # type: ignore[method-assign]
    looking = _step(trainer, data)
    (mu,) = found  # of the step alone: the look has no graph
    assert mu.grad is not None
    return looking, mu.grad[:MOST_IMAGES] * BATCH


VARIANTS: list[dict[str, Any]] = [
    {},
    {"posterior": "full"},
    {"beta": 4.0, "dropout": 0.2},
    {"objective": "autoencoder"},
    {"objective": "reconstruction"},
    {"objective": "kl"},
    {"condition": "label", "likelihood": "gaussian"},
    {"likelihood": "continuous-bernoulli", "architecture": "conv", "hidden_dims": (4,)},
    {"gradient": "score-function", "baseline": "none"},
    {"gradient": "score-function", "baseline": "mean", "posterior": "full"},
    {"gradient": "score-function", "baseline": "learned"},
]


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_both_pulls_are_the_gradient_that_the_step_follows(digits: ImageData, changes: dict[str, Any]) -> None:
    looking, gradient = _mu_gradient(_trainer(digits, **changes), digits)
    arrays = looking.arrays
    pulled = arrays["pull_reconstruction"] + arrays.get("pull_kl", 0)
    assert np.abs(pulled).max() > 1e-3
    np.testing.assert_allclose(pulled, -gradient, rtol=1e-4, atol=1e-4 * float(gradient.abs().max()))


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_looking_at_a_step_changes_nothing(digits: ImageData, changes: dict[str, Any]) -> None:
    looked, plain = _trainer(digits, **changes), _trainer(digits, **changes)
    torch.manual_seed(3)
    _step(looked, digits)
    random = looked.rng_state()
    torch.manual_seed(3)
    plain._train_step(
        torch.from_numpy(digits.train.images[:BATCH]), plain.model.classes_of(digits.train.labels[:BATCH])
    )
    ours, theirs = looked.model.state_dict(), plain.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert torch.equal(random, plain.rng_state())


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
@pytest.mark.parametrize("weight", [1.0, 4.0])
def test_pulls_against_differences_and_the_closed_form(digits: ImageData, posterior: str, weight: float) -> None:
    trainer = _trainer(digits, posterior=posterior, beta=weight)
    before = {name: value.double() for name, value in trainer.model.state_dict().items()}
    arrays = _step(trainer, digits).arrays
    trainer.model.double().load_state_dict(before)
    x, z = (
        as_pixels(torch.from_numpy(digits.train.images[:MOST_IMAGES])).double(),
        torch.from_numpy(arrays["z"]).double(),
    )

    def misfit(at: Tensor) -> Tensor:
        logits = trainer.model.decode(at)
        return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)

    step = 1e-5
    with torch.no_grad():
        for dimension in range(3):
            aside = torch.zeros_like(z)
            aside[:, dimension] = step
            slope = (misfit(z + aside) - misfit(z - aside)) / (2 * step)
            np.testing.assert_allclose(arrays["pull_reconstruction"][:, dimension], -slope, rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(arrays["reconstruction"], misfit(z), rtol=1e-5)
    # d KL / d mu is mu, whatever the covariance.
    np.testing.assert_allclose(arrays["pull_kl"], -weight * arrays["mu"], rtol=1e-5, atol=1e-6)


def test_a_step_s_numbers_belong_together(digits: ImageData) -> None:
    trainer = _trainer(digits, dropout=0.3)
    decoder = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    looking = _step(trainer, digits)
    arrays = looking.arrays
    assert len(arrays["z"]) == MOST_IMAGES
    sigma = np.exp(0.5 * arrays["log_var"])
    np.testing.assert_allclose(arrays["z"], arrays["mu"] + sigma * arrays["epsilon"], rtol=1e-5, atol=1e-6)
    assert np.array_equal(arrays["epsilon"], looking.noise[:MOST_IMAGES])
    assert np.array_equal(arrays["x"], digits.train.images[:MOST_IMAGES])
    assert np.array_equal(arrays["label"], digits.train.labels[:MOST_IMAGES])
    # The means are over the whole minibatch, and those of the step itself.
    assert trainer.sums / BATCH == pytest.approx([looking.means["reconstruction"], looking.means["kl"]], rel=1e-6)
    trainer.model.load_state_dict(decoder)
    decoded = trainer.model.image(torch.from_numpy(arrays["z"]))
    np.testing.assert_allclose(arrays["decoded"] / 255, decoded.detach(), atol=0.003)


def test_kl_and_log_var_of_a_full_covariance(digits: ImageData) -> None:
    trainer = _trainer(digits, posterior="full")
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    arrays = _step(trainer, digits).arrays
    trainer.model.load_state_dict(before)
    mu, factor = trainer.model.encode(as_pixels(torch.from_numpy(digits.train.images[:MOST_IMAGES])))
    q, prior = MultivariateNormal(mu, scale_tril=factor), MultivariateNormal(torch.zeros(3), torch.eye(3))
    np.testing.assert_allclose(arrays["kl"], kl_divergence(q, prior).detach(), rtol=1e-4)
    np.testing.assert_allclose(np.exp(arrays["log_var"]), q.variance.detach(), rtol=1e-4)


def test_what_a_deterministic_code_has_not(digits: ImageData) -> None:
    arrays = _step(_trainer(digits, objective="autoencoder"), digits).arrays
    assert set(arrays) == {"x", "mu", "z", "decoded", "label", "reconstruction", "pull_reconstruction"}
    assert np.array_equal(arrays["mu"], arrays["z"])


def test_a_term_of_weight_nought_does_not_pull(digits: ImageData) -> None:
    assert not _step(_trainer(digits, objective="reconstruction"), digits).arrays["pull_kl"].any()
    assert not _step(_trainer(digits, objective="kl"), digits).arrays["pull_reconstruction"].any()


@pytest.mark.parametrize("baseline", ["none", "mean"])
def test_the_score_function_pulls_along_log_q(digits: ImageData, baseline: str) -> None:
    trainer = _trainer(digits, gradient="score-function", baseline=baseline)
    trainer.watcher = looking = _Looking()
    trainer.chosen = np.arange(MOST_IMAGES)  # as many as are shown: the baseline is a mean over all
    trainer._train_step(torch.from_numpy(digits.train.images[:MOST_IMAGES]), None)
    arrays, f = looking.arrays, looking.arrays["reconstruction"].astype(np.float64)
    expected = (f.sum() - f) / (len(f) - 1) if baseline == "mean" else 0
    towards = (arrays["z"] - arrays["mu"]) / np.exp(arrays["log_var"])  # d log q / d mu
    pull = -(f - expected)[:, None] * towards
    np.testing.assert_allclose(arrays["pull_reconstruction"], pull, rtol=1e-3, atol=1e-3 * np.abs(pull).max())
