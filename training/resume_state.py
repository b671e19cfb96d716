"""The state of a run in the making, as a file that `fit --resume` goes on from."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as parse_tensors
from safetensors.torch import save as format_tensors

from training import atomic
from training.aevb import Trainer
from training.errors import UserError
from training.ranks import Ranks

State = tuple[dict[str, torch.Tensor], dict[str, Any]]  # tensors, and a record fit for JSON

SHARE = 0.02  # of the time of a run that its states may take


class StateFile:
    """Keeps the state of a run that has finished `epoch` epochs, whose state it has where there are any.

    Small epochs end sooner than a state is written: it is written again once that takes no more than SHARE of the time.
    """

    def __init__(self, path: Path, epoch: int) -> None:
        self.path, self.epoch = path, epoch
        self.due = 0.0

    def epoch_finished(self, trainer: Trainer) -> None:
        """Keep the state, if it is time."""
        begun = time.perf_counter()
        if begun < self.due and trainer.epoch < trainer.options.epochs:
            return
        self.write(trainer)
        ended = time.perf_counter()
        self.due = ended + (ended - begun) / SHARE

    def write(self, trainer: Trainer) -> None:
        """Keep the state as it is now."""
        write_state(self.path, trainer)
        self.epoch = trainer.epoch


def write_state(file: Path, trainer: Trainer) -> None:
    """Write what `read_state` gives back, with a hash of all of it."""
    tensors, record = trainer.state()
    text = json.dumps(record)
    metadata = {"record": text, "sha256": _digest(tensors, text)}
    atomic.write_file(file, format_tensors(tensors, metadata))


def read_state(file: Path) -> State:
    """The tensors and the record of an interrupted run; raises UserError for a file that is missing or damaged."""
    if not file.exists():
        raise UserError(f"--resume: {file} is missing, there is nothing to go on from; leave --resume out")
    try:
        with safe_open(file, "pt") as archive:
            metadata = archive.metadata()
            tensors = {name: archive.get_tensor(name) for name in archive.keys()}  # noqa: SIM118
        if metadata["sha256"] != _digest(tensors, metadata["record"]):
            raise ValueError("SHA-256 differs")
        return tensors, json.loads(metadata["record"])
    except (SafetensorError, ValueError, KeyError, TypeError, OSError) as error:
        raise UserError(
            f"--resume: {file} is damaged or of an older version; delete it and start anew without --resume"
        ) from error


def state_of_leader(ranks: Ranks, state: State | None = None) -> State:
    """The `state` that the process that leads has read and gives here: at all of them, whose disks may hold another."""
    if state and ranks.count == 1:
        return state
    tensors, record = state or ({}, {})
    shared = ranks.leaders(format_tensors(tensors))
    return parse_tensors(shared), json.loads(ranks.leaders(json.dumps(record).encode()))


def _digest(tensors: dict[str, torch.Tensor], record: str) -> str:
    """SHA-256 of a state: of each tensor by name its name, type, shape and bytes, and of the record."""
    digest = hashlib.sha256(record.encode())
    for name in sorted(tensors):
        array = tensors[name].contiguous().numpy()
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
