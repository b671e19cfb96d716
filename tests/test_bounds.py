"""Bounds on log p(x) of many images and the gap to it, against closed forms of a linear decoder."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import MultivariateNormal, kl_divergence

from training.measure.bounds import gaps, importance_weighted_bounds
from training.model.spec import ModelSpec, PosteriorName
from training.model.vae import VAE

SIGMA = 0.1
COUNT = 12


class _Linear(VAE):
    """A Gaussian whose mean is linear in z: p(x) and p(z|x) are Gaussians too. q(z|x) is what the test says."""

    def __init__(self, posterior: PosteriorName, mu: Tensor, spread: Tensor) -> None:
        super().__init__(ModelSpec((1, 3, 3), 2, "mlp", (8,), (8,), "silu", 0.0, posterior, "gaussian"))
        self.log_sigma = nn.Parameter(torch.tensor(math.log(SIGMA)))
        torch.manual_seed(3)
        self.map = 0.02 * torch.randn(9, 2)
        self.mu, self.spread = mu, spread
        self.served = 0

    def decode(self, z: Tensor, _y: Tensor | None = None) -> Tensor:
        return torch.logit(0.5 + z @ self.map.T.to(z.dtype)).view(-1, 1, 3, 3)

    def encode(self, x: Tensor, _y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        start = self.served
        self.served = (self.served + len(x)) % COUNT
        return self.mu[start : start + len(x)], self.spread[start : start + len(x)]

    def evidence(self, x: Tensor) -> Tensor:
        covariance = self.map @ self.map.T + SIGMA**2 * torch.eye(9)
        return MultivariateNormal(torch.full((9,), 0.5), covariance).log_prob(x.flatten(1))

    def true_posterior(self, x: Tensor) -> MultivariateNormal:
        precision = torch.eye(2) + self.map.T @ self.map / SIGMA**2
        mean = torch.linalg.solve(precision, self.map.T @ (x.flatten(1).T - 0.5) / SIGMA**2).T
        return MultivariateNormal(mean, precision_matrix=precision)


def _case(posterior: PosteriorName) -> tuple[_Linear, Tensor, MultivariateNormal]:
    torch.manual_seed(5)
    mu = 0.4 * torch.randn(COUNT, 2)
    if posterior == "full":
        spread = torch.tril(0.3 * torch.randn(COUNT, 2, 2), -1) + torch.diag_embed(0.7 + 0.4 * torch.rand(COUNT, 2))
        q = MultivariateNormal(mu, scale_tril=spread)
    else:
        spread = -0.2 + 0.4 * torch.randn(COUNT, 2)
        q = MultivariateNormal(mu, torch.diag_embed(spread.exp()))
    model = _Linear(posterior, mu, spread)
    return model, 0.5 + SIGMA * torch.randn(COUNT, 1, 3, 3), q


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
def test_the_gap_is_the_divergence_of_the_two_gaussians(posterior: PosteriorName) -> None:
    model, x, q = _case(posterior)
    expected = kl_divergence(q, model.true_posterior(x))
    assert expected.max() > 0.1
    torch.testing.assert_close(gaps(model, x).float(), expected, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
def test_many_draws_come_near_the_evidence_from_below(posterior: PosteriorName) -> None:
    model, x, q = _case(posterior)
    evidence, gap = model.evidence(x), kl_divergence(q, model.true_posterior(x))
    heard: list[int] = []
    many = importance_weighted_bounds(model, x, 5000, 0, heard.append)
    assert (many - evidence).abs().max() < 0.2
    assert sum(heard) == COUNT
    one = torch.stack([importance_weighted_bounds(model, x, 1, seed) for seed in range(1000)]).mean(0)
    torch.testing.assert_close(one.float(), evidence - gap, atol=0.15, rtol=0)  # K = 1 is the ELBO
    few = torch.stack([importance_weighted_bounds(model, x, 10, seed) for seed in range(100)]).mean()
    assert one.mean() < few < evidence.mean() + 0.01
