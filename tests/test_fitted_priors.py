"""Priors fitted to a run's codes: against torch, scikit-learn and sampling, what falls again, and what is refused."""

from __future__ import annotations

import json
import math
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture
from torch.distributions import Categorical, Independent, MixtureSameFamily, MultivariateNormal, Normal

from tests.server import ROOT
from training import checkpoint
from training.commands import main
from training.measure.evaluation import as_pixels
from training.measure.evidence import log_likelihood
from training.measure.fitted_priors import AggregatePrior, fit_mixture, fit_priors, halves, recognisable
from training.measure.metrics import judge_of, prior_coverage
from training.measure.prior_files import PRIORS_FILE, in_words, load_fitted_priors
from training.model.prior import MixturePrior
from training.regular_file import CheckpointError


@pytest.fixture(scope="module")
def run(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in two dimensions that priors were fitted to."""
    root = Path(shutil.copytree(trained, tmp_path_factory.mktemp("fitted") / "checkpoints"))
    fit_priors(root / "digits" / "elbo", (5, 1, 40))
    return root / "digits" / "elbo"


def _kept(run: Path) -> dict[str, Any]:
    return load_fitted_priors(run.parent / PRIORS_FILE)["elbo"]


def test_a_fitted_mixture_has_the_density_that_scikit_learn_gives_it() -> None:
    codes = np.random.default_rng(0).standard_normal((900, 3)) + np.repeat([[0.0], [4.0], [-3.0]], 300, axis=0)
    fitted = fit_mixture(codes, 3)
    expected = GaussianMixture(3, covariance_type="diag", max_iter=300, random_state=0).fit(codes)
    assert fitted.converged
    found = fitted.prior.log_prob(torch.from_numpy(codes)).detach().numpy()
    np.testing.assert_allclose(found, expected.score_samples(codes), atol=1e-4)


@pytest.mark.parametrize("full", [False, True])
def test_the_aggregate_is_the_mixture_of_all_posteriors(full: bool) -> None:
    torch.manual_seed(0)
    mean, log_var = torch.randn(50, 2), torch.randn(50, 2) - 2
    factor = torch.tril(torch.randn(50, 2, 2)) * 0.2 + torch.eye(2)
    prior = AggregatePrior(mean, factor if full else log_var)
    gaussians = (
        MultivariateNormal(mean, scale_tril=factor) if full else Independent(Normal(mean, torch.exp(0.5 * log_var)), 1)
    )
    expected = MixtureSameFamily(Categorical(torch.ones(50)), gaussians)
    z = torch.randn(4, 30, 2)
    torch.testing.assert_close(prior.log_prob(z), expected.log_prob(z), atol=1e-4, rtol=1e-4)
    drawn = prior.draw(40_000, 2, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.mean(0), expected.mean, atol=0.04, rtol=0)
    torch.testing.assert_close(drawn.var(0), expected.variance, atol=0.1, rtol=0)


def test_log_p_of_the_judging_images_is_what_sampling_each_prior_gives(run: Path) -> None:
    fitted, model = _kept(run), checkpoint.load_model(run)
    latents = checkpoint.load_latents(run)
    mu, log_var = (torch.from_numpy(latents[name]) for name in ("mu", "log_var"))
    to_fit, to_judge = halves(len(mu), fitted["seed"])
    assert not set(to_fit.tolist()) & set(to_judge.tolist())
    assert (len(to_fit), len(to_judge)) == (fitted["fitted_images"], fitted["judged_images"])
    x = as_pixels(torch.from_numpy(checkpoint.load_gallery(run.parent / checkpoint.GALLERY)["images"]))[to_judge]
    for row in fitted["priors"]:
        prior: Any = model.prior
        if row["gaussians"]:
            prior = MixturePrior(row["components"], 2)
            prior.load_state_dict({name: torch.tensor(values) for name, values in row["gaussians"].items()})
        elif row["prior"] == "aggregate":
            prior = AggregatePrior(mu[to_fit], log_var[to_fit])
        z = prior.draw(40_000, 2, torch.Generator().manual_seed(5))
        sampled = torch.logsumexp(log_likelihood(model, x, z).double(), 1) - math.log(len(z))
        assert row["log_evidence"] == pytest.approx(float(sampled.mean()), abs=0.03), row["prior"]


def test_rows_are_the_runs_own_prior_each_mixture_by_size_and_the_aggregate(run: Path) -> None:
    rows = _kept(run)["priors"]
    assert [(row["prior"], row["components"]) for row in rows] == [
        ("standard", None),
        *[("mixture", components) for components in (1, 5, 40)],
        ("aggregate", None),
    ]
    assert rows[0]["over_own"][0] == 0
    mixtures = rows[1:-1]
    best = max(row["log_evidence"] for row in mixtures)
    for row in rows:
        assert row["over_own"][0] == pytest.approx(row["log_evidence"] - rows[0]["log_evidence"], abs=1e-3)
        assert row["below_best"][0] == pytest.approx(best - row["log_evidence"], abs=1e-3)
        assert row["recognisable"] is None  # no classifier beside it
    latents = checkpoint.load_latents(run)
    _, others = halves(len(latents["mu"]), 0)
    spread = checkpoint.spread(latents)
    assert spread is not None
    assert rows[0]["coverage"] == pytest.approx(prior_coverage(latents["mu"][others], spread[others]), abs=1e-5)


def test_too_many_gaussians_lower_the_density_of_other_codes() -> None:
    codes = np.random.default_rng(1).standard_normal((600, 2)) * [0.5, 2]
    other = torch.from_numpy(np.random.default_rng(2).standard_normal((4000, 2)) * [0.5, 2])
    of = {k: float(fit_mixture(codes[:100], k).prior.log_prob(other).mean().detach()) for k in (1, 60)}
    assert of[60] < of[1] - 0.3


def _row(components: int, log_evidence: float, below_best: float) -> dict[str, Any]:
    return {
        "prior": "mixture",
        "components": components,
        "converged": components != 7,
        "coverage": 0.5,
        "log_evidence": log_evidence,
        "over_own": [1.0, 0.2],
        "below_best": [below_best, 0.1],
        "effective_draws": 20.0,
        "recognisable": 0.75,
        "gaussians": {"logits": []},
    }


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ([(1, -90.0, 3.0), (5, -87.0, 0.0)], "highest with 5 Gaussians, the most that were tried"),
        ([(1, -90.0, 3.0), (5, -87.0, 0.0), (9, -88.0, 1.0)], "with 9 it is 1.00 ± 0.10 nats lower again: too many"),
        ([(5, -87.0, 0.0), (9, -87.1, 0.1)], "with 9 it is 0.10 ± 0.10 nats lower again, which may be chance"),
        ([(5, -87.0, 0.0), (7, -86.0, 0.0)], "stopped before they settled: 7 Gaussians"),
    ],
)
def test_rising_and_falling_is_said_as_it_is(rows: list[tuple[int, float, float]], last: str) -> None:
    mixtures = [_row(*row) for row in rows]
    fitted = {"fitted_images": 50, "fitted_draws": 100, "judged_images": 40, "draws": 200, "priors": mixtures}
    assert last in in_words("run", fitted).splitlines()[-1]
    mixtures[0]["effective_draws"] = 3.0
    assert f"draws count, so that log p(x) is rather higher: {rows[0][0]} Gaussian" in in_words("run", fitted)


def test_figures_of_other_runs_stay_and_a_changed_file_is_refused(run: Path) -> None:
    fit_priors(run.with_name("conv"), (2,))  # three dimensions, another likelihood
    file = run.parent / PRIORS_FILE
    kept = load_fitted_priors(file)
    assert list(kept) == ["conv", "elbo"]
    assert len(kept["conv"]["priors"][1]["gaussians"]["mean"][0]) == 3
    whole = file.read_text()
    try:
        file.write_text(whole.replace('"seed": 0', '"seed": 1'))
        with pytest.raises(CheckpointError, match=r"seal differs.*fit-prior"):
            load_fitted_priors(file)
        content = json.loads(whole)
        del content["seal"]
        content["runs"]["elbo"]["priors"][1]["gaussians"]["mean"].append([0, 0])
        file.write_text(json.dumps({**content, "format_version": 1}))
        with pytest.raises(CheckpointError, match=r"runs\.elbo\.priors\[1\]\.gaussians differ in length"):
            load_fitted_priors(file)
    finally:
        file.write_text(whole)


def test_what_is_recognised_of_the_runs_own_prior_is_its_metric() -> None:
    path = ROOT / "checkpoints" / "mnist" / "elbo"
    model = checkpoint.load_model(path)
    judge = judge_of(path.parent / "classifier", model)
    assert judge
    share = recognisable(model, model.prior, judge[0], 0)
    assert share == pytest.approx(checkpoint.load_metrics(path)["recognisable"], abs=0.05)


@pytest.mark.parametrize(
    ("name", "words", "why"),
    [
        ("elbo", ("--components", "0"), "--components 0: must be a whole number from 1 to 1000"),
        ("elbo", ("--components", "2", "x"), "--components 2 x: expected whole numbers"),
        ("elbo", ("--components", "1000"), "--components 1000: more than the"),
        ("elbo", ("--seed", "-1"), "--seed -1: must be from 0"),
        ("autoencoder", (), "a code without noise: no prior"),
        ("nowhere", (), "nowhere"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_line(
    run: Path,
    name: str,
    words: tuple[str, ...],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert why in _line(run.with_name(name), words, monkeypatch, capsys)


def test_a_run_without_images_or_given_the_class_is_refused_in_a_line(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = Path(shutil.copytree(run, tmp_path / "alone" / "elbo"))
    assert "no held-out images beside it" in _line(alone, ("--components", "2"), monkeypatch, capsys)
    conditional = ROOT / "checkpoints" / "mnist" / "elbo-conditional"
    assert "given the class" in _line(conditional, (), monkeypatch, capsys)
    assert not (alone.parent / PRIORS_FILE).exists()


def _line(
    path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setattr(sys, "argv", ["python -m training", "fit-prior", str(path), *words])
    assert main() == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line
