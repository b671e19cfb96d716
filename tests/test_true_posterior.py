"""p(z|x) of one image: against closed forms, the many-image integration, and posteriors of two modes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from torch import Tensor, nn
from torch.distributions import MultivariateNormal

from tests.server import ROOT
from training import checkpoint
from training.errors import UserError
from training.measure.evidence import log_evidence
from training.measure.true_posterior import TruePosterior, true_posterior
from training.model.posterior import standard_deviations
from training.model.spec import ModelSpec
from training.model.vae import VAE

RUN = ROOT / "checkpoints" / "mnist" / "elbo"


def _spec(latent_dim: int = 2, posterior: str = "diagonal") -> ModelSpec:
    return ModelSpec((1, 3, 3), latent_dim, "mlp", (8,), (8,), "silu", 0.0, posterior, "gaussian")  # type: ignore[arg-type]


class _Linear(VAE):
    """Gaussian pixels whose mean is linear in z: p(z|x) is Gaussian, and log p(x) known. Its q is anywhere."""

    def __init__(self, sigma: float, folded: bool = False) -> None:
        super().__init__(_spec())
        torch.manual_seed(3)
        self.log_sigma = nn.Parameter(torch.tensor(math.log(sigma)))
        self.map = torch.randn(9, 2) * 0.02
        self.folded = folded

    def mean(self, z: Tensor) -> Tensor:
        bent = torch.stack([z[:, 0].abs(), z[:, 1]], 1) if self.folded else z
        return (0.5 + bent @ self.map.T.to(z.dtype)).clamp(1e-6, 1 - 1e-6)

    def decode(self, z: Tensor, _y: Tensor | None = None) -> Tensor:
        return torch.logit(self.mean(z)).view(-1, 1, 3, 3)


def _image(model: _Linear, z: list[float]) -> Tensor:
    return model.mean(torch.tensor([z], dtype=torch.double)).view(1, 1, 3, 3)


def _share_above(found: TruePosterior, level: float) -> float:
    """Share of the mass where the log-joint is at least `level`."""
    joint = np.concatenate([window.log_joint.numpy().ravel() for window in found.windows])
    mass = np.concatenate([window.log_joint.numpy().ravel() + window.log_cell for window in found.windows])
    return float(np.exp(logsumexp(mass[joint >= level]) - logsumexp(mass)))


@pytest.mark.parametrize("sigma", [0.1, 0.01, 0.002, 0.0003])
def test_a_gaussian_posterior_has_the_closed_form(sigma: float) -> None:
    model = _Linear(sigma).double()
    x = _image(model, [1.2, -2.4])
    covariance = (model.map @ model.map.T + sigma**2 * torch.eye(9)).double()
    expected = MultivariateNormal(torch.full((9,), 0.5).double(), covariance).log_prob(x.flatten())
    found = true_posterior(model, x)
    assert abs(found.log_evidence - expected.item()) <= 2e-3
    assert abs(found.log_normaliser - expected.item()) <= 2e-3
    assert found.error <= 5e-3
    # Contours of a Gaussian that enclose a share s lie log(1 - s) below its peak.
    precision = (model.map.T @ model.map / sigma**2 + torch.eye(2)).double()
    mode = torch.linalg.solve(precision, model.map.T.double() @ (x.flatten() - 0.5) / sigma**2)
    peak = expected - math.log(2 * math.pi) + 0.5 * torch.logdet(precision)
    np.testing.assert_allclose(found.levels - peak, np.log(1 - np.array([0.5, 0.9, 0.99])), atol=0.06)
    (window,) = found.windows
    assert window.low[0] < mode[0] < window.high[0] and window.low[1] < mode[1] < window.high[1]
    for level, share in zip(found.levels, (0.5, 0.9, 0.99), strict=True):
        assert _share_above(found, level.item()) == pytest.approx(share, abs=0.005)


def test_both_modes_of_a_folded_decoder_are_found() -> None:
    model = _Linear(0.002, folded=True).double()
    found = true_posterior(model, _image(model, [1.5, 0.5]))
    assert len(found.windows) == 2
    (a, b) = sorted((window.low[0] + window.high[0]) / 2 for window in found.windows)
    assert a == pytest.approx(-1.5, abs=0.1) and b == pytest.approx(1.5, abs=0.1)
    masses = [torch.logsumexp(window.log_joint.flatten(), 0).item() + window.log_cell for window in found.windows]
    assert masses[0] == pytest.approx(masses[1], abs=0.01)


def test_a_plain_sum_over_a_fine_grid_agrees() -> None:
    model = _Linear(0.3, folded=True).double()
    x = _image(model, [0.4, -0.2])
    axis = (torch.arange(1200, dtype=torch.double) + 0.5) / 100 - 6
    z = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        joint = torch.cat([-model.reconstruction(x.expand(len(part), -1, -1, -1), part) for part in z.split(100_000)])
    expected = torch.logsumexp(joint - 0.5 * z.square().sum(1), 0) - math.log(2 * math.pi) - 2 * math.log(100)
    assert true_posterior(model, x).log_evidence == pytest.approx(expected.item(), abs=2e-3)


def _shipped(run: str) -> tuple[VAE, Tensor]:
    images = checkpoint.load_gallery(RUN.parent / "gallery.safetensors")["images"]
    return checkpoint.load_model(RUN.parent / run), torch.from_numpy(images[450:451]).float() / 255


@pytest.mark.parametrize("run", ["elbo", "kl", "reconstruction"])
def test_cells_and_windows_give_the_same_evidence(run: str) -> None:
    """And for the run whose posteriors lie within reach, the integration made for many images does too."""
    model, x = _shipped(run)
    found = true_posterior(model, x)
    assert found.log_normaliser == pytest.approx(found.log_evidence, abs=0.01)
    assert found.error <= 2e-3
    if run == "elbo":
        with torch.no_grad():
            mu, spread = model.encode(x)
        many = log_evidence(model, x, mu, standard_deviations(mu, spread))
        assert found.log_evidence == pytest.approx(many.log_evidence.item(), abs=0.005)


def test_what_has_no_answer_is_refused() -> None:
    x = torch.rand(1, 1, 3, 3)
    with pytest.raises(UserError, match="this run has 3"):
        true_posterior(VAE(_spec(latent_dim=3)), x)
