"""Likelihood regret is what direct optimisation of q(z|x) gains, and is high for images unlike those of training."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.server import ROOT
from training import checkpoint
from training.measure.best_posterior import amortisation_gap
from training.measure.evaluation import as_pixels
from training.measure.likelihood_regret import likelihood_regret

MNIST = ROOT / "checkpoints" / "mnist" / "elbo"


def _images(folder: Path, count: int) -> torch.Tensor:
    images = checkpoint.load_gallery(folder / checkpoint.GALLERY)["images"]
    return as_pixels(torch.from_numpy(images[:: len(images) // count][:count]))


def test_it_is_what_direct_optimisation_of_q_gains_and_leaves_the_model_as_it_was() -> None:
    model = checkpoint.load_model(MNIST)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = _images(MNIST.parent, 4)
    regret = likelihood_regret(model, x)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(parameter.grad is None for parameter in model.parameters())
    direct = amortisation_gap(model, x)
    assert (regret > -0.3).all()  # what 16 draws a step and 400 judging ones leave
    assert ((regret - direct).abs() < 0.3 + 0.15 * direct.abs()).all(), (regret, direct)


def test_clothes_are_regretted_more_than_digits() -> None:
    model = checkpoint.load_model(MNIST)
    clothes, digits = (
        likelihood_regret(model, _images(ROOT / "checkpoints" / name, 3)) for name in ("fashion-mnist", "mnist")
    )
    assert clothes.median() > 5 * digits.median()
