"""Learned priors: mixtures against torch and against sampling, the VampPrior against its encoder, and their runs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from tests.interrupted import assert_resume_ends_in_the_same_bits
from tests.javascript import JavaScript
from training import checkpoint
from training.data.datasets import load_dataset
from training.errors import UserError
from training.measure.bounds import gaps, importance_weighted_bounds
from training.measure.evaluation import as_pixels
from training.measure.evidence import log_evidence
from training.measure.metrics import prior_coverage
from training.measure.true_posterior import true_posterior
from training.model.posterior import standard_deviations
from training.model.prior import MixturePrior, VampPrior
from training.options import FitOptions
from training.run import fit


def _options(**changes: Any) -> FitOptions:
    return FitOptions(**{"out": Path("x"), "dataset": "digits", "hidden_dims": (32,), "epochs": 3, **changes})


@pytest.fixture(scope="module", params=["mixture", "vamp"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quickly trained run with a prior of its own."""
    out = tmp_path_factory.mktemp("prior") / "digits" / request.param
    fit(_options(out=out, prior=request.param, prior_components=4, epochs=8, learning_rate=5e-3))
    return out


def _mixture() -> tuple[MixturePrior, MixtureSameFamily]:
    torch.manual_seed(3)
    prior = MixturePrior(5, 2)
    prior.logits.data = torch.randn(5)
    prior.log_var.data = torch.randn(5, 2)
    components = Independent(Normal(prior.mean, torch.exp(0.5 * prior.log_var)), 1)
    return prior, MixtureSameFamily(Categorical(logits=prior.logits), components)


def test_a_mixtures_density_and_draws_are_torchs() -> None:
    prior, expected = _mixture()
    z = 2 * torch.randn(200, 2)
    torch.testing.assert_close(prior.log_prob(z), expected.log_prob(z))
    drawn = prior.draw(20_000, 2, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.mean(0), expected.mean, atol=0.05, rtol=0)
    torch.testing.assert_close(drawn.var(0), expected.variance, atol=0.1, rtol=0)


def test_the_evidence_is_what_sampling_the_prior_gives(run: Path) -> None:
    model = checkpoint.load_model(run)
    x = as_pixels(torch.from_numpy(load_dataset("digits", Path("x")).test.images[:6]))
    with torch.no_grad():
        mu, spread = model.encode(x)
        found = log_evidence(model, x, mu, standard_deviations(mu, spread)).log_evidence
        z = model.draw_prior(200_000, seed=1)
        likelihoods = torch.stack([-model.reconstruction(one.expand(len(z), -1, -1, -1), z) for one in x])
    weights = torch.exp(likelihoods - likelihoods.amax(1, keepdim=True)).double()
    sampled = likelihoods.amax(1) + weights.mean(1).log()
    error = weights.std(1) / weights.mean(1) / math.sqrt(len(z))
    assert ((found - sampled).abs() < 5 * error + 5e-3).all(), (found, sampled, error)
    assert true_posterior(model, x[:1]).log_evidence == pytest.approx(found[0].item(), abs=0.01)
    bounds = importance_weighted_bounds(model, x, 5000, 0)
    assert (bounds < found + 0.1).all()
    assert (gaps(model, x) > -0.02).all()


def test_its_kl_is_the_sampled_estimate_everywhere(run: Path) -> None:
    latents, metrics, model = checkpoint.load_latents(run), checkpoint.load_metrics(run), checkpoint.load_model(run)
    mu, log_var = (torch.from_numpy(latents[name]).double() for name in ("mu", "log_var"))
    q = Independent(Normal(mu, torch.exp(0.5 * log_var)), 1)
    z = q.sample(torch.Size([400]))
    exact: Tensor = (q.log_prob(z) - model.log_prior(z)).mean(0).detach()
    assert float(exact.mean()) == pytest.approx(float(latents["kl"].mean()), abs=0.1)
    assert metrics["kl_per_dimension"] is None  # against N(0, 1), which is not its prior
    card = (run / "README.md").read_text()
    assert "sampled\nestimate" in card or "sampled estimate" in card


def test_a_stored_vamp_prior_is_what_its_encoder_says(tmp_path: Path) -> None:
    out = tmp_path / "digits" / "vamp"
    fit(_options(out=out, prior="vamp", prior_components=3, precision="float16"))
    model = checkpoint.load_model(out)
    assert isinstance(model.prior, VampPrior)
    stored = model.prior.mean.clone()
    model.prior.settle(model)
    torch.testing.assert_close(model.prior.mean, stored, atol=2e-3, rtol=2e-3)


def test_resume_ends_in_the_same_bits() -> None:
    options = _options(prior="vamp", batch_size=128)
    assert_resume_ends_in_the_same_bits(options, load_dataset("digits", Path("x")))


def test_prior_coverage_of_a_prior_that_is_the_aggregate_is_one() -> None:
    prior, _ = _mixture()
    prior.logits.data.zero_()
    spread = torch.exp(0.5 * prior.log_var).detach().double().numpy()
    assert prior_coverage(prior.mean.detach().numpy(), spread, prior=prior) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"prior_components": 3}, "--prior-components 3: the standard prior has none"),
        ({"prior": "mixture", "prior_components": 0}, "--prior-components 0: must be a whole number"),
        ({"prior": "mixture", "objective": "autoencoder"}, "a deterministic code has no prior"),
        ({"prior": "vamp", "posterior": "full"}, "must be diagonal"),
        ({"prior": "mixture", "gradient": "score-function"}, "--gradient score-function"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UserError, match=why):
        _options(**changes)


def test_the_browser_has_the_same_prior(run: Path, javascript: JavaScript, run_file: Any) -> None:
    model, z = checkpoint.load_model(run), torch.randn(30, 2)
    found = javascript.evaluate(
        """async ([url, codes]) => {
          const { Decoder } = await import("/assets/network/decoder.js");
          const { fetchSafetensors } = await import("/assets/network/safetensors.js");
          const { tensors, metadata } = await fetchSafetensors(url);
          const { prior } = new Decoder(tensors, metadata);
          return codes.map((z) => prior.logDensity(z));
        }""",
        [run_file(run, "decoder"), z.tolist()],
    )
    torch.testing.assert_close(torch.tensor(found), model.log_prior(z).detach(), atol=1e-4, rtol=1e-5)
