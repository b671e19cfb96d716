"""The importance-weighted bound as an objective, and its estimator where the answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.test_bounds import _case
from training.aevb import Trainer
from training.data.datasets import load_dataset
from training.errors import UserError
from training.measure.bounds import importance_weighted_bounds
from training.options import FitOptions


def _options(**changes: Any) -> FitOptions:
    return FitOptions(**{"out": Path("x"), "dataset": "digits", "hidden_dims": (32,), "epochs": 3, **changes})


def test_it_tends_to_the_evidence_of_a_linear_gaussian_model_from_below() -> None:
    model, x, _ = _case("diagonal")
    evidence = model.evidence(x)
    torch.manual_seed(0)
    means = []
    for draws in (1, 5, 50):
        terms = [model.weighted_terms(x, torch.randn(len(x), draws, 2)) for _ in range(300)]
        bounds = torch.stack([one.bound for one in terms if one.bound is not None]).detach()
        means.append(float(bounds.mean()))
        if draws == 1:
            torch.testing.assert_close(bounds[0], -(terms[0].reconstruction + terms[0].kl).detach())
    assert means[0] < means[1] < means[2] < float(evidence.mean()) + 0.01
    # With 5,000 draws, as in the table that benchmarks/reproduce.py stands beside, it is the evidence itself.
    torch.testing.assert_close(
        importance_weighted_bounds(model, x, 5000, 0).mean().item(), evidence.mean().item(), atol=0.02, rtol=0
    )


def test_its_gradient_is_that_of_self_normalised_weights() -> None:
    torch.manual_seed(1)
    trainer = Trainer(_options(objective="iwae", importance_samples=4), load_dataset("digits", Path("x")), _CPU)
    x, noise = torch.rand(8, 1, 8, 8), torch.randn(8, 4, 2)
    model = trainer.model
    terms = trainer.estimator.terms(model, x, noise)
    parameters = list(model.decoder.parameters())
    found = torch.autograd.grad(trainer.objective.loss(terms.mean()), parameters)
    # By hand: sum_k w~_k times the gradient of each log w_k.
    log_w = torch.stack([-(one.reconstruction + one.kl) for one in _singly(model, x, noise)], 1)
    weights = log_w.softmax(1).detach()
    expected = torch.autograd.grad(-(weights * log_w).sum(1).mean(), parameters)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


_CPU = torch.device("cpu")


def _singly(model: Any, x: torch.Tensor, noise: torch.Tensor) -> list[Any]:
    return [model.weighted_terms(x, noise[:, k : k + 1]) for k in range(noise.shape[1])]


def test_a_run_raises_it_and_says_so() -> None:
    trainer = Trainer(_options(objective="iwae", activation="tanh"), load_dataset("digits", Path("x")), _CPU)
    assert trainer.options.importance_samples == 5
    trainer.run(lambda _: None)
    last = trainer.history[-1]
    assert last["validation_loss"] < trainer.history[0]["validation_loss"]
    assert (
        last["validation_loss"] < last["validation_reconstruction"] + last["validation_kl"]
    )  # tighter than one draw's


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"importance_samples": 5}, "only --objective iwae has several draws"),
        ({"objective": "iwae", "importance_samples": 0}, "--importance-samples 0"),
        ({"objective": "iwae", "gradient": "score-function"}, "--gradient score-function"),
        ({"objective": "iwae", "posterior": "deterministic"}, "KL is infinite"),
        ({"objective": "iwae", "beta": 2}, "only the elbo objective has a beta"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UserError, match=why):
        _options(**changes)
