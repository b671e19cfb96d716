"""Unlikely images: AUROC against scikit-learn, figures against what they are made of, and what is said and refused."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import roc_auc_score

from training import checkpoint
from training.commands import main
from training.errors import UserError
from training.measure.evaluation import as_pixels
from training.measure.evidence import log_likelihood
from training.unlikely import CONSTANT, SIGNS, Group, Unlikely, auroc, in_words, other_images, rank


def test_the_area_is_scikit_learns_ties_and_all() -> None:
    rng = np.random.default_rng(0)
    for spread in (1.0, 8.0):
        held_out, other = (np.round(spread * rng.normal(at, 1, 40)) for at in (0, 0.7))
        truth = np.repeat([0, 1], 40)
        expected = roc_auc_score(truth, np.concatenate([held_out, other]))
        assert auroc(held_out, other) == pytest.approx(expected)


def test_held_out_other_and_constant_images_of_a_run(trained: Path, tmp_path: Path) -> None:
    run = trained / "digits" / "elbo"
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(run.parent / checkpoint.GALLERY, other)
    found = rank(run, [str(other)], 3, tmp_path)
    held_out, same, constant = found.groups
    assert [group.name for group in found.groups] == ["held-out", str(other), CONSTANT]
    assert (found.exact, found.grey) == (True, True)
    assert constant.numbers.tolist() == [0, 32, 64, 96, 128, 159, 191, 223, 255]
    model = checkpoint.load_model(run)
    images = checkpoint.load_gallery(run.parent / checkpoint.GALLERY)["images"][held_out.numbers]
    flat = [torch.full((1, 8, 8), level, dtype=torch.uint8) for level in constant.numbers]
    z = torch.randn(60_000, 2, generator=torch.Generator().manual_seed(1))
    for group, shown in ((held_out, torch.from_numpy(images)), (constant, torch.stack(flat))):
        figures = group.figures
        np.testing.assert_allclose(figures["ELBO"], -(figures["reconstruction"] + figures["KL"]), rtol=1e-5)
        assert (figures["ELBO"] < figures["log p(x)"] + 0.1).all()
        sampled = torch.logsumexp(log_likelihood(model, as_pixels(shown), z).double(), 1) - np.log(len(z))
        np.testing.assert_allclose(figures["log p(x)"], sampled.numpy(), atol=0.1)
    for name, values in same.figures.items():
        np.testing.assert_array_equal(values, held_out.figures[name])
        assert auroc(SIGNS[name] * held_out.figures[name], SIGNS[name] * values) == 0.5
    words = in_words(run, found)
    assert "a cross-entropy, no log-probability" in words
    assert "log p(x) by integration" in words


def _found(best: float) -> Unlikely:
    usual = {name: np.arange(5.0) for name in SIGNS}
    odd = {name: sign * np.full(3, 9.0) for name, sign in SIGNS.items()} | {"log p(x)": np.full(3, best)}
    return Unlikely((Group("held-out", np.arange(5), usual), Group(CONSTANT, np.arange(3), odd)), False, False)


def test_what_a_high_log_p_says_of_an_image_is_said_as_it_is() -> None:
    words = in_words(Path("run"), _found(3.5))
    assert "the highest log p(x) is 3.50, of the image of level 0 of 255, above that of 80% of the held-out" in words
    assert "a high log p(x) is not a sign of a normal image" in words
    assert "1,000 draws of q(z|x)" in words
    assert "here no other image has a higher log p(x) than half" in in_words(Path("run"), _found(-2))


def test_what_cannot_be_compared_is_refused_in_a_line(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def line(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["python -m training", "unlikely", *words])
        assert main() == 2
        (only,) = capsys.readouterr().err.strip().splitlines()
        return only

    run = str(trained / "digits" / "elbo")
    assert "--images 1: must be at least 2" in line(run, "--images", "1")
    assert "--other nonsense: nonsense: not one of" in line(run, "--other", "nonsense")
    assert "a code without noise: no prior" in line(str(trained / "digits" / "autoencoder"))
    alone = Path(shutil.copytree(run, tmp_path / "alone" / "elbo"))
    assert "no held-out images beside it" in line(str(alone))
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rng = np.random.default_rng(0)
    for number in range(20):
        Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(pictures / f"{number}.png")
    with pytest.raises(UserError, match=r"--other .*pictures: its images are 3x8x8 .*, the run's 1x8x8"):
        other_images(str(pictures), (1, 8, 8), tmp_path)
    assert other_images(str(pictures), (3, 8, 8), tmp_path).shape[1:] == (3, 8, 8)
