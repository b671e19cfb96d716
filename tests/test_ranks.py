"""Two processes that train one run: the same gradients as one, the same figures, and one that writes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.multiprocessing as multiprocessing
from safetensors.torch import load_file, save_file

from training import checkpoint, live_files
from training.aevb import Interrupted, Trainer, Watcher
from training.data.datasets import ImageData, load_dataset
from training.errors import UserError
from training.options import FitOptions
from training.ranks import Ranks, joined
from training.run import fit

CPU = torch.device("cpu")
VARIANTS: list[dict[str, Any]] = [
    {},
    {"posterior": "full", "objective": "elbo", "beta": 4.0},
    {"objective": "autoencoder"},
    {"condition": "label", "likelihood": "gaussian"},
    {"architecture": "conv", "hidden_dims": (4,), "likelihood": "continuous-bernoulli"},
    {"gradient": "score-function", "baseline": "none"},
]
SIZES = (40, 5, 1)  # images in the minibatch: alike for both, one more for the first, none for the second


def _options(out: Path, **changes: Any) -> FitOptions:
    return FitOptions(
        **{
            "out": out,
            "dataset": "digits",
            "hidden_dims": (16,),
            "batch_size": 200,
            "epochs": 3,
            "device": "cpu",
            **changes,
        }
    )


def _gradients(data: ImageData, changes: dict[str, Any], size: int, ranks: Ranks) -> dict[str, torch.Tensor]:
    """Of one step's loss, and the terms that it reports."""
    trainer = Trainer(_options(Path("x"), **changes), data, CPU, ranks)
    trainer.read_every = 2  # not yet
    torch.manual_seed(7)
    chosen = ranks.share(np.arange(size))
    trainer.model.train()
    y = trainer.model.classes_of(data.train.labels[chosen])
    trainer._train_step(torch.from_numpy(data.train.images[chosen]), y, size)
    found = {name: one.grad for name, one in trainer.model.named_parameters() if one.grad is not None}
    return {**found, "terms": trainer.unread[0][0].nan_to_num(posinf=0.0)}


