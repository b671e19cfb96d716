"""The training loop: it learns, repeats itself to the bit, stops when told or when it must, and goes on."""

import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.manifold import trustworthiness
from torch.utils._python_dispatch import TorchDispatchMode

from tests import in_process
from tests.server import ROOT
from training import checkpoint
from training.aevb import READ_EVERY, Diverged, Interrupted, Trainer, Watcher, frame_epochs, schedule
from training.data.datasets import ImageData, Split, load_dataset
from training.options import FitOptions
from training.resume_state import read_state
from training.run import evaluate, fit

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


def _options(out: Path | str = "x", **changes: object) -> FitOptions:
    return FitOptions(**{"out": Path(out), "dataset": "digits", "hidden_dims": (32,), "epochs": 3, **changes})


def _weights(path: Path) -> dict[str, np.ndarray]:
    return checkpoint.load_weights(path)


def test_overfits_a_handful_of_images(digits: ImageData) -> None:
    few = Split(digits.train.images[:8], digits.train.labels[:8])
    data = dataclasses.replace(digits, train=few, validation=few)
    # The least any model can have: the pixels' own entropy.
    x = few.images / 255
    floor = float(
        -(np.where(x > 0, x * np.log(x + (x == 0)), 0) + np.where(x < 1, (1 - x) * np.log1p(-x + (x == 1)), 0)).sum()
        / 8
    )
    options = _options(objective="autoencoder", epochs=1500, batch_size=8, hidden_dims=(64, 64), learning_rate=5e-3)
    trainer = Trainer(options, data, CPU)
    trainer.run(lambda record: None)
    last = trainer.history[-1]["train_reconstruction"]
    assert floor <= last < floor + 0.35
    assert trainer.history[0]["train_reconstruction"] > floor + 3


@pytest.mark.parametrize("objective", ["autoencoder", "reconstruction", "kl", "elbo"])
def test_each_objective_lowers_its_own_terms(digits: ImageData, objective: str) -> None:
    trainer = Trainer(_options(objective=objective, epochs=8, batch_size=64), digits, CPU)
    trainer.run(lambda record: None)
    assert trainer.history[-1]["validation_loss"] < trainer.history[0]["validation_loss"]
    if objective == "kl":
        assert trainer.history[-1]["validation_kl"] < 0.05


