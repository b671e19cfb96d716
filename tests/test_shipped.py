"""The runs that ship: whole, of the promised quality, and told truly in the README."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from tests.server import ROOT
from training import checkpoint, classifier_folder
from training.data.binarize import binarized
from training.data.datasets import LISTINGS, Split, load_dataset
from training.measure.disentanglement import factors_of, information_shares
from training.measure.evaluation import SAMPLES, SEED, as_pixels, encode_all, terms_of
from training.model.posterior import sample
from training.model.vae import VAE
from training.objective import Terms

MNIST = ROOT / "checkpoints" / "mnist"
RUNS = ("autoencoder", "reconstruction", "kl", "elbo")
SHIPPED = sorted(path.parent for path in (ROOT / "checkpoints").glob("*/*/config.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_whole_and_with_latents_that_its_own_weights_give(path: Path) -> None:
    config = checkpoint.verify(path)
    assert config.dataset["source"] in (path / "README.md").read_text()
    assert config.dataset["licence"] in (path / "README.md").read_text()
    stored = checkpoint.load_latents(path)
    held_out = _held_out(path, config)
    assert np.array_equal(held_out.labels, stored["label"])
    held_out = held_out if config.binarize == "none" else binarized(held_out)
    model, images = checkpoint.load_model(path), torch.from_numpy(held_out.images)
    scale = max(1, np.abs(stored["mu"]).max())  # at least the prior's own: the kl run's means are nearly 0
    y = model.classes_of(held_out.labels)
    rounding = 2**-11 if load_file(path / "latents.safetensors")["mu"].dtype == np.float16 else 0  # in a family
    mu = encode_all(model, images, y)[0]
    np.testing.assert_allclose(mu / scale, stored["mu"] / scale, rtol=rounding, atol=1e-4)
    # Decoding all sixteen times takes ten seconds. Half a gallery had other draws, of which only the mean is as here.
    some = slice(None, None, 8 if len(held_out) == 5000 else 1)
    again = _terms(model, images, y, some)
    for name in ("reconstruction", "kl"):
        if name in stored:
            ours, theirs = getattr(again, name).numpy(), stored[name][some]
            assert ours.mean() == pytest.approx(theirs.mean(), rel=1e-3, abs=1e-3)
            if len(ours) < len(held_out):  # with the same draws, so that each image has its own
                np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=0.02, err_msg=name)
    if "kl" not in stored:
        assert torch.isinf(again.kl).all()


@torch.no_grad()
def _terms(model: VAE, images: torch.Tensor, y: torch.Tensor | None, some: slice) -> Terms:
    """Of some of the images, with the draws that they had among all."""
    mu, spread = encode_all(model, images, y)
    generator = torch.Generator().manual_seed(SEED)
    draws = 1 if model.spec.posterior == "deterministic" else SAMPLES
    x, given = as_pixels(images[some]), None if y is None else y[some]
    reconstruction, kl = torch.zeros(2, len(x))
    for _ in range(draws):
        z = sample(mu[some], spread[some], torch.randn(mu.shape, generator=generator)[some])
        reconstruction += model.reconstruction(x, z, given) / draws
        kl += model.kl(mu[some], spread[some], z) / draws
    return Terms(reconstruction, kl)


def _held_out(path: Path, config: checkpoint.Config) -> Split:
    """The images that a run's latents are of; those of UJI Pen Characters do not ship, and may not be here."""
    file = path.parent / checkpoint.GALLERY
    if file.exists():
        gallery = checkpoint.load_gallery(file, config.dataset["gallery_sha256"])
        return Split(gallery["images"], gallery["label"])
    name = config.dataset["name"]
    assert name.startswith("ujipen")
    if not LISTINGS[name].is_here(ROOT / "data"):
        pytest.skip("needs UJI Pen Characters in data/")
    return load_dataset(name, ROOT / "data").gallery


def test_images_that_are_not_to_be_given_on_do_not_ship() -> None:
    assert not list((ROOT / "checkpoints").glob("ujipen*/*.safetensors"))


def test_quality() -> None:
    metrics = {run: checkpoint.load_metrics(MNIST / run) for run in RUNS}
    assert all(each["images"] == 10_000 and each["split"] == "test" for each in metrics.values())
    assert -metrics["elbo"]["elbo"] <= 132
    assert metrics["kl"]["kl"] <= 0.01
    for run in ("autoencoder", "reconstruction"):
        assert metrics[run]["reconstruction"] < metrics["elbo"]["reconstruction"]
    decoder = checkpoint.load_model(MNIST / "elbo").decoder
    assert sum(weight.numel() for weight in decoder.parameters()) <= 1_000_000


