"""The classifier: what it learns, what its folder holds, and what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tests import in_process
from tests.contents import damaged, resealed
from tests.server import ROOT
from training import checkpoint, classifier_folder
from training.checkpoint import CheckpointError
from training.data.datasets import load_dataset
from training.measure.classifier import (
    MOST_REFUSED,
    Classifier,
    _calibrate,
    _fold,
    _normed,
    augment,
    classify,
    load_classifier,
    non_images,
    shares,
)
from training.measure.evaluation import as_pixels

SHIPPED = ROOT / "checkpoints" / "mnist" / "classifier"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quickly trained classifier of the 8x8 digits, made on the command line."""
    out = tmp_path_factory.mktemp("digits") / "classifier"
    done = in_process.training("classifier", "--dataset", "digits", "--epochs", "12", "--out", out)
    assert done.returncode == 0
    assert json.loads(done.stdout) == classifier_folder.load_classifier(out)[0]
    return out


def test_it_knows_the_classes_and_refuses_what_is_none(folder: Path) -> None:
    model, record = load_classifier(folder)
    test = load_dataset("digits", Path("unused")).test
    probabilities = classify(model, torch.from_numpy(test.images))
    assert probabilities.shape == (250, 11)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    accuracy = (probabilities[:, :10].argmax(1) == test.labels).mean()
    assert accuracy == pytest.approx(record["accuracy"], abs=1e-4)
    assert accuracy > 0.75
    flat = classify(model, torch.full((5, 1, 8, 8), 0.5))
    assert (flat.argmax(1) == 10).all()


def test_its_folder_holds_a_hash_and_the_definitions(folder: Path) -> None:
    record, weights = classifier_folder.load_classifier(folder)
    sha256 = hashlib.sha256((folder / classifier_folder.WEIGHTS).read_bytes()).hexdigest()
    assert record["sha256"] == sha256
    shares = {"accuracy", "accuracy_with_rejection", "recognised_images", "rejected_images", "rejected_non_images"}
    assert set(record["definitions"]) == shares <= set(record)
    assert classifier_folder.is_classifier(folder) and not checkpoint.is_finished(folder)
    assert all(array.dtype == np.float32 for array in weights.values())


def test_a_normalisation_is_folded_into_the_convolution_before_it() -> None:
    torch.manual_seed(0)
    model = Classifier((1, 12, 12), 4)
    normed = _normed(model)
    for _ in range(3):
        normed(2 + 3 * torch.randn(16, 1, 12, 12))  # running means and variances away from 0 and 1
    x = torch.rand(5, 1, 12, 12)
    with torch.no_grad():
        expected = normed.eval()(x)
        assert (model.eval()(x) - expected).abs().max() > 1e-3
        _fold(normed)
        torch.testing.assert_close(model(x), expected)


def test_few_real_images_are_refused_after_it_is_calibrated() -> None:
    torch.manual_seed(0)
    model = Classifier((1, 8, 8), 3).eval()
    images = torch.randint(0, 256, (400, 1, 8, 8), dtype=torch.uint8)
    with torch.no_grad():
        model.layers[-1].bias[-1] += 5
        assert (classify(model, images).argmax(1) == 3).all()
        before = model(as_pixels(images))[:, :3]
        _calibrate(model, images)
        assert (classify(model, images).argmax(1) == 3).mean() == pytest.approx(MOST_REFUSED, abs=1 / 400)
        torch.testing.assert_close(model(as_pixels(images))[:, :3], before)
        model.layers[-1].bias[-1] -= 9
        bias = model.layers[-1].bias.clone()
        _calibrate(model, images)
    torch.testing.assert_close(model.layers[-1].bias, bias)  # no more refusals than there were


def test_shares_tell_a_wrong_class_from_a_refusal() -> None:
    probabilities = np.array([[0.9, 0.1, 0], [0.4, 0.1, 0.5], [0.2, 0.6, 0.2], [0.4, 0.3, 0.3]], np.float32)
    found = shares(probabilities, np.array([0, 0, 0, 0]))
    assert found == {
        "accuracy": 0.75,
        "accuracy_with_rejection": 0.5,
        "recognised_images": 0.5,
        "rejected_images": 0.25,
    }