@pytest.mark.parametrize(("objective", "told"), [("autoencoder", False), ("elbo", True)])
def test_the_progress_line_tells_the_kl_where_there_is_one(
    digits: ImageData, objective: str, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    Trainer(_options(objective=objective, epochs=1), digits, CPU).run(lambda record: None)
    progress = capsys.readouterr().err
    assert " nats" in progress
    assert ("kl" in progress) == told


def test_same_seed_gives_the_same_bits_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        fit(_options(tmp_path / name, seed=seed, dropout=0.1))
    a, b, c = (_weights(tmp_path / name) for name in "abc")
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert not all(np.array_equal(a[name], c[name]) for name in a)


@pytest.mark.parametrize(
    ("steps", "changes"),
    [
        (1, {}),
        (7, {"posterior": "full"}),
        (16, {}),
        (10, {"gradient": "score-function", "baseline": "learned"}),
    ],
)
def test_an_interrupted_run_ends_in_the_same_bits(digits: ImageData, steps: int, changes: dict[str, str]) -> None:
    options = _options(batch_size=200, dropout=0.1, **changes)  # 7 steps an epoch
    whole = Trainer(options, digits, CPU)
    whole.run(lambda record: None)

    first = Trainer(options, digits, CPU)
    polls = iter(range(10**6))
    with pytest.raises(Interrupted):
        first.run(lambda record: None, Watcher(lambda: next(polls) >= steps))
    assert first.epoch * 7 + first.step == steps
    tensors, record = first.state()

    torch.manual_seed(99)  # whatever happened in between
    second = Trainer(options, digits, CPU)
    second.restore(tensors, json.loads(json.dumps(record)))
    second.run(lambda record: None)
    assert all(torch.equal(whole.best[name], second.best[name]) for name in whole.best)
    assert np.array_equal(whole.trajectory()["mu"], second.trajectory()["mu"])
    strip = [[{k: v for k, v in r.items() if k != "seconds"} for r in t.history] for t in (whole, second)]
    assert strip[0] == strip[1]


def test_ctrl_c_saves_and_resume_ends_in_the_same_bits(tmp_path: Path) -> None:
    arguments = ["--dataset", "digits", "--epochs", "20", "--batch-size", "16", "--hidden-dims", "64"]
    command = [sys.executable, "-m", "training", "fit", *arguments, "--out"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    quiet = subprocess.DEVNULL
    undisturbed = subprocess.Popen([*command, tmp_path / "whole"], cwd=ROOT, env=env, stdout=quiet, stderr=quiet)

    out = tmp_path / "stopped"
    process = subprocess.Popen([*command, out], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 300  # of a busy machine
    while not (out / "history.jsonl").exists() or (out / "history.jsonl").read_text().count("\n") < 3:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "interrupted: state saved" in errors
    assert "Traceback" not in errors
    assert not checkpoint.is_finished(out)

    subprocess.run([*command, out, "--resume"], cwd=ROOT, env=env, check=True, capture_output=True)
    assert undisturbed.wait(timeout=300) == 0
    whole, resumed = _weights(tmp_path / "whole"), _weights(out)
    assert all(np.array_equal(whole[name], resumed[name]) for name in whole)
    assert len(checkpoint.load_history(out)) == 20
    assert sorted(file.name for file in out.iterdir()) == sorted([checkpoint.CONFIG, *checkpoint.HASHED_FILES])


def test_resume_refuses_other_options_and_says_which(digits: ImageData) -> None:
    first = Trainer(_options(), digits, CPU)
    with pytest.raises(ValueError, match=r"interrupted run had batch_size = 256, this one 128"):
        Trainer(_options(batch_size=128), digits, CPU).restore(*first.state())


def test_a_run_of_another_kind_of_device_goes_on_with_noise_of_its_own(digits: ImageData) -> None:
    first = Trainer(_options(epochs=4), digits, CPU)
    with pytest.raises(Interrupted):
        first.run(lambda record: None, Watcher(lambda: first.done == 8))
    tensors, record = first.state()
    tensors["rng"] = torch.zeros(16, dtype=torch.uint8)  # as CUDA's generator
    ends = []
    for _ in range(2):
        second = Trainer(_options(epochs=4), digits, CPU)
        torch.randn(3)
        second.restore(tensors, json.loads(json.dumps(record)))
        second.run(lambda record: None)
        ends.append(second.best["encoder.1.weight"])
    assert [one["epoch"] for one in second.history] == [1, 2, 3, 4]
    assert second.best_loss < second.untrained_loss
    assert torch.equal(*ends)  # and repeats itself


def test_resume_without_or_with_a_damaged_state(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"resume\.safetensors is missing"):
        fit(_options(tmp_path / "a", resume=True))
    (tmp_path / "a").mkdir(exist_ok=True)
    (tmp_path / "a" / "resume.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(ValueError, match=r"resume\.safetensors is damaged"):
        fit(_options(tmp_path / "a", resume=True))


def test_divergence_stops_at_once_and_names_the_term(digits: ImageData) -> None:
    trainer = Trainer(_options(batch_size=200), digits, CPU)
    steps = []
    original = trainer._train_step

    def poisoned(batch: torch.Tensor, y: torch.Tensor | None, images: int) -> None:
        steps.append(1)
        if len(steps) == 10:
            with torch.no_grad():
                trainer.model.decoder[-2].bias[0] = math.nan
        original(batch, y, images)

    trainer._train_step = poisoned  # type: ignore[method-assign]
    with pytest.raises(Diverged, match=r"the reconstruction term became nan in epoch 2, step 3"):
        trainer.run(lambda record: None)
    assert len(steps) == 10
    assert all(torch.isfinite(weight).all() for weight in trainer.best.values())
    assert trainer.best_epoch == 1


class _Reads(TorchDispatchMode):
    """Counts how often a number is brought from the device, which an accelerator makes wait."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.is_nonzero.default)
        return func(*args, **(kwargs or {}))


def test_an_accelerator_is_asked_for_numbers_every_fifty_steps_and_divergence_is_found_then(digits: ImageData) -> None:
    trainer = Trainer(_options(batch_size=20, latent_dim=3), digits, CPU)  # 65 steps an epoch
    trainer.read_every = READ_EVERY  # as on an accelerator
    batch = torch.from_numpy(digits.train.images[:20])
    trainer.model.train()
    with _Reads() as reads:
        for _ in range(READ_EVERY - 1):
            trainer._train_step(batch, None)
    assert reads.count == 0
    assert not trainer.sums.any()
    with torch.no_grad():
        trainer.model.decoder[-2].bias[0] = math.nan
    with pytest.raises(Diverged, match=r"the reconstruction term became nan in epoch 1, step 50"):
        trainer._train_step(batch, None)


def test_numbers_read_late_are_the_same(digits: ImageData) -> None:
    trainers = [Trainer(_options(batch_size=50, epochs=2), digits, CPU) for _ in range(2)]  # 26 steps an epoch
    trainers[1].read_every = 10
    for trainer in trainers:
        torch.manual_seed(5)
        trainer.run(lambda record: None)
    strip = [[{k: v for k, v in r.items() if k != "seconds"} for r in trainer.history] for trainer in trainers]
    assert strip[0] == strip[1]


def test_a_learning_rate_of_a_million_stops_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(Diverged, match=r"the (reconstruction|kl) term became .* lower --learning-rate"):
        fit(_options(tmp_path / "a", learning_rate=1e6, hidden_dims=(512, 256, 128)))
    assert not checkpoint.is_finished(tmp_path / "a")


@pytest.mark.parametrize(("share", "kept"), [(1e-9, (1, 2)), (1e9, (3, 3))])
def test_states_take_a_share_of_the_time_and_what_is_kept_is_said(
    tmp_path: Path, share: float, kept: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(_: object, trainer: Trainer) -> bool:
        if trainer.epoch == 3:
            torch.nn.init.constant_(trainer.model.decoder[-2].bias, math.nan)
        return False

    monkeypatch.setattr("training.resume_state.SHARE", share)
    monkeypatch.setattr("training.watch.LiveWatcher.halts", spoil)
    state = tmp_path / "a" / "resume.safetensors"
    for resume, epoch in enumerate(kept):  # the first of each run's is
        with pytest.raises(Diverged, match=rf"in epoch 4, .*; epoch {epoch} is kept in {state}"):
            fit(_options(tmp_path / "a", epochs=5, resume=bool(resume)))
        assert read_state(state)[1]["epoch"] == epoch


def test_keeps_the_best_validation_epoch(tmp_path: Path) -> None:
    metrics = fit(_options(tmp_path / "a", epochs=6))
    history = checkpoint.load_history(tmp_path / "a")
    losses = [record["validation_loss"] for record in history]
    assert metrics["best_epoch"] == 1 + int(np.argmin(losses))
    trajectory = checkpoint.load_trajectory(tmp_path / "a")
    assert trajectory["epoch"].tolist() == list(range(metrics["best_epoch"] + 1))
    assert np.array_equal(trajectory["mu"][-1], checkpoint.load_latents(tmp_path / "a")["mu"])


def test_evaluate_repeats_the_stored_metrics(trained: Path) -> None:
    for run in ("elbo", "autoencoder"):
        stored = checkpoint.load_metrics(trained / "digits" / run)
        again = evaluate(trained / "digits" / run, Path("unused"))
        for name in ("reconstruction", "kl", "elbo"):
            assert again[name] == (None if stored[name] is None else pytest.approx(stored[name], abs=1e-3))


def test_elbo_is_minus_the_sum_of_its_terms(trained: Path) -> None:
    metrics = checkpoint.load_metrics(trained / "digits" / "elbo")
    assert metrics["elbo"] == pytest.approx(-(metrics["reconstruction"] + metrics["kl"]), abs=2e-4)


def test_more_than_two_dimensions_come_with_pca_and_umap(trained: Path) -> None:
    latents = checkpoint.load_latents(trained / "digits" / "conv")
    on_plane = latents["pca_mean"] + latents["pca"] @ latents["pca_components"]
    # Projecting centred latents onto the components must give the coordinates back.
    again = (latents["mu"] - latents["pca_mean"]) @ latents["pca_components"].T
    np.testing.assert_allclose(again, latents["pca"], atol=1e-4)
    assert np.linalg.norm(latents["mu"] - on_plane) <= np.linalg.norm(latents["mu"] - latents["pca_mean"])
    assert trustworthiness(latents["mu"], latents["umap"]) > 0.95, "neighbours stay neighbours"


def test_schedules() -> None:
    for name in ("cosine", "one-cycle"):
        rates = [schedule(name, step / 1000) for step in range(1001)]
        assert max(rates) == pytest.approx(1, abs=1e-3)
        assert rates[-1] == pytest.approx(0, abs=1e-6)
        assert min(rates) >= 0
    assert schedule("cosine", 0) == 1
    assert schedule("one-cycle", 0) < 0.05


def test_frames_are_few_and_hold_both_ends() -> None:
    assert frame_epochs(5, 8) == {0, 1, 2, 3, 4, 5}
    for most in (8, 24):
        many = frame_epochs(500, most)
        assert {0, 1, 2, 500} <= many
        assert len(many) <= most + 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"beta": 2.0, "objective": "kl"}, "only the elbo objective has a beta"),
        ({"posterior": "deterministic"}, "KL is infinite"),
        ({"objective": "autoencoder", "posterior": "diagonal"}, "use --objective reconstruction"),
        ({"batch_size": 0}, "--batch-size 0: must be a whole number from 1"),
        ({"learning_rate": float("nan")}, "--learning-rate nan: must be a finite number above 0"),
        ({"hidden_dims": (0,)}, "--hidden-dims 0: must be a whole number from 1"),
        ({"beta": float("nan")}, "--beta nan"),
    ],
)
def test_options_that_make_no_sense_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _options(**changes)


def test_the_command_line_is_stable(tmp_path: Path) -> None:
    out = tmp_path / "run"
    spelling = (
        "fit --dataset digits --objective elbo --latent-dim 2 --hidden-dims 32 16 --epochs 1 --batch-size 64 --seed 3"
    )
    command = [sys.executable, "-m", "training", *spelling.split(), "--out", out]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "nats per test image" in run.stdout
    config = checkpoint.load_config(out)
    assert config.model.hidden_dims == (32, 16)
    assert config.model.decoder_hidden_dims == (16, 32)
    assert config.training["seed"] == 3
    printed = in_process.training("evaluate", out, "--quick")
    assert printed.returncode == 0
    assert json.loads(printed.stdout)["images"] == 250
    again = in_process.training(*spelling.split(), "--out", out)
    assert again.returncode == 2
    assert again.stderr.count("\n") == 1
    assert "holds a finished checkpoint" in again.stderr
    bad = in_process.training("fit", "--out", tmp_path / "z", "--epochs", "0")
    assert bad.returncode == 2
    assert "--epochs 0: must be a whole number from 1" in bad.stderr
    assert "Traceback" not in bad.stderr
