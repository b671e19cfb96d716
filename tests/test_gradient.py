"""Gradient estimators: unbiased for the exact gradient, which a fine grid gives for one latent dimension."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from training.gradient import GradientEstimator, mean_of_others
from training.model.posterior import log_density
from training.model.spec import ModelSpec
from training.model.vae import VAE
from training.options import BaselineName, GradientName

SPEC = ModelSpec((1, 2, 2), 1, "mlp", (4,), (4,), "silu", 0.0, "diagonal", "bernoulli")
CASES: list[tuple[GradientName, BaselineName]] = [
    ("reparameterization", "none"),
    ("score-function", "none"),
    ("score-function", "mean"),
    ("score-function", "learned"),
]


def _model() -> tuple[VAE, Tensor]:
    torch.manual_seed(1)
    model = VAE(SPEC).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)  # so that the decoder bends within q's width
    return model, torch.rand(3, 1, 2, 2, dtype=torch.double)


def _gradient(loss: Tensor, model: VAE) -> Tensor:
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))])


def _exact(model: VAE, x: Tensor) -> Tensor:
    """The gradient of the mean of E_q[-log p(x|z)] + KL, the expectation summed over a grid of 4,001 z."""
    mu, log_var = model.encode(x)
    q = Normal(mu, torch.exp(0.5 * log_var))
    grid = torch.linspace(-12, 12, 4001, dtype=torch.double)
    weight = torch.exp(q.log_prob(grid)) * (grid[1] - grid[0])
    f = torch.stack([model.reconstruction(x[[i] * len(grid)], grid[:, None]) for i in range(len(x))])
    kl = torch.distributions.kl_divergence(q, Normal(torch.zeros(1).double(), torch.ones(1).double()))
    return _gradient(((weight * f).sum(1) + kl[:, 0]).mean(), model)


@pytest.mark.parametrize(("gradient", "baseline"), CASES)
def test_unbiased_within_four_standard_errors(gradient: GradientName, baseline: BaselineName) -> None:
    model, x = _model()
    exact = _exact(model, x)
    estimator = GradientEstimator(gradient, baseline, (1, 2, 2)).double()
    torch.manual_seed(2)
    draws = []
    for _ in range(2500):
        terms = estimator.terms(model, x, torch.randn(3, 1, dtype=torch.double))
        draws.append(_gradient((terms.reconstruction + terms.kl).mean(), model))
    samples = torch.stack(draws)
    error = samples.std(0) / math.sqrt(len(samples))
    assert ((samples.mean(0) - exact).abs() <= 4 * error + 1e-9).all()
    assert (error > 0).sum() > 10


@pytest.mark.parametrize(("gradient", "baseline"), CASES)
def test_values_are_the_plain_terms(gradient: GradientName, baseline: BaselineName) -> None:
    model, x = _model()
    noise = torch.randn(3, 1, dtype=torch.double)
    terms, plain = (
        GradientEstimator(gradient, baseline, (1, 2, 2)).double().terms(model, x, noise),
        model.terms(x, noise),
    )
    torch.testing.assert_close(terms.reconstruction, plain.reconstruction)
    torch.testing.assert_close(terms.kl, plain.kl)


def test_a_learned_baseline_learns_what_to_expect() -> None:
    model, x = _model()
    estimator = GradientEstimator("score-function", "learned", (1, 2, 2)).double()
    optimizer = torch.optim.Adam(estimator.parameters(), lr=0.01)
    for _ in range(600):
        optimizer.zero_grad()
        estimator.terms(model, x, torch.randn(3, 1, dtype=torch.double)).reconstruction.sum().backward()
        optimizer.step()
    draws = torch.stack([model.terms(x, torch.randn(3, 1, dtype=torch.double)).reconstruction for _ in range(2000)])
    expected = draws.mean(0)
    learned = torch.stack([estimator.expected(x, f)[0] for f in draws]).mean(0)
    assert ((learned - expected).abs() < 0.2 * (mean_of_others(expected) - expected).abs().max()).all()


def test_the_mean_of_others_leaves_each_image_s_own_out() -> None:
    f = torch.tensor([[1.0, 2.0, 6.0]])
    torch.testing.assert_close(mean_of_others(f), torch.tensor([[4.0, 3.5, 1.5]]))
    torch.testing.assert_close(mean_of_others(f[:, :1]), torch.zeros(1, 1))


def test_log_density_is_that_of_torch() -> None:
    mu, log_var, z = torch.randn(3, 5, 4)
    expected = Normal(mu, torch.exp(0.5 * log_var)).log_prob(z).sum(-1)
    torch.testing.assert_close(log_density(mu, log_var, z), expected)