def test_the_score_function_run_had_the_same_budget_and_learned_less() -> None:
    plain, score = (checkpoint.load_config(MNIST / run) for run in ("elbo", "elbo-score-function"))
    differing = {name for name, value in plain.training.items() if score.training.get(name, value) != value}
    assert differing <= {"gradient", "baseline"}
    assert score.training["gradient"] == "score-function"
    assert plain.model == score.model
    elbo = {run: checkpoint.load_metrics(MNIST / run)["elbo"] for run in ("elbo", "elbo-score-function")}
    assert elbo["elbo"] - 15 < elbo["elbo-score-function"] < elbo["elbo"] - 5


def test_clouds_are_as_the_notes_show_them() -> None:
    spread = {run: checkpoint.load_latents(MNIST / run)["mu"].std(0) for run in RUNS}
    assert (spread["kl"] < 0.01).all(), "one blob"
    assert ((spread["elbo"] > 0.5) & (spread["elbo"] < 1.5)).all(), "about the prior's size"
    assert spread["autoencoder"].max() > 2 * spread["elbo"].max(), "splays out"
    assert spread["reconstruction"].max() > 2 * spread["elbo"].max(), "splays out"


def test_dimensions_of_the_factors_run_follow_place_and_scale() -> None:
    path = ROOT / "checkpoints" / "factors" / "beta-4"
    metrics, columns = checkpoint.load_metrics(path), checkpoint.load_columns(path)
    for name, column in load_dataset("factors", ROOT / "data").gallery.columns.items():
        assert np.array_equal(columns[name].values, column.values)
    shares = information_shares(checkpoint.load_latents(path)["mu"], factors_of(columns))
    np.testing.assert_allclose(metrics["factor_information"], shares, atol=1e-4)
    best = dict(zip(metrics["factors"], shares.max(axis=0), strict=True))
    assert best["x"] > 0.4 and best["y"] > 0.4 and best["scale"] > 0.2
    assert len({int(shares[:, metrics["factors"].index(name)].argmax()) for name in ("x", "y", "scale")}) == 3


def test_held_out_images_are_as_good_as_test_images() -> None:
    # Were the gallery among the training images, its reconstruction would be well below the test set's.
    held_out = checkpoint.load_latents(MNIST / "elbo")
    metrics = checkpoint.load_metrics(MNIST / "elbo")
    history = checkpoint.load_history(MNIST / "elbo")[metrics["best_epoch"] - 1]
    train = history["train_reconstruction"]
    assert held_out["reconstruction"].mean() - train > 0.5 * (metrics["reconstruction"] - train)


@pytest.mark.skipif(not (ROOT / "data" / "MNIST").exists(), reason="needs the real MNIST in data/")
def test_metrics_come_again_from_the_real_test_images() -> None:
    images = torch.from_numpy(load_dataset("mnist", ROOT / "data").test.images)
    for run in RUNS:
        metrics = checkpoint.load_metrics(MNIST / run)
        again = terms_of(checkpoint.load_model(MNIST / run), images).mean()
        assert again.reconstruction.item() == pytest.approx(metrics["reconstruction"], abs=0.01)
        assert again.kl.item() == (math.inf if metrics["kl"] is None else pytest.approx(metrics["kl"], abs=0.01))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_readme_quotes_the_stored_metrics(path: Path) -> None:
    metrics = checkpoint.load_metrics(path)
    row = re.search(rf"^\| `{path.parent.name}/{path.name}` \|(.*)\|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert row, "README.md has no row for it"
    quoted = [cell.strip() for cell in row.group(1).split("|")][-3:]
    stored = [metrics[name] for name in ("reconstruction", "kl", "elbo")]
    assert quoted == ["none" if value is None else f"{value:.2f}" for value in stored]


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist"])
def test_the_readme_quotes_the_classifiers_accuracy(dataset: str) -> None:
    record, _ = classifier_folder.load_classifier(ROOT / "checkpoints" / dataset / "classifier")
    readme = (ROOT / "README.md").read_text()
    assert f"{100 * record['accuracy']:.2f} %" in readme
    if "accuracy_with_rejection" in record:
        assert f"{100 * record['accuracy_with_rejection']:.2f} %" in readme
    judged = checkpoint.load_metrics(ROOT / "checkpoints" / dataset / "elbo")
    assert f"{100 * judged['recognisable_images']:.1f} %" in readme


def test_all_checkpoints_together_take_what_the_readme_says_and_at_most_48_mb() -> None:
    size = sum(file.stat().st_size for file in (ROOT / "checkpoints").rglob("*") if file.is_file())
    assert size <= 48_000_000
    assert f"takes {size / 1e6:.1f} MB" in " ".join((ROOT / "README.md").read_text().split())


def test_speeds_in_the_readme_are_those_measured() -> None:
    measured = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    quoted = (ROOT / "README.md").read_text(encoding="utf-8").split("## Speed")[1].split("\n## ")[0]
    rows = re.findall(r"^\|.+\|$", quoted, re.MULTILINE)
    assert len(rows) > 15
    assert [row for row in rows if row not in measured.splitlines()] == []
