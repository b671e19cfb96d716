"""On a GPU, where there is one: the CPU's gradients, steps that wait for nothing, runs that end, stop and go on."""

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from training import aevb, checkpoint
from training.aevb import READ_EVERY, Diverged, Interrupted, Trainer, Watcher
from training.data import minibatches
from training.data.datasets import ImageData, load_dataset
from training.options import FitOptions
from training.run import evaluate, fit

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")

CPU, GPU = torch.device("cpu"), torch.device("cuda")
KINDS: list[dict[str, Any]] = [
    {},
    {"posterior": "full", "beta": 4.0},
    {"condition": "label", "likelihood": "gaussian"},
    {"architecture": "conv", "hidden_dims": (4,), "likelihood": "continuous-bernoulli"},
    {"gradient": "score-function", "baseline": "learned"},
    {"objective": "iwae", "importance_samples": 5},
    {"prior": "mixture", "prior_components": 4},
    {"prior": "vamp", "prior_components": 4},
    {"binarize": "fixed"},
    {"binarize": "stochastic", "dropout": 0.2},
]


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


def _options(out: Path | str = "x", **changes: Any) -> FitOptions:
    return FitOptions(**{"out": Path(out), "dataset": "digits", "hidden_dims": (32,), "epochs": 3, **changes})


