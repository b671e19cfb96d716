"""Loss terms against torch.distributions, and the objective presets."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, ContinuousBernoulli, Normal, kl_divergence

from training.model.likelihood import negative_log_likelihood, pixel_mean
from training.model.posterior import kl_to_prior, sample
from training.model.vae import VAE
from training.objective import Objective, Terms
from training.options import FitOptions


def _gaussian_posterior(count: int = 64, dim: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, dim, generator=generator) * 3, torch.randn(count, dim, generator=generator) * 2


def test_kl_is_that_of_torch_distributions() -> None:
    mu, log_var = _gaussian_posterior()
    expected = kl_divergence(Normal(mu, (0.5 * log_var).exp()), Normal(0.0, 1.0)).sum(-1)
    torch.testing.assert_close(kl_to_prior(mu, log_var), expected, rtol=1e-5, atol=1e-5)


def test_kl_of_a_point_is_infinite() -> None:
    mu, _ = _gaussian_posterior()
    assert torch.isposinf(kl_to_prior(mu, torch.full_like(mu, -torch.inf))).all()


def test_samples_have_the_posterior_s_mean_and_spread() -> None:
    mu, log_var = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, -1.0]])
    noise = torch.randn(200_000, 1, 2, generator=torch.Generator().manual_seed(2))
    z = sample(mu, log_var, noise)
    torch.testing.assert_close(z.mean(0), mu, atol=0.02, rtol=0)
    torch.testing.assert_close(z.std(0), (0.5 * log_var).exp(), atol=0.02, rtol=0)


def test_a_deterministic_code_is_its_own_sample() -> None:
    mu, _ = _gaussian_posterior()
    assert torch.equal(sample(mu, torch.full_like(mu, -torch.inf), torch.randn_like(mu)), mu)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 6.0])
def test_likelihoods_are_those_of_torch_distributions(scale: float) -> None:
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(8, 1, 4, 4, generator=generator, dtype=torch.float64) * scale
    x = torch.rand(8, 1, 4, 4, generator=generator, dtype=torch.float64)
    log_sigma = torch.tensor(-0.7)
    references = {
        "bernoulli": Bernoulli(logits=logits, validate_args=False),
        "continuous-bernoulli": ContinuousBernoulli(logits=logits),
        "gaussian": Normal(torch.sigmoid(logits), log_sigma.exp()),
    }
    for name, reference in references.items():
        ours = negative_log_likelihood(name, logits, x, log_sigma)
        torch.testing.assert_close(ours, -reference.log_prob(x).flatten(1).sum(1), rtol=1e-4, atol=1e-3, msg=name)
        mean = torch.sigmoid(logits) if name != "continuous-bernoulli" else reference.mean
        torch.testing.assert_close(pixel_mean(name, logits), mean, rtol=1e-3, atol=1e-4, msg=name)


# Pixels of every kind, at logits from where a sigmoid is 0 or 1 in any precision to where it is 1/2.
LOGITS = [-1000.0, -90.0, -20.0, -3.0, -1e-3, 0.0, 1e-3, 3.0, 20.0, 90.0, 1000.0]
PIXELS = [0.0, 1 / 255, 0.3, 0.5, 254 / 255, 1.0]


@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-13), (torch.float32, 1e-6)])
def test_the_bernoulli_term_and_its_gradient_are_torch_s_own(dtype: torch.dtype, error: float) -> None:
    pairs = torch.cartesian_prod(torch.tensor(LOGITS, dtype=torch.float64), torch.tensor(PIXELS, dtype=torch.float64))
    exact, pixel = pairs[:, 0].clone().requires_grad_(), pairs[:, 1]
    logits = pairs[:, 0].to(dtype).requires_grad_()
    weight = torch.linspace(0.5, 2, len(pairs), dtype=torch.float64)  # of each image, which is one pixel here
    ours = negative_log_likelihood("bernoulli", logits.view(-1, 1, 1, 1), pixel.to(dtype).view(-1, 1, 1, 1))
    theirs = F.binary_cross_entropy_with_logits(exact, pixel, reduction="none")
    torch.testing.assert_close(ours.double(), theirs, rtol=error, atol=error)
    (ours * weight.to(dtype)).sum().backward()
    (theirs * weight).sum().backward()
    torch.testing.assert_close(logits.grad.double(), exact.grad, rtol=error, atol=error)


def test_the_bernoulli_gradient_is_that_of_finite_differences() -> None:
    generator = torch.Generator().manual_seed(4)
    logits = 5 * torch.randn(3, 1, 2, 4, generator=generator, dtype=torch.float64)
    x = torch.rand(3, 1, 2, 4, generator=generator, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda each: negative_log_likelihood("bernoulli", each, x), logits.requires_grad_())


def test_continuous_bernoulli_is_smooth_through_zero() -> None:
    logits = torch.linspace(-0.05, 0.05, 2001).view(1, 1, 1, -1).requires_grad_()
    x = torch.full_like(logits, 0.3)
    value = (
        negative_log_likelihood("continuous-bernoulli", logits, x).sum()
        + pixel_mean("continuous-bernoulli", logits).sum()
    )
    value.backward()
    assert torch.isfinite(logits.grad).all()
    assert logits.grad.flatten().diff().abs().max() < 1e-3


def test_continuous_bernoulli_integrates_to_one() -> None:
    x = torch.linspace(0, 1, 100_001, dtype=torch.float64).view(-1, 1, 1, 1)
    for logit in (-4.0, 0.0, 2.5):
        logits = torch.full_like(x, logit)
        density = (-negative_log_likelihood("continuous-bernoulli", logits, x)).exp()
        assert torch.trapezoid(density, dx=1e-5).item() == pytest.approx(1, abs=1e-6)


def test_presets() -> None:
    assert Objective.preset("autoencoder") == Objective(1, 0)
    assert Objective.preset("reconstruction") == Objective(1, 0)
    assert Objective.preset("kl") == Objective(0, 1)
    assert Objective.preset("elbo") == Objective(1, 1)
    assert Objective.preset("elbo", beta=4.0) == Objective(1, 4)


def test_weighted_terms_add_up_to_the_loss() -> None:
    terms = Terms(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 3.0]))
    assert Objective(1, 4).weights == {"reconstruction": 1, "kl": 4}
    assert Objective(1, 4).loss(terms.mean()).item() == 3 + 4 * 2
    assert Objective(0.5, 0).loss(terms.mean()).item() == 0.5 * 3
    assert terms.elbo.tolist() == [-3, -7]


def test_a_term_of_weight_zero_cannot_spoil_the_loss() -> None:
    terms = Terms(torch.tensor([2.0]), torch.tensor([math.inf]))
    assert Objective(1, 0).loss(terms.mean()).item() == 2


@pytest.mark.parametrize("posterior", ["diagonal", "deterministic"])
@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_model_shapes(architecture: str, posterior: str) -> None:
    objective = "autoencoder" if posterior == "deterministic" else "elbo"
    options = FitOptions(out="x", architecture=architecture, hidden_dims=(8, 16), latent_dim=3, objective=objective)
    model = VAE(options.model_spec((3, 8, 12)))
    mu, log_var = model.encode(torch.rand(5, 3, 8, 12))
    assert mu.shape == log_var.shape == (5, 3)
    logits = model.decode(mu)
    assert logits.shape == (5, 3, 8, 12)
    assert (model.image(mu) >= 0).all()
    assert (model.image(mu) <= 1).all()


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
def test_an_untrained_decoder_starts_near_the_mean_image(architecture: str) -> None:
    model = VAE(FitOptions(out="x", architecture=architecture, hidden_dims=(8, 8)).model_spec((1, 8, 8)))
    mean = torch.full((1, 8, 8), 0.9)
    before = (model.image(torch.zeros(1, 2)) - 0.9).abs().mean()
    model.start_from_mean(mean)
    assert (model.image(torch.zeros(1, 2)) - 0.9).abs().mean() < before / 2
