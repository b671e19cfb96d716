"""The checkpoint folder: what is written comes back, what is wrong is refused by name, and a kill loses nothing."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer import loader
from tests.contents import contents_of, replace_config, replace_file, replace_tensors
from tests.server import ROOT
from training import atomic, checkpoint
from training.aevb import Interrupted, Trainer, Watcher
from training.checkpoint import CheckpointError, Contents
from training.commands import seal
from training.data.datasets import load_dataset
from training.errors import UserError
from training.measure.definitions import ALL_DEFINITIONS
from training.model.network import BatchNorm
from training.options import FitOptions, ImportOptions
from training.resume_state import read_state, write_state
from training.run import fit
from training.sealed_json import unsealed

FILES = [checkpoint.CONFIG, *checkpoint.HASHED_FILES]


def test_what_is_written_comes_back(trained: Path, tmp_path: Path) -> None:
    for run in sorted((trained / "digits").iterdir()):
        if not run.is_dir():
            continue
        checkpoint.write_checkpoint(tmp_path / run.name, contents_of(run))
        assert checkpoint.verify(tmp_path / run.name) == checkpoint.verify(run)
        for name in FILES:
            assert (tmp_path / run.name / name).read_bytes() == (run / name).read_bytes()


def test_load_model_encodes_to_the_stored_latents(trained: Path) -> None:
    gallery = checkpoint.load_gallery(trained / "digits" / "gallery.safetensors")
    x = torch.from_numpy(gallery["images"]).float() / 255
    for run in ("elbo", "autoencoder", "conv"):
        model = checkpoint.load_model(trained / "digits" / run)
        latents = checkpoint.load_latents(trained / "digits" / run)
        with torch.no_grad():
            mu, log_var = model.encode(x)
            assert model.decode(mu).shape == x.shape
        np.testing.assert_allclose(mu, latents["mu"], atol=1e-5)
        if run == "autoencoder":
            assert "log_var" not in latents
            assert torch.isneginf(log_var).all()
        else:
            np.testing.assert_allclose(log_var, latents["log_var"], atol=1e-5)
        assert not model.training


def test_load_latents_imports_no_torch(trained: Path) -> None:
    code = (
        "import sys; from training.checkpoint import load_latents, verify; "
        f"load_latents({str(trained / 'digits' / 'elbo')!r}); verify({str(trained / 'digits' / 'elbo')!r}); "
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_every_random_bit_flip_and_truncation_is_refused_by_name(checkpoints: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    before = checkpoint.verify(run)
    chance = random.Random(7)
    for trial in range(400):
        file = run / FILES[trial % len(FILES)]
        whole = file.read_bytes()
        if trial % 2:
            damaged = bytearray(whole)
            damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        else:
            damaged = bytearray(whole[: chance.randrange(len(whole))])
        file.write_bytes(damaged)
        with pytest.raises(CheckpointError, match=re.escape(str(run))):
            checkpoint.verify(run)
        file.write_bytes(whole)
    assert checkpoint.verify(run) == before


@pytest.mark.parametrize("name", ["mnist/elbo/config.json", "mnist/classifier/classifier.json"])
def test_no_bit_of_a_sealed_file_changes_unseen(name: str) -> None:
    file = ROOT / "checkpoints" / name
    whole = file.read_bytes()
    unsealed(file, whole)
    passed = []
    for place in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            with suppress(CheckpointError):
                unsealed(file, bytes(damaged))
                passed.append((place, bit))
    assert not passed


def test_no_bit_of_an_interrupted_run_changes_unseen(tmp_path: Path) -> None:
    def stop() -> bool:
        raise Interrupted

    options = FitOptions(out=tmp_path / "run", dataset="digits", epochs=1, hidden_dims=(8,))
    trainer = Trainer(options, load_dataset("digits", Path("unused")), torch.device("cpu"))
    with pytest.raises(Interrupted):
        trainer.run(lambda _: None, Watcher(stop))
    file = tmp_path / "resume.safetensors"
    write_state(file, trainer)
    whole = file.read_bytes()
    assert read_state(file)[1]["epoch"] == 0
    chance = random.Random(5)
    header = 8 + int.from_bytes(whole[:8], "little")
    ends = [(0, header)] * 100 + [(header, len(whole))] * 100
    for place in (chance.randrange(*end) for end in ends):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        with pytest.raises(UserError, match="is damaged"):
            read_state(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.weights["decoder.0.weight"].__setitem__((0, 0), 1e30), "holds 1e[+]30, expected numbers up to"),
        (lambda c: c.latents["mu"].__setitem__((0, 0), np.inf), "'mu' holds a number that is not finite"),
        (lambda c: c.metrics.update(neighbour_accuracy=2), "'neighbour_accuracy' is 2, expected a number from 0 to 1"),
    ],
)
def test_nothing_is_written_that_its_reader_would_refuse(
    checkpoints: Path, change: Callable[[Contents], object], message: str
) -> None:
    run = checkpoints / "digits" / "elbo"
    before, contents = checkpoint.verify(run), contents_of(run)
    change(contents)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.write_checkpoint(run, contents)
    assert checkpoint.verify(run) == before


def test_what_an_older_version_wrote_is_read_and_sealed_by_a_command(checkpoints: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    config = json.loads((run / "config.json").read_bytes())
    del config["seal"]
    (run / "config.json").write_text(json.dumps({**config, "format_version": 2}))
    with pytest.raises(CheckpointError, match="it has no seal"):
        checkpoint.verify(run)
    (run / "config.json").write_text(json.dumps({**config, "format_version": 1}))
    before = checkpoint.verify(run)
    others = {file.name: file.read_bytes() for file in run.iterdir() if file.name != "config.json"}
    seal(run)
    assert checkpoint.verify(run) == before
    assert b'"seal"' in (run / "config.json").read_bytes()
    assert others == {file.name: file.read_bytes() for file in run.iterdir() if file.name != "config.json"}


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("latents", lambda a: a.pop("mu"), r"latents\.safetensors: tensor 'mu' is missing"),
        ("latents", lambda a: a.pop("kl"), r"latents\.safetensors: tensor 'kl' is missing"),
        ("latents", lambda a: a.update(mu=a["mu"][:, :1].copy()), r"'mu' has shape \(500, 1\), expected \(500, 2\)"),
        ("latents", lambda a: a.update(mu=a["mu"].astype(np.float64)), r"'mu' is float64, expected float32"),
        ("latents", lambda a: a["kl"].__setitem__(3, np.nan), r"'kl' holds a number that is not finite"),
        ("latents", lambda a: a["label"].__setitem__(0, 10), r"'label' must hold .* from 0 to 9"),
        ("latents", lambda a: a.update({k: v[:0].copy() for k, v in a.items()}), r"'label' must hold at least one"),
        ("model", lambda a: a["decoder.0.weight"].__setitem__((0, 0), np.inf), r"decoder\.0\.weight' holds a number"),
        ("trajectory", lambda a: a.update(epoch=a["epoch"][:1].copy()), r"'epoch' has shape \(1,\), expected"),
        ("trajectory", lambda a: a.update(mu=a["mu"][0].copy()), r"'mu' has shape \(500, 2\), expected \(T, N, D\)"),
    ],
)
def test_tensors_that_break_the_contract_are_refused(
    checkpoints: Path, file: str, change: Callable[[dict[str, np.ndarray]], None], message: str
) -> None:
    run = checkpoints / "digits" / "elbo"
    replace_tensors(run, f"{file}.safetensors", change)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.verify(run)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("decoder.0.bias"), r"tensor 'decoder\.0\.bias' is missing"),
        (lambda a: a.update(extra=np.zeros(1, np.float32)), r"tensor 'extra' does not belong to this model"),
        (lambda a: a.update({"decoder.0.bias": np.zeros(7, np.float32)}), r"has shape \(7,\), expected \(32,\)"),
    ],
)
def test_weights_of_another_network_are_refused(
    checkpoints: Path, change: Callable[[dict[str, np.ndarray]], None], message: str
) -> None:
    run = checkpoints / "digits" / "elbo"
    replace_tensors(run, "model.safetensors", change)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.load_model(run)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format_version=3), "format_version is 3, expected 2"),
        (lambda c: c.pop("model"), "'model' is missing"),
        (lambda c: c["model"].pop("latent_dim"), "'model' does not describe a network"),
        (lambda c: c["model"].update(latent_dim="2; import os"), "'model' does not describe a network"),
        (lambda c: c["model"].update(architecture="../../etc"), "'model' does not describe a network"),
        (lambda c: c["files"].pop("model.safetensors"), r"no SHA-256 of model\.safetensors"),
        (lambda c: c["dataset"].update(classes=7), "'dataset.classes' is 7, expected a list"),
    ],
)
def test_a_config_that_breaks_the_contract_is_refused(
    checkpoints: Path, change: Callable[[dict[str, object]], None], message: str
) -> None:
    run = checkpoints / "digits" / "elbo"
    config = json.loads((run / "config.json").read_text())
    change(config)
    replace_config(run, config)
    with pytest.raises(CheckpointError, match=message):
        checkpoint.verify(run)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(checkpoints: Path, name: str) -> None:
    run = checkpoints / "digits" / "elbo"
    (run / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name}: missing"):
        checkpoint.verify(run)


def test_a_bloated_header_is_refused_before_it_is_parsed(checkpoints: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    replace_file(run, "model.safetensors", (50_000_000).to_bytes(8, "little") + b"{" + b" " * 60_000_000)
    with pytest.raises(CheckpointError, match=r"header of 50,000,000 bytes, expected at most 1,000,000"):
        checkpoint.load_weights(run)


def test_a_pickle_is_never_opened(checkpoints: Path, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    bomb = f"cos\nsystem\n(S'touch {marker}'\ntR.".encode()  # a pickle that runs a command
    run = checkpoints / "digits" / "elbo"
    for name in ("model.safetensors", "latents.safetensors"):
        replace_file(run, name, bomb)
    (run / "model.pt").write_bytes(bomb)
    with pytest.raises(CheckpointError, match=r"\.safetensors: (not a safetensors file|header of)"):
        checkpoint.verify(run)
    with pytest.raises(CheckpointError):
        checkpoint.load_model(run)
    assert not marker.exists()


def test_a_gallery_of_other_images_is_refused(trained: Path) -> None:
    with pytest.raises(CheckpointError, match="not the images that the run was evaluated on"):
        checkpoint.load_gallery(trained / "digits" / "gallery.safetensors", "0" * 64)


WRITER = """
import sys
from pathlib import Path
from explorer import loader
from tests.contents import contents_of
from training import checkpoint
run, source = Path(sys.argv[1]), Path(sys.argv[2])
contents = contents_of(source, "again")
print("ready", flush=True)
while True:
    checkpoint.write_checkpoint(run, contents)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_a_kill_while_writing_leaves_a_whole_checkpoint(checkpoints: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    source = checkpoints / "digits" / "kl"
    chance = random.Random(3)
    for _ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, run, source], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        checkpoint.verify(run)
    checkpoint.write_checkpoint(run, contents_of(source))
    checkpoint.verify(run)