def _gradients(digits: ImageData, device: torch.device, changes: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Of one step on the first 40 images, with noise that does not hang on the device."""
    trainer = Trainer(_options(**changes), digits, device)
    trainer.model.train()
    places = np.arange(40)
    x = trainer.minibatches.take(places).float() / 255
    shape = (40, *trainer.draws, trainer.options.latent_dim)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(device)
    y = trainer.model.classes_of(digits.train.labels[places])
    trainer.objective.loss(trainer.estimator.terms(trainer.model, x, noise, y).mean()).backward()
    found = [*trainer.model.named_parameters(), *trainer.estimator.named_parameters()]
    return {name: one.grad.cpu() for name, one in found if one.grad is not None}


@pytest.mark.parametrize("changes", [kind for kind in KINDS if "dropout" not in kind], ids=str)
def test_a_step_has_the_gradients_of_the_cpu(digits: ImageData, changes: dict[str, Any]) -> None:
    of_cpu, of_gpu = (_gradients(digits, device, changes) for device in (CPU, GPU))
    assert of_cpu.keys() == of_gpu.keys()
    for name, gradient in of_cpu.items():
        torch.testing.assert_close(of_gpu[name], gradient, rtol=1e-3, atol=1e-3 * (gradient.abs().max().item() + 1e-6))


@pytest.mark.parametrize("changes", [kind for kind in KINDS if "dropout" not in kind], ids=str)
def test_replayed_steps_are_the_steps(
    digits: ImageData, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = []
    for launched in (aevb.LAUNCHED_FIRST, math.inf):
        monkeypatch.setattr(aevb, "LAUNCHED_FIRST", launched)
        trainer = Trainer(_options(batch_size=100, epochs=4, **changes), digits, GPU)  # 13 steps an epoch, one smaller
        betas = {20: math.inf, 30: 0.5}

        def turn(trainer: Trainer = trainer, betas: dict[int, float] = betas) -> bool:
            if trainer.done in betas and not trainer.draws:
                trainer.turn_beta(betas[trainer.done])
            return False

        trainer.run(lambda _: None, Watcher(turn))
        assert (trainer.graph is None) == math.isinf(launched)
        weights.append({name: value.cpu() for name, value in trainer.model.state_dict().items()})
    for name, value in weights[1].items():
        torch.testing.assert_close(weights[0][name], value, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("room", [minibatches.SHARE, 0.0], ids=["kept", "copied"])
@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_no_step_waits_for_the_device(
    digits: ImageData, changes: dict[str, Any], room: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minibatches, "SHARE", room)
    trainer = Trainer(_options(batch_size=10, **changes), digits, GPU)
    assert (trainer.minibatches.kept is None) == (room == 0)
    steps = 2 * READ_EVERY + 1
    with warnings.catch_warnings(record=True) as waits:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            with pytest.raises(Interrupted):
                trainer.run(lambda _: None, Watcher(lambda: trainer.step == steps))
        finally:
            torch.cuda.set_sync_debug_mode("default")
    # Its terms are read twice while it runs, and once when it is stopped.
    assert sum("synchronizing CUDA" in str(one.message) for one in waits) == 3


@pytest.mark.parametrize("room", [minibatches.SHARE, 0.0], ids=["kept", "copied"])
@pytest.mark.parametrize("binarize", ["none", "fixed"])
def test_minibatches_are_those_of_the_cpu(
    digits: ImageData, binarize: str, room: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minibatches, "SHARE", room)
    monkeypatch.setattr(minibatches, "PORTION_BYTES", 64 * 100)
    for places in (np.arange(len(digits.train))[::-1].copy(), np.arange(7)[::2], np.arange(0)):
        there, here = (
            minibatches.Minibatches(digits.train, device, binarize == "fixed").take(places) for device in (GPU, CPU)
        )
        assert there.device.type == "cuda"
        assert torch.equal(there.cpu(), here)


def test_divergence_is_found_within_fifty_steps(digits: ImageData) -> None:
    trainer = Trainer(_options(batch_size=20), digits, GPU)

    def spoil() -> bool:
        if trainer.step == 7:
            with torch.no_grad():
                trainer.model.decoder[-2].bias[0] = math.nan
        return False

    with pytest.raises(Diverged, match=r"the reconstruction term became nan in epoch 1, step 8;"):
        trainer.run(lambda _: None, Watcher(spoil))
    assert trainer.step == READ_EVERY  # replayed by then


@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_a_run_ends_with_the_figures_of_the_cpu(tmp_path: Path, changes: dict[str, Any]) -> None:
    of = {}
    for device in ("cpu", "cuda"):
        of[device] = fit(_options(tmp_path / device, device=device, epochs=30, **changes))
        again = evaluate(tmp_path / device, Path("unused"), quick=True)
        for name in ("reconstruction", "kl"):  # on the CPU, of what was stored
            assert again[name] == pytest.approx(of[device][name], abs=2e-3)
    # Other noise trains to other weights: two seeds on the CPU differ by as much.
    assert of["cuda"]["elbo"] == pytest.approx(of["cpu"]["elbo"], abs=1.0)


def test_a_run_that_is_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fit(_options(tmp_path / "whole"))
    with monkeypatch.context() as patch:
        patch.setattr("training.watch.LiveWatcher.halts", lambda _, trainer: trainer.done == 8)  # in the second epoch
        with pytest.raises(Interrupted):
            fit(_options(tmp_path / "parts"))
    parts = fit(_options(tmp_path / "parts", resume=True))
    assert parts["elbo"] == pytest.approx(whole["elbo"], abs=1e-3)
    weights = [checkpoint.load_weights(tmp_path / name) for name in ("whole", "parts")]
    for name, value in weights[0].items():
        np.testing.assert_allclose(weights[1][name], value, atol=1e-5)


@pytest.mark.parametrize(("before", "after"), [("cuda", "cpu"), ("cpu", "cuda")])
def test_a_run_goes_on_on_another_device(
    tmp_path: Path, before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("training.watch.LiveWatcher.halts", lambda _, trainer: trainer.done == 8)
        with pytest.raises(Interrupted):
            fit(_options(tmp_path / "run", device=before))
    fit(_options(tmp_path / "run", device=after, resume=True))
    history = checkpoint.load_history(tmp_path / "run")
    assert [record["epoch"] for record in history] == [1, 2, 3]
    assert history[2]["validation_loss"] < history[0]["validation_loss"]
