"""What a diagnosis rests on, in closed form, and what it says of a run."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from training import checkpoint, diagnosis
from training.diagnosis import beta_of_mean_squared_error, diagnose, in_words
from training.diagnosis_pictures import Bars, Clouds, Lines, Strips
from training.errors import UserError
from training.measure.information import KlParts, kl_parts
from training.model.prior import StandardPrior


@pytest.mark.parametrize("full", [False, True])
def test_both_parts_of_the_kl_of_a_linear_gaussian_model(full: bool) -> None:
    """Of mu ~ N(0, s^2) and z ~ N(mu, t^2), z is N(0, s^2 + t^2): I(x; z) = D/2 log(1 + s^2/t^2)."""
    torch.manual_seed(0)
    count, dim, s, t = 4000, 2, 0.9, 0.3
    mu = s * torch.randn(count, dim)
    spread = torch.eye(dim).expand(count, -1, -1) * t if full else torch.full((count, dim), 2 * math.log(t))
    parts = kl_parts(mu[:1000] if full else mu, spread[:1000] if full else spread, StandardPrior())
    information = 0.5 * dim * math.log(1 + s**2 / t**2)
    variance = s**2 + t**2
    marginal = 0.5 * dim * (variance - 1 - math.log(variance))
    low, high = parts.information
    assert low < high
    assert low == pytest.approx(information, abs=0.1)
    assert high == pytest.approx(information, abs=0.1)
    assert low - 0.06 <= information <= high + 0.06
    assert parts.marginal[0] - 0.06 <= marginal <= parts.marginal[1] + 0.06
    assert parts.kl == pytest.approx(information + marginal, abs=0.1)


def test_information_beyond_the_number_of_images_is_not_seen_and_is_bounded_above() -> None:
    torch.manual_seed(0)
    mu, log_var = torch.randn(100, 2), torch.full((100, 2), -14.0)
    low, high = kl_parts(mu, log_var, StandardPrior()).information
    assert low == pytest.approx(math.log(100), abs=0.01)
    assert high > math.log(100)


def test_a_mean_squared_error_with_a_small_weight_is_a_beta() -> None:
    """w MSE + ... : minimising mean (x - m)^2 + w KL is minimising -log p(x|z) + beta KL, at any terms."""
    pixels, weight, variance = 784, 0.00025, 0.5
    beta = beta_of_mean_squared_error(weight, pixels, variance)
    assert beta == pytest.approx(0.196)
    for squares, kl in ((50.0, 3.0), (7.0, 20.0)):
        averaged = squares / pixels + weight * kl
        assert squares / (2 * variance) + beta * kl == pytest.approx(averaged * pixels / (2 * variance))


def test_no_part_of_the_kl_is_said_to_be_more_than_the_whole() -> None:
    (said,) = diagnosis._parts(KlParts(21.77, (7.58, 57.35), (-35.58, 14.19)), 2000)
    assert said.number.startswith("of 21.77 nats, 7.58 to 21.77 are information")
    assert said.number.endswith("0.00 to 14.19 are the distance of q(z) from p(z)")


@pytest.mark.parametrize(
    ("p", "words"), [(0.4, "all of the reconstruction term"), (0.9, "% of the reconstruction term")]
)
def test_noise_is_a_share_of_the_reconstruction_term_only_where_it_is_less(trained: Path, p: float, words: str) -> None:
    """Black images cost -log(1 - p) a pixel, whose own noise is the entropy of p: more below p = 1/2, less above."""
    model = checkpoint.load_model(trained / "digits" / "elbo")
    for weights in model.decoder.parameters():
        torch.nn.init.zeros_(weights)
    torch.nn.init.constant_([*model.decoder.parameters()][-1], math.log(p / (1 - p)))
    mu = torch.zeros(5, model.spec.latent_dim)
    (said,) = diagnosis._noise(model, np.zeros((5, 1, 8, 8), np.uint8), mu)
    assert words in said.number
    assert f"{-64 * math.log(1 - p):.1f}" in said.number
    entropy = -64 * (p * math.log(p) + (1 - p) * math.log(1 - p))
    assert (f"({entropy:.1f} of" in said.number) == (p > 0.5)


def test_a_run_is_diagnosed_worst_first(trained: Path, tmp_path: Path) -> None:
    found = diagnose(trained / "digits" / "elbo")
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
    titles = " ".join(one.title for one in found)
    for what in ("KL", "dimensions", "holes", "amortisation", "over-fitting", "beta", "blur"):
        assert what in titles
    assert "Try: " in in_words(tmp_path, found)
    assert all(one.picture for one in found), "each has its picture"
    collapsed = {one.title: one for one in diagnose(trained / "digits" / "kl")}
    assert collapsed["latent dimensions that are used"].weight == 1
    alone = Path(shutil.copytree(trained / "digits" / "elbo", tmp_path / "alone" / "elbo"))
    assert "blur" not in " ".join(one.title for one in diagnose(alone))  # without images
    with pytest.raises(UserError, match="without noise"):
        diagnose(trained / "digits" / "autoencoder")


def test_pictures_show_the_numbers_of_their_findings(trained: Path) -> None:
    path = trained / "digits" / "elbo"
    metrics, history = checkpoint.load_metrics(path), checkpoint.load_history(path)
    found = {one.title: one.picture for one in diagnose(path)}
    match found["latent dimensions that are used"]:
        case Bars(_, values):
            assert list(values.values()) == sorted(metrics["kl_per_dimension"], reverse=True)
            assert {f"z{d}": kl for d, kl in enumerate(metrics["kl_per_dimension"], 1)} == values
        case other:
            pytest.fail(str(other))
    match found["the two parts of the KL"]:
        case Bars(_, values):
            assert sum(values.values()) == pytest.approx(metrics["kl"], abs=1), "of held-out images, not test images"
        case other:
            pytest.fail(str(other))
    match found["over-fitting"]:
        case Lines(_, lines):
            losses = [(record["epoch"], record["validation_loss"]) for record in history]
            assert lines["validation loss"] == losses
        case other:
            pytest.fail(str(other))
    match found["holes of the prior"]:
        case Clouds(_, clouds):
            assert clouds["p(z)"].std() == pytest.approx(1, abs=0.1)
            mu = checkpoint.load_latents(path)["mu"]
            error = 5 * clouds["q(z)"].std(axis=0) / len(clouds["q(z)"]) ** 0.5
            assert (abs(clouds["q(z)"].mean(axis=0) - mu.mean(axis=0)) < error).all()
        case other:
            pytest.fail(str(other))
    match found["blur"]:
        case Strips(_, rows):
            assert {images.shape for images in rows.values()} == {(10, 1, 8, 8)}
            p = rows["E[x|z]"]
            grey = (p > 0.4) & (p < 0.6)
            assert rows["entropy of each pixel"][grey].min() > 0.95
        case other:
            pytest.fail(str(other))
