"""A latent space of one dimension: log p(x), the true posterior and the gap, against integration by other means."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import Tensor, nn
from torch.distributions import Normal

from explorer.views.latents import plane_arrays
from training.measure.bounds import gaps
from training.measure.cell_rule import cell_rule
from training.measure.evidence import TOLERANCE, log_evidence
from training.measure.true_posterior import true_posterior
from training.model.spec import ModelSpec, PosteriorName
from training.model.vae import VAE


class _Curve(VAE):
    """Gaussian pixels along a curve that comes near to itself: posteriors of two modes, of any width."""

    def __init__(self, sigma: float, posterior: PosteriorName = "diagonal") -> None:
        super().__init__(ModelSpec((1, 3, 3), 1, "mlp", (8,), (8,), "silu", 0.0, posterior, "gaussian"))
        torch.manual_seed(3)
        self.log_sigma = nn.Parameter(torch.tensor(math.log(sigma)))
        self.map = torch.randn(9, 2) * 0.05
        self.double()

    def decode(self, z: Tensor, _y: Tensor | None = None) -> Tensor:
        curve = torch.cat([torch.sin(z), 0.3 * torch.sin(2 * z)], 1)
        return torch.logit((0.5 + curve @ self.map.T.to(z.dtype)).clamp(1e-6, 1 - 1e-6)).view(-1, 1, 3, 3)


def _by_quad(model: _Curve, x: Tensor) -> float:
    """log p(x) by adaptive quadrature, between points that the maxima of p(x, z) are among."""
    axis = torch.linspace(-9, 9, 20_001, dtype=torch.double)[:, None]

    def log_joint(z: Tensor) -> Tensor:
        with torch.no_grad():
            return Normal(0.0, 1.0).log_prob(z[:, 0]) - model.reconstruction(x.expand(len(z), -1, -1, -1), z)

    values = log_joint(axis)
    peak = float(values.max())
    inner = (values[1:-1] > values[:-2]) & (values[1:-1] > values[2:]) & (values[1:-1] > peak - 40)
    width = float(model.log_sigma.detach().exp()) * 30
    total = 0.0
    edges = sorted({-9.0, 9.0, *(float(m) + s * width for m in axis[1:-1][inner] for s in (-1, 0, 1))})
    for low, high in itertools.pairwise(edges):
        total += quad(
            lambda z: math.exp(float(log_joint(torch.tensor([[z]], dtype=torch.double))) - peak), low, high, limit=200
        )[0]
    return math.log(total) + peak


@pytest.mark.parametrize("sigma", [0.3, 0.03, 0.003])
def test_the_evidence_is_what_adaptive_quadrature_finds(sigma: float) -> None:
    model = _Curve(sigma)
    z = torch.tensor([[0.0], [1.3], [-2.4]], dtype=torch.double)
    x = torch.sigmoid(model.decode(z)).detach()
    expected = torch.tensor([_by_quad(model, image[None]) for image in x])
    found = log_evidence(model, x, z + 0.5 * sigma, torch.full((3, 1), sigma))
    assert (found.log_evidence - expected).abs().max() <= 2e-3
    assert (found.error <= TOLERANCE).all()
    one = [true_posterior(model, image[None]) for image in x]
    assert [posterior.log_evidence for posterior in one] == pytest.approx(expected.tolist(), abs=2e-3)
    assert [posterior.log_normaliser for posterior in one] == pytest.approx(expected.tolist(), abs=5e-3)


def test_both_modes_are_seen_and_their_levels_enclose_their_shares() -> None:
    model = _Curve(0.02)
    found = true_posterior(model, torch.sigmoid(model.decode(torch.tensor([[0.0]]).double())).detach())
    assert all(window.log_joint.shape[0] == 1 for window in found.windows)
    joint = np.concatenate([window.log_joint.numpy().ravel() for window in found.windows])
    mass = np.exp(joint + np.concatenate([[window.log_cell] * window.log_joint.numel() for window in found.windows]))
    for level, share in zip(found.levels, (0.5, 0.9, 0.99), strict=True):
        # The modes mirror each other: two cells may share a level, if their last bits do.
        above, on = (mass[chosen].sum() / mass.sum() for chosen in (joint > level.item(), joint == level.item()))
        assert above < share <= above + on + 1e-9
        assert on < 0.03
    centres = [(window.low[0] + window.high[0]) / 2 for window in found.windows]
    assert min(abs(centre) for centre in centres) < 0.5 and max(abs(centre) for centre in centres) > 2


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
def test_the_gap_is_the_kl_from_the_true_posterior(posterior: PosteriorName) -> None:
    """KL(q || p(z|x)) by a plain sum over a fine grid, with p(z|x) normalised on it."""
    model = _Curve(0.3, posterior)
    x = torch.rand(2, 1, 3, 3, dtype=torch.double)
    axis = (torch.arange(60_000, dtype=torch.double) + 0.5) / 4000 - 7.5
    with torch.no_grad():
        mu, spread = model.encode(x)
        scale = spread[:, :, 0] if posterior == "full" else torch.exp(0.5 * spread)
        for image, mean, sigma, found in zip(x, mu, scale, gaps(model, x), strict=True):
            joint = -model.reconstruction(image[None].expand(len(axis), -1, -1, -1), axis[:, None]) - 0.5 * axis**2
            log_true = joint - torch.logsumexp(joint, 0) + math.log(4000)
            q = Normal(mean, sigma).log_prob(axis)
            assert found.item() == pytest.approx(float((q.exp() * (q - log_true)).sum() / 4000), abs=5e-3)


@pytest.mark.parametrize("dim", [1, 2])
def test_rules_are_exact_to_their_degrees(dim: int) -> None:
    rule = cell_rule(dim)
    for degree in range(0, 6, 2):
        exact = 1 / (degree + 1)
        monomial = rule.nodes[:, 0] ** degree
        assert float(rule.weights @ monomial) == pytest.approx(exact, abs=1e-12)
        if degree <= 3:
            assert float(rule.check_weights @ monomial) == pytest.approx(exact, abs=1e-12)


def test_codes_lie_on_a_line_of_the_plane() -> None:
    mu = np.array([[0.5], [-1.0]], np.float32)
    latents = {"mu": mu, "label": np.array([0, 1]), "reconstruction": np.ones(2), "kl": np.ones(2)}
    arrays = plane_arrays(latents, np.array([[0.2], [0.4]]))
    assert arrays["xy"].tolist() == [[0.5, 0.0], [-1.0, 0.0]]
    assert (arrays["origin"] + arrays["xy"] @ arrays["basis"]).tolist() == mu.tolist()
    np.testing.assert_allclose(arrays["cov"], [[0.04, 0, 0], [0.16, 0, 0]], atol=1e-6)
    assert "umap" not in arrays and "spread" not in arrays
