"""The weights that a run begins with where it is started from another one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from training import checkpoint
from training.errors import UserError
from training.model.spec import ModelSpec

if TYPE_CHECKING:
    from torch import Tensor

OF_NO_WEIGHT = ("dropout",)


def weights_of(run: Path, spec: ModelSpec) -> dict[str, Tensor]:
    """The state dict of the finished run in the folder `run`; raises UserError where that is no network of `spec`."""
    if not checkpoint.is_finished(run):
        raise UserError(f"--start-from {run}: no finished run lies there; name one, as in checkpoints/mnist/elbo")
    found = checkpoint.load_config(run).model
    if found.architecture not in ("mlp", "conv"):
        raise UserError(f"--start-from {run}: {_why_not(found)}; name a run that was trained here")
    theirs, ours = asdict(found), asdict(spec)
    for name, value in ours.items():
        if theirs[name] != value and name not in OF_NO_WEIGHT:
            raise UserError(
                f"--start-from {run}: its network is another one ({name} = {_in_words(theirs[name])}, here "
                f"{_in_words(value)}); give the same options, or name another run"
            )
    return {name: torch.from_numpy(array) for name, array in checkpoint.load_weights(run).items()}


def _why_not(spec: ModelSpec) -> str:
    return "its network was made elsewhere" if spec.has_decoder else "it has no network"


def _in_words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