def test_a_kill_between_the_two_renames_loses_nothing(checkpoints: Path) -> None:
    run = checkpoints / "digits" / "elbo"
    before, contents = checkpoint.load_config(run), contents_of(run)
    run.rename(run.with_name(".elbo.previous"))
    assert checkpoint.verify(run) == before
    checkpoint.write_checkpoint(run, contents)
    assert run.exists()
    assert not run.with_name(".elbo.previous").exists()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small file system as root")
def test_a_full_disk_leaves_the_old_checkpoint_and_one_line(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        fit(FitOptions(out=disk / "run", dataset="digits", epochs=1, hidden_dims=(16,)))
        before = checkpoint.verify(disk / "run")
        command = [sys.executable, "-m", "training", "fit", "--dataset", "digits", "--epochs", "1", "--overwrite"]
        large = [*command, "--hidden-dims", "512", "512", "--out", disk / "run"]
        failed = subprocess.run(large, cwd=ROOT, capture_output=True, text=True)
        assert failed.returncode == 1
        assert "No space left on device" in failed.stderr
        assert "Traceback" not in failed.stderr
        assert checkpoint.verify(disk / "run") == before
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.fixture(scope="module")
def full_gaussian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a full covariance and a gaussian likelihood."""
    out = tmp_path_factory.mktemp("digits") / "full-gaussian"
    fit(FitOptions(out=out, dataset="digits", epochs=1, hidden_dims=(8,), posterior="full", likelihood="gaussian"))
    return out


def test_the_format_document_names_every_file_field_and_tensor(trained: Path, full_gaussian: Path) -> None:
    text = (ROOT / "docs" / "checkpoint-format.md").read_text()
    names = {*FILES, checkpoint.COLUMNS} | {
        "gallery.safetensors",
        *checkpoint.load_gallery(trained / "digits" / "gallery.safetensors"),
    }
    for run in (*sorted(config.parent for config in trained.glob("digits/*/config.json")), full_gaussian):
        config = json.loads((run / "config.json").read_text())
        names |= set(config).union(*(config[part] for part in ("dataset", "model", "training", "versions")))
        names |= {re.sub(r"\.\d+\.", ".<i>.", name) for name in checkpoint.load_weights(run)}
        names |= set(checkpoint.load_latents(run)) | set(checkpoint.load_trajectory(run))
        names |= set(checkpoint.load_history(run)[0]) | set(checkpoint.load_metrics(run))
    assert {"scale_tril", "log_sigma", "log_var", "umap", "encoder.<i>.bias", "weight_decay"} <= names
    imported = ImportOptions(model="module:object", weights=Path("w"), out=Path("x"))
    names |= set(imported.recipe()) | set(ALL_DEFINITIONS)
    names |= set(BatchNorm(features=2, eps=1e-5, affine=True).state_dict()) - {"weight", "bias"}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_folders_left_by_a_kill_are_not_taken_for_runs(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    runs = loader.catalog().datasets["digits"]
    elbo = checkpoints / "digits" / "elbo"
    for name in (".elbo.writing-1", ".elbo.previous", ".elbo.partial"):
        shutil.copytree(elbo, elbo.with_name(name))
    assert list(loader.catalog().datasets["digits"]) == list(runs)
    assert not loader.catalog().problems
    atomic.recover(elbo)
    assert not elbo.with_name(".elbo.previous").exists(), "the new one is there"
    checkpoint.verify(elbo)


def test_half_precision_halves_the_folder_and_metrics_are_of_the_stored_weights(tmp_path: Path) -> None:
    options = {"dataset": "digits", "epochs": 2, "hidden_dims": (16,)}
    whole, half = tmp_path / "whole", tmp_path / "half"
    fit(FitOptions(out=whole, **options))
    fit(FitOptions(out=half, precision="float16", **options))
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (whole, half)]
    assert sizes[1] < 0.7 * sizes[0]
    weights = checkpoint.load_weights(half)
    for name, array in checkpoint.load_weights(whole).items():
        np.testing.assert_array_equal(weights[name], array.astype(np.float16).astype(np.float32))
    with torch.no_grad():
        images = checkpoint.load_gallery(tmp_path / "gallery.safetensors")["images"]
        mu, _ = checkpoint.load_model(half).encode(torch.from_numpy(images) / 255)
    np.testing.assert_allclose(checkpoint.load_latents(half)["mu"], mu.numpy(), atol=1e-5)
    np.testing.assert_allclose(checkpoint.load_trajectory(half)["mu"][-1], mu.numpy(), rtol=2e-3, atol=1e-4)
