"""A full covariance: sampling, density and divergence against torch.distributions; a run trained with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence

from training import checkpoint
from training.errors import UserError
from training.model.posterior import cholesky_factor, kl_to_prior, log_density, sample, standard_deviations
from training.options import FitOptions
from training.run import evaluate, fit


def _gaussians(dim: int, count: int = 5) -> tuple[Tensor, Tensor, MultivariateNormal]:
    torch.manual_seed(dim)
    mu = torch.randn(count, dim, dtype=torch.double)
    factor = cholesky_factor(0.5 * torch.randn(count, dim * (dim + 1) // 2, dtype=torch.double))
    return mu, factor, MultivariateNormal(mu, scale_tril=factor)


@pytest.mark.parametrize("dim", [1, 2, 3, 7])
def test_the_factor_is_lower_triangular_with_a_positive_diagonal(dim: int) -> None:
    head = torch.arange(dim * (dim + 1) // 2, dtype=torch.double)[None]
    factor = cholesky_factor(head)
    assert factor.shape == (1, dim, dim)
    assert torch.equal(factor, factor.tril())
    torch.testing.assert_close(factor[0].diagonal().log(), head[0, :dim])
    assert torch.equal(factor[0][*torch.tril_indices(dim, dim, -1)], head[0, dim:])


@pytest.mark.parametrize("dim", [1, 2, 3, 7])
def test_kl_and_density_are_those_of_torch(dim: int) -> None:
    mu, factor, q = _gaussians(dim)
    prior = MultivariateNormal(torch.zeros(dim).double(), torch.eye(dim).double())
    torch.testing.assert_close(kl_to_prior(mu, factor), kl_divergence(q, prior))
    z = torch.randn(5, dim, dtype=torch.double)
    torch.testing.assert_close(log_density(mu, factor, z), q.log_prob(z))
    torch.testing.assert_close(standard_deviations(mu, factor), q.variance.sqrt())


def test_samples_have_the_mean_and_covariance() -> None:
    mu, factor, q = _gaussians(2, count=1)
    noise = torch.randn(200_000, 2, dtype=torch.double)
    z = sample(mu.expand(len(noise), 2), factor.expand(len(noise), 2, 2), noise)
    torch.testing.assert_close(z.mean(0), mu[0], atol=0.01, rtol=0)
    torch.testing.assert_close(torch.cov(z.T), q.covariance_matrix[0], atol=0.02, rtol=0)


def test_a_diagonal_factor_is_the_diagonal_posterior() -> None:
    mu, log_var, noise = torch.randn(3, 4, 2)
    factor = torch.diag_embed(torch.exp(0.5 * log_var))
    torch.testing.assert_close(sample(mu, factor, noise), sample(mu, log_var, noise))
    torch.testing.assert_close(kl_to_prior(mu, factor), kl_to_prior(mu, log_var))
    torch.testing.assert_close(log_density(mu, factor, noise), log_density(mu, log_var, noise))


@pytest.mark.parametrize("latent_dim", [2, 3])
def test_a_run_with_full_covariance_is_trained_stored_and_read(tmp_path: Path, latent_dim: int) -> None:
    out = tmp_path / "digits" / "full"
    fit(FitOptions(out=out, dataset="digits", posterior="full", epochs=2, hidden_dims=(16,), latent_dim=latent_dim))
    checkpoint.verify(out)
    latents = checkpoint.load_latents(out)
    factor = latents["scale_tril"]
    assert factor.shape == (len(latents["mu"]), latent_dim, latent_dim)
    assert np.array_equal(factor, np.tril(factor))
    assert np.abs(factor[:, 1, 0]).max() > 0, "tilted"
    q = MultivariateNormal(torch.from_numpy(latents["mu"]), scale_tril=torch.from_numpy(factor))
    prior = MultivariateNormal(torch.zeros(latent_dim), torch.eye(latent_dim))
    np.testing.assert_allclose(latents["kl"], kl_divergence(q, prior).numpy(), rtol=1e-3, atol=1e-3)
    stored = checkpoint.load_metrics(out)
    assert evaluate(out, tmp_path)["elbo"] == pytest.approx(stored["elbo"], abs=1e-3)


@pytest.mark.parametrize("baseline", ["none", "mean", "learned"])
def test_a_run_by_the_score_function_is_trained(tmp_path: Path, baseline: str) -> None:
    options = {
        "dataset": "digits",
        "gradient": "score-function",
        "baseline": baseline,
        "epochs": 2,
        "hidden_dims": (16,),
    }
    fit(FitOptions(out=tmp_path / "a" / "whole", **options))
    history = checkpoint.load_history(tmp_path / "a" / "whole")
    assert history[1]["train_reconstruction"] < history[0]["train_reconstruction"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "autoencoder", "gradient": "score-function"}, "--gradient score-function"),
        ({"baseline": "mean"}, "--baseline mean"),
        ({"objective": "autoencoder", "posterior": "full"}, "--posterior full"),
    ],
)
def test_options_that_make_no_sense_together_are_named(options: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        FitOptions(out=Path("x"), **options)
