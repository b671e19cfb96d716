"""log p(x) by integration: against closed forms and importance weighting."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, MultivariateNormal, Normal

from tests.server import ROOT
from training import checkpoint
from training.errors import UserError
from training.measure.evidence import TOLERANCE, log_evidence, log_likelihood, own_log_likelihood
from training.model.spec import LikelihoodName, ModelSpec
from training.model.vae import VAE

RUN = ROOT / "checkpoints" / "mnist" / "elbo"


def _spec(likelihood: LikelihoodName = "gaussian", latent_dim: int = 2) -> ModelSpec:
    return ModelSpec((1, 3, 3), latent_dim, "mlp", (8,), (8,), "silu", 0.0, "diagonal", likelihood)


class _Linear(VAE):
    """A decoder whose mean is linear in z, as far as a sigmoid is: Gaussian evidence in closed form."""

    def __init__(self, sigma: float) -> None:
        super().__init__(_spec())
        self.log_sigma = nn.Parameter(torch.tensor(math.log(sigma)))
        torch.manual_seed(3)
        self.map = torch.randn(9, 2) * 0.02

    def decode(self, z: Tensor, _y: Tensor | None = None) -> Tensor:
        return torch.logit(0.5 + z @ self.map.T.to(z.dtype)).view(-1, 1, 3, 3)


@pytest.mark.parametrize("sigma", [0.3, 0.05, 0.01, 0.002])
def test_linear_gaussian_decoder_has_the_closed_form(sigma: float) -> None:
    model = _Linear(sigma).double()
    z = torch.tensor([[0.0, 0.0], [1.2, -0.4], [-2.0, 2.1]])
    x = (0.5 + z @ model.map.T + sigma * torch.randn(3, 9)).double()
    covariance = (model.map @ model.map.T + sigma**2 * torch.eye(9)).double()
    expected = MultivariateNormal(torch.full((9,), 0.5, dtype=torch.double), covariance).log_prob(x)
    # A q that is off by a few of its own widths, as an encoder's may be.
    found = log_evidence(model, x.view(3, 1, 3, 3), z + 2 * sigma, torch.full((3, 2), sigma))
    assert (found.log_evidence - expected).abs().max() <= 1e-4
    assert (found.error <= TOLERANCE).all()


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "continuous-bernoulli"])
def test_every_image_under_every_code_is_the_likelihood_of_the_model(likelihood: LikelihoodName) -> None:
    torch.manual_seed(0)
    model = VAE(_spec(likelihood))
    x, z = torch.rand(4, 1, 3, 3), torch.randn(6, 2)
    expected = torch.stack([-model.reconstruction(x[[i] * 6], z) for i in range(4)])
    torch.testing.assert_close(log_likelihood(model, x, z), expected, atol=1e-4, rtol=1e-5)
    own = own_log_likelihood(model, x, z.expand(4, 6, 2))
    torch.testing.assert_close(own, expected, atol=1e-4, rtol=1e-5)


def test_agrees_with_importance_weighting() -> None:
    """A bound of 5,000 samples, from a proposal that 20,000 samples of the prior have shown where to look."""
    model = checkpoint.load_model(RUN)
    images = checkpoint.load_gallery(RUN.parent / "gallery.safetensors")["images"][::200]
    x = torch.from_numpy(images).float() / 255
    with torch.no_grad():
        mu, log_var = model.encode(x)
    torch.manual_seed(0)
    prior = Independent(Normal(torch.zeros(2), torch.ones(2)), 1)
    sketch = prior.sample((20_000,))
    likely = log_likelihood(model, x, sketch).topk(20, dim=1).indices
    centers = torch.cat([sketch[likely], mu[:, None]], 1)  # (N, 21, 2)
    widths = torch.tensor([0.02, 0.05, 0.12])
    component = torch.randint(21, (len(x), 5000))
    width = widths[torch.randint(3, (len(x), 5000))]
    z = centers.gather(1, component[..., None].expand(-1, -1, 2)) + width[..., None] * torch.randn(len(x), 5000, 2)
    kernels = Independent(Normal(centers[:, None, :, None], widths[:, None]), 1)
    log_proposal = torch.logsumexp(kernels.log_prob(z[:, :, None, None]).flatten(2), 2) - math.log(63)
    log_weight = own_log_likelihood(model, x, z).double() + prior.log_prob(z) - log_proposal
    bound = torch.logsumexp(log_weight, 1) - math.log(5000)
    found = log_evidence(model, x, mu, torch.exp(0.5 * log_var))
    assert len(x) == 25
    assert (found.log_evidence - bound).abs().max() <= 0.1
    assert (found.error <= TOLERANCE).all()


def test_is_never_below_the_elbo() -> None:
    model = checkpoint.load_model(RUN)
    latents = checkpoint.load_latents(RUN)
    images = checkpoint.load_gallery(RUN.parent / "gallery.safetensors")["images"][:50]
    x = torch.from_numpy(images).float() / 255
    mu, log_var = (torch.from_numpy(latents[name][:50]) for name in ("mu", "log_var"))
    found = log_evidence(model, x, mu, torch.exp(0.5 * log_var))
    elbo = -(latents["reconstruction"][:50] + latents["kl"][:50])
    assert (found.log_evidence.numpy() > elbo - 0.5).all()  # the stored ELBO is itself estimated, from 16 draws
    assert (found.log_evidence.numpy() - elbo).mean() > 0


def test_other_dimensions_are_refused() -> None:
    model = VAE(_spec(latent_dim=3))
    with pytest.raises(UserError, match="this run has 3"):
        log_evidence(model, torch.rand(1, 1, 3, 3), torch.zeros(1, 3), torch.ones(1, 3))
