"""Importance weights: the bound that the browser makes of them, and log p(x) by draws, which must catch a wrong one."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from torch import Tensor
from torch.distributions import MultivariateNormal

from tests.javascript import JavaScript
from tests.server import ROOT
from training import checkpoint
from training.errors import UserError
from training.measure.cell_rule import CellRule
from training.measure.importance import ROUND, importance_weights, weighted_evidence
from training.measure.true_posterior import true_posterior
from training.model.posterior import kl_to_prior, sample
from training.model.spec import ModelSpec
from training.model.vae import VAE

SHIPPED = ROOT / "checkpoints" / "mnist"

BOUND = """
async (rounds) => {
  const { ImportanceBound } = await import("/assets/maths/importance_bound.js");
  const bound = new ImportanceBound();
  return rounds.map((round) => { bound.add(round); return bound.read(); });
}
"""


def _shipped(run: str, index: int) -> tuple[VAE, Tensor]:
    images = checkpoint.load_gallery(SHIPPED / "gallery.safetensors")["images"]
    return checkpoint.load_model(SHIPPED / run), torch.from_numpy(images[index : index + 1]).float() / 255


def _spec(latent_dim: int, posterior: str) -> ModelSpec:
    return ModelSpec((1, 3, 3), latent_dim, "mlp", (8,), (8,), "silu", 0.0, posterior, "gaussian")  # type: ignore[arg-type]


def test_the_weights_mean_is_the_elbo_and_rounds_are_other_draws() -> None:
    model, x = _shipped("elbo", 0)
    weights = importance_weights(model, x, 0)
    with torch.no_grad():
        mu, spread = model.encode(x)
        z = sample(mu, spread, torch.randn(4000, 2, generator=torch.Generator().manual_seed(1)))
        elbo = -model.reconstruction(x.expand(4000, -1, -1, -1), z) - kl_to_prior(mu, spread)
    assert weights.shape == (ROUND,)
    assert weights.mean() == pytest.approx(elbo.mean().item(), abs=4 * elbo.std().item() / 4000**0.5 + 0.02)
    other = importance_weights(model, x, 1)
    assert not np.isin(weights.numpy(), other.numpy()).any()
    assert torch.logsumexp(other, 0).item() - math.log(ROUND) == pytest.approx(
        true_posterior(model, x).log_evidence, abs=0.1
    )


def test_in_more_dimensions_the_weights_of_a_gaussian_give_its_evidence() -> None:
    class Line(VAE):
        def decode(self, z: Tensor) -> Tensor:
            return torch.logit(0.5 + 0.02 * z.sum(1, keepdim=True).expand(-1, 9)).view(-1, 1, 3, 3)

    torch.manual_seed(0)
    model = Line(_spec(3, "full")).double()
    x = torch.full((1, 1, 3, 3), 0.52).double()
    variance = model.log_sigma.exp().item() ** 2
    covariance = variance * torch.eye(9) + 3 * 0.02**2 * torch.ones(9, 9)
    expected = MultivariateNormal(torch.full((9,), 0.5).double(), covariance.double()).log_prob(x.flatten())
    weights = importance_weights(model, x, 0)
    assert torch.logsumexp(weights, 0).item() - math.log(ROUND) == pytest.approx(expected.item(), abs=0.1)


def test_what_has_no_density_has_no_weights() -> None:
    with pytest.raises(UserError, match="no noise"):
        importance_weights(VAE(_spec(2, "deterministic")), torch.rand(1, 1, 3, 3), 0)


def test_the_browser_s_estimates_share_no_draw(javascript: JavaScript) -> None:
    """Against numpy: each K's estimates are of blocks of their own, and their spread is that of such estimates."""
    rng = np.random.default_rng(0)
    rounds = rng.normal(-200, 4, (6, 20_000)).astype(np.float32)
    found = javascript.evaluate(BOUND, rounds.tolist())[-1]
    for count, mean, error, low, high, estimates in zip(*(found[name] for name in found), strict=True):
        blocks = rounds[:, : 20_000 // count * count].reshape(-1, count).astype(float)
        expected = logsumexp(blocks, axis=1) - math.log(count)
        assert estimates == len(expected)
        assert mean == pytest.approx(expected.mean(), abs=1e-6)
        assert error == pytest.approx(expected.std() / math.sqrt(len(expected) - 1), rel=1e-4)
        some = np.quantile(expected[:4000], [0.05, 0.95])
        np.testing.assert_allclose([low, high], some, atol=1e-6)


def test_few_estimates_have_no_band(javascript: JavaScript) -> None:
    found = javascript.evaluate(BOUND, [[0.0] * 20_000])[0]
    last = {name: values[-1] for name, values in found.items()}
    assert (last["counts"], last["estimates"]) == (5000, 4)
    assert np.isnan(last["low"]) and np.isnan(last["high"])


@pytest.mark.parametrize(("run", "index"), [("elbo", 17), ("reconstruction", 0), ("autoencoder", 5), ("kl", 3)])
def test_draws_and_quadrature_agree(run: str, index: int) -> None:
    model, x = _shipped(run, index)
    found = true_posterior(model, x)
    value, error = weighted_evidence(model, x, found.windows)
    assert error < 0.02
    assert value == pytest.approx(found.log_evidence, abs=4 * error + 1e-3)


def test_draws_tell_a_wrong_quadrature(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that gives each cell 1.2 times its mass: the cells and the windows' sum would not show it."""
    right = CellRule.integrate

    def wrong(rule: CellRule, *args: Tensor) -> tuple[Tensor, Tensor]:
        value, check = right(rule, *args)
        return value + math.log(1.2), check + math.log(1.2)

    model, x = _shipped("elbo", 17)
    monkeypatch.setattr(CellRule, "integrate", wrong)
    found = true_posterior(model, x)
    value, error = weighted_evidence(model, x, found.windows)
    assert found.log_evidence - value == pytest.approx(math.log(1.2), abs=4 * error)
    assert found.log_evidence - value > 10 * error


def test_draws_tell_a_mode_that_was_missed() -> None:
    model, x = _shipped("elbo", 17)
    found = true_posterior(model, x)
    mu = model.encode(x)[0][0]
    (window,) = (
        each for each in found.windows if each.low[0] < mu[0] < each.high[0] and each.low[1] < mu[1] < each.high[1]
    )
    lost = type(window)((4.0, 4.0), (4.5, 4.5), window.log_joint)
    value, error = weighted_evidence(model, x, [lost])
    assert value == pytest.approx(found.log_evidence, abs=max(5 * error, 0.3)), "q and the prior draw there"
