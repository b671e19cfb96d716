"""Variance of the gradient estimators: against the gradients that training takes, and against known variances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from training.errors import UserError
from training.gradient import GradientEstimator
from training.measure.noise import agreement, variance, variance_curve
from training.measure.variance import GradientDraws, gram
from training.model.spec import ModelSpec
from training.model.vae import VAE

IMAGES = 3
MLP = ModelSpec((1, 4, 4), 2, "mlp", (7, 5), (5,), "silu", 0.0, "diagonal", "bernoulli")
CONV = ModelSpec((2, 8, 8), 3, "conv", (3, 4), (4, 3), "relu", 0.0, "full", "gaussian")
SPECS = pytest.mark.parametrize("spec", [MLP, CONV], ids=["mlp", "conv"])


def _model(spec: ModelSpec) -> tuple[VAE, Tensor]:
    torch.manual_seed(0)
    return VAE(spec), torch.rand(IMAGES, *spec.image_shape)


def _whole(loss: Tensor, model: VAE) -> Tensor:
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.encoder.parameters()))]).double()


@SPECS
def test_gram_matrix_is_that_of_the_encoder_s_whole_jacobian(spec: ModelSpec) -> None:
    model, x = _model(spec)
    head = model.encoder(x)
    jacobian = torch.stack(
        [
            torch.cat([g.flatten() for g in torch.autograd.grad(y, model.encoder.parameters(), retain_graph=True)])
            for y in head.flatten()
        ]
    ).double()
    torch.testing.assert_close(gram(model.encoder, x), jacobian @ jacobian.T, rtol=1e-4, atol=1e-5)


@SPECS
@pytest.mark.parametrize("name", ["reparameterization", "none", "mean"])
def test_a_draw_has_length_and_angles_of_the_gradient_that_training_takes(spec: ModelSpec, name: str) -> None:
    model, x = _model(spec)
    draws = GradientDraws(model, x, seed=4)
    found = draws.draw(part=1, count=5)[name].astype(np.float64)
    baseline: Any = "none" if name == "reparameterization" else name
    gradient: Any = name if name == "reparameterization" else "score-function"
    estimator = GradientEstimator(gradient, baseline, spec.image_shape)
    generator = torch.Generator().manual_seed(4 * 1_000_003 + 2)
    noise = torch.randn(5 * IMAGES, spec.latent_dim, generator=generator).view(5, IMAGES, -1)
    expected = torch.stack([_whole(estimator.terms(model, x, eps).elbo.mean(), model) for eps in noise]).numpy()
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, rtol=2e-4, atol=1e-5 * (expected**2).sum())


@SPECS
def test_all_estimators_have_the_mean_of_the_reparameterized_one(spec: ModelSpec) -> None:
    found = GradientDraws(*_model(spec), seed=1).draw(0, 4000)
    for name in ("none", "mean", "expected", "whole", "whole_expected"):
        result = agreement(found["reparameterization"], found[name])
        assert result.difference < 4 * result.standard_error, name

    assert agreement(found["reparameterization"], found["expected"]).cosine > 0.9


def test_the_whole_f_is_that_of_eq_20() -> None:
    """Its gradient by mu, in the case where all is known: f = log q(z|x) - log p(x, z), times epsilon / sigma."""
    model, x = _model(MLP)
    draws = GradientDraws(model, x, seed=3)
    found = draws.output_draws(0, 4)
    noise = torch.randn(4 * IMAGES, 2, generator=torch.Generator().manual_seed(3 * 1_000_003 + 1)).view(4, IMAGES, 2)
    with torch.no_grad():
        mu, log_var = model.encode(x)
        q = torch.distributions.Normal(mu, torch.exp(0.5 * log_var))
        z = mu + q.stddev * noise
        lost = model.reconstruction(x.repeat(4, 1, 1, 1), z.flatten(0, 1)).view(4, IMAGES)
        f = q.log_prob(z).sum(2) - torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(2) + lost
    torch.testing.assert_close(found["whole"][..., :2], f[..., None] * noise / q.stddev, rtol=1e-4, atol=1e-4)
    expected = draws.expected + torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(1)
    less = (f - expected)[..., None] * noise / q.stddev
    torch.testing.assert_close(found["whole_expected"][..., :2], less, rtol=1e-4, atol=1e-3)


def test_an_estimator_with_another_mean_disagrees() -> None:
    draws = np.random.default_rng(0).normal(size=(4000, 6))
    result = agreement(draws, draws * 1.5 + np.array([0.4, 0, 0, 0, 0, 0]))
    assert result.difference > 4 * result.standard_error
    assert result.difference == pytest.approx(0.4, abs=0.1)


def test_parts_differ_and_come_again() -> None:
    model, x = _model(MLP)
    first, second = GradientDraws(model, x, seed=1), GradientDraws(model, x, seed=1)
    for name, draws in first.draw(0, 3).items():
        assert np.array_equal(draws, second.draw(0, 3)[name])
        assert not np.allclose(draws, second.draw(1, 3)[name])


def test_an_image_alone_has_no_mean_of_others() -> None:
    model, x = _model(MLP)
    assert set(GradientDraws(model, x[:1], seed=0).draw(0, 2)) == {
        "reparameterization",
        "none",
        "expected",
        "whole",
        "whole_expected",
    }


def test_a_deterministic_code_is_refused() -> None:
    model, x = _model(ModelSpec((1, 4, 4), 2, "mlp", (4,), (4,), "silu", 0.0, "deterministic", "bernoulli"))
    with pytest.raises(UserError, match="deterministic code"):
        GradientDraws(model, x, seed=0)


# Noise like Gaussians of unlike widths, and like the score function's: a product with heavy tails.
def _gaussians(rng: np.random.Generator, count: int) -> np.ndarray[Any, Any]:
    return rng.normal(size=(count, 3)) * [3, 1, 0.1]


def _products(rng: np.random.Generator, count: int) -> np.ndarray[Any, Any]:
    return rng.normal(size=(count, 2)) ** 3 / np.sqrt(15)


@pytest.mark.parametrize(("noise", "total"), [(_gaussians, 10.01), (_products, 2.0)])
@pytest.mark.parametrize("samples", [1, 16, 128])
def test_variance_falls_as_one_over_s_and_its_interval_holds(noise: Any, total: float, samples: int) -> None:
    rng = np.random.default_rng(samples)
    found = [variance(noise(rng, 2048), samples) for _ in range(300)]
    values = np.array([result.value for result in found]) * samples / total
    assert abs(values.mean() - 1) < 4 * values.std() / np.sqrt(len(values))
    held = np.mean([result.low <= total / samples <= result.high for result in found])
    assert 0.86 <= held <= 0.995


def test_a_curve_ends_where_four_groups_are_left() -> None:
    curve = variance_curve(np.random.default_rng(0).normal(size=(64, 2)), most=256)
    assert [(point.samples, point.groups) for point in curve] == [(1, 64), (2, 32), (4, 16), (8, 8), (16, 4)]
    assert [point.samples for point in variance_curve(np.zeros((64, 2)), most=4)] == [1, 2, 4]
    assert variance(np.ones((8, 2)), 1).value == 0