def test_the_shipped_one_of_fashion_names_real_garments() -> None:
    record, _ = classifier_folder.load_classifier(ROOT / "checkpoints" / "fashion-mnist" / "classifier")
    assert record["accuracy_with_rejection"] >= 0.93
    assert record["recognised_images"] >= 0.98
    assert record["rejected_images"] <= MOST_REFUSED
    assert record["rejected_non_images"] >= 0.99


def test_the_shipped_one_is_as_good_as_promised() -> None:
    model, record = load_classifier(SHIPPED)
    assert record["accuracy"] >= 0.99
    assert record["rejected_non_images"] >= 0.99
    gallery = checkpoint.load_gallery(SHIPPED.parent / checkpoint.GALLERY)
    few = slice(None, None, 5)
    seen = classify(model, torch.from_numpy(gallery["images"][few]))[:, :10].argmax(1)
    assert (seen == gallery["label"][few]).mean() > 0.98


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist"])
def test_shipped_runs_were_judged_by_the_shipped_one(dataset: str) -> None:
    folder = ROOT / "checkpoints" / dataset
    sha256 = classifier_folder.load_classifier(folder / "classifier")[0]["sha256"]
    runs = [path.parent for path in folder.glob("*/config.json")]
    assert len(runs) >= 5
    for run in runs:
        metrics = checkpoint.load_metrics(run)
        assert metrics["classifier_sha256"] == sha256
        if not checkpoint.load_config(run).training.get("family"):  # whose runs ship without the slow figures
            assert metrics["feature_network"]["sha256"] == sha256


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("bytes", "model.safetensors: damaged or changed"),
        ("missing", "model.safetensors: missing"),
        ("version", "format_version is 99, expected 2"),
        ("classes", "'classes' is 10, expected a list"),
        ("shape", r"'image_shape' is \[28, 28\], expected"),
        ("fewer", "size mismatch"),
    ],
)
def test_a_damaged_folder_is_refused_in_one_line(folder: Path, tmp_path: Path, damage: str, message: str) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "classifier"))
    weights, file = copy / classifier_folder.WEIGHTS, copy / classifier_folder.RECORD
    record = json.loads(file.read_text())
    if damage == "bytes":
        weights.write_bytes(damaged(weights.read_bytes()))
    if damage == "missing":
        weights.unlink()
    changes = {
        "version": {"format_version": 99},
        "classes": {"classes": 10},
        "shape": {"image_shape": [28, 28]},
        "fewer": {"classes": ["0", "1"]},
    }
    file.write_bytes(resealed({**record, **changes.get(damage, {})}))
    with pytest.raises(CheckpointError, match=message) as refused:
        load_classifier(copy)
    assert "\n" not in str(refused.value)


def test_its_seal_leaves_other_files_as_they_are(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "classifier"))
    (copy / "notes.txt").write_text("mine")
    record = json.loads((copy / classifier_folder.RECORD).read_text())
    del record["seal"]
    (copy / classifier_folder.RECORD).write_text(json.dumps({**record, "format_version": 1}))
    before = {file.name: file.read_bytes() for file in copy.iterdir() if file.name != classifier_folder.RECORD}
    classifier_folder.seal(copy)
    assert "seal" in json.loads((copy / classifier_folder.RECORD).read_text())
    assert before == {file.name: file.read_bytes() for file in copy.iterdir() if file.name != classifier_folder.RECORD}


def test_augmented_images_keep_their_size_and_range() -> None:
    torch.manual_seed(0)
    x = torch.rand(40, 3, 9, 7)
    changed = augment(x)
    assert changed.shape == x.shape
    assert changed.min() >= 0 and changed.max() <= 1
    assert not torch.equal(changed, x)


def test_non_images_are_images_of_no_class() -> None:
    torch.manual_seed(0)
    label = torch.arange(40) % 4
    x = torch.eye(4)[label].reshape(40, 1, 2, 2)
    fakes = non_images(x, label)
    assert fakes.shape == x.shape
    assert fakes.min() >= 0 and fakes.max() <= 1
    assert (fakes.flatten(1).amax(1) < 1).float().mean() > 0.6, "most are blends"


def test_bad_options_are_named() -> None:
    done = in_process.training("classifier", "--out", "x", "--epochs", "0")
    assert done.returncode == 2
    assert "--epochs 0: must be a whole number from 1" in done.stderr
    assert "Traceback" not in done.stderr