def _one_of_two(rank: int, folder: str, ports: list[int]) -> None:
    """What each of two processes does."""
    torch.set_num_threads(1)
    sys.stderr = (Path(folder) / f"stderr-{rank}").open("w")
    os.environ.update({"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(ports[0])})
    data = load_dataset("digits", Path("unused"))
    ranks = joined(CPU)
    for number, changes in enumerate(VARIANTS):
        for size in SIZES:
            save_file(_gradients(data, changes, size, ranks), f"{folder}/{number}-{size}-{rank}.safetensors")
    ranks.leave()

    os.environ["MASTER_PORT"] = str(ports[1])
    said = fit(_options(Path(folder) / "whole"))
    (Path(folder) / f"said-{rank}").write_text(str(bool(said)))

    os.environ["MASTER_PORT"] = str(ports[2])
    if rank == 1:  # it is the other process that hears Ctrl-C, and more than once
        step = Trainer._train_step

        def interrupting(trainer: Trainer, *rest: Any) -> None:
            step(trainer, *rest)
            if trainer.done in (8, 9):
                signal.raise_signal(signal.SIGINT)

        Trainer._train_step = interrupting  # type: ignore[method-assign]
    try:
        fit(_options(Path(folder) / "stopped"))
    except Interrupted:
        (Path(folder) / f"interrupted-{rank}").touch()

    os.environ["MASTER_PORT"] = str(ports[3])
    if rank == 0:  # whose disk alone holds the state
        shutil.copytree(Path(folder) / "stopped", Path(folder) / "apart-0")
    else:
        Trainer._train_step = step  # type: ignore[method-assign]
    fit(_options(Path(folder) / f"apart-{rank}", resume=True))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have written."""
    folder = tmp_path_factory.mktemp("both")
    ports = []
    for _ in range(4):
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            ports.append(taken.getsockname()[1])
    multiprocessing.spawn(_one_of_two, (str(folder), ports), nprocs=2)
    return folder


@pytest.fixture(scope="module")
def digits() -> ImageData:
    return load_dataset("digits", Path("unused"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[str(changes) for changes in VARIANTS])
def test_gradients_of_two_processes_are_those_of_one(both: Path, digits: ImageData, number: int, size: int) -> None:
    alone = _gradients(digits, VARIANTS[number], size, Ranks())
    for rank in range(2):
        found = load_file(both / f"{number}-{size}-{rank}.safetensors")
        assert found.keys() == alone.keys()
        for name, gradient in alone.items():
            largest = max(1.0, float(gradient.abs().max()))
            np.testing.assert_allclose(found[name], gradient, rtol=1e-5, atol=1e-5 * largest, err_msg=name)


def test_a_run_of_two_processes_is_that_of_one_and_is_written_once(both: Path, tmp_path: Path) -> None:
    metrics = fit(_options(tmp_path / "alone"))
    ours, theirs = checkpoint.load_weights(tmp_path / "alone"), checkpoint.load_weights(both / "whole")
    for name in ours:
        np.testing.assert_allclose(theirs[name], ours[name], atol=1e-3, err_msg=name)
    found = checkpoint.load_metrics(both / "whole")
    for name in ("reconstruction", "kl", "elbo"):
        assert found[name] == pytest.approx(metrics[name], abs=0.01)
    history = checkpoint.load_history(both / "whole")
    assert [record["epoch"] for record in history] == [1, 2, 3]
    for record, alone in zip(history, checkpoint.load_history(tmp_path / "alone"), strict=True):
        assert record["train_reconstruction"] == pytest.approx(alone["train_reconstruction"], rel=1e-4)
    assert [(both / f"said-{rank}").read_text() for rank in range(2)] == ["True", "False"]
    assert "steps/s" in (both / "stderr-0").read_text()
    assert "steps/s" not in (both / "stderr-1").read_text()


def test_ctrl_c_at_either_stops_both_and_saves_once(both: Path) -> None:
    out = both / "stopped"
    status = live_files.read_status(out)
    assert status
    assert (status["state"], status["epoch"], status["step"]) == ("stopped", 1, 1)
    assert [(both / f"interrupted-{rank}").exists() for rank in range(2)] == [True, False]
    fit(_options(out, resume=True))  # alone
    whole, resumed = checkpoint.load_weights(both / "whole"), checkpoint.load_weights(out)
    for name in whole:
        np.testing.assert_allclose(resumed[name], whole[name], atol=1e-3, err_msg=name)


def test_two_that_share_no_disk_go_on_from_the_state_that_the_first_one_has(both: Path) -> None:
    whole, resumed = checkpoint.load_weights(both / "whole"), checkpoint.load_weights(both / "apart-0")
    for name in whole:
        np.testing.assert_allclose(resumed[name], whole[name], atol=1e-3, err_msg=name)
    assert not (both / "apart-1").exists()


def test_processes_that_cannot_find_each_other_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "x")
    with pytest.raises(UserError, match="start them by accelerate launch or torchrun"):
        joined(CPU)
    monkeypatch.setenv("RANK", "0")
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    with pytest.raises(UserError, match="RANK, WORLD_SIZE, MASTER_ADDR: these processes cannot find each other"):
        joined(CPU)
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert joined(CPU).count == 1


def test_beta_is_the_leader_s(digits: ImageData) -> None:
    class Told(Ranks):
        """As a follower is told by the others."""

        def agree(self, halt: bool, beta: float) -> tuple[bool, float]:  # noqa: ARG002
            return halt, 4.0

    trainer = Trainer(_options(Path("x"), epochs=1), digits, CPU, Told())
    trainer.run(lambda record: None, Watcher())
    assert [(mark.epoch, mark.beta) for mark in trainer.marks] == [(0.0, 1.0), (0.0, 4.0)]
