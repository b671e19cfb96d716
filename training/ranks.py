"""Several processes that train one run: each takes its share of every minibatch, the first writes and is listened to.

Started by `accelerate launch -m training fit ...` or `torchrun -m training fit ...`, which say so in the environment.
Every process does all the rest alike (shuffle, noise, validation, AdamW), so that all have the same weights.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from training.errors import UserError, one_line
from training.objective import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = TypeVar("Rows", Tensor, NDArray[Any])

FOREVER = timedelta(days=7)  # a paused run keeps the others waiting


class Ranks:
    """One process of `count`, which has the number `rank`; the first one leads. A run in one process has this alone."""

    def __init__(self, rank: int = 0, count: int = 1) -> None:
        self.rank, self.count = rank, count

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes."""
        return self.rank == 0

    def share(self, rows: Rows) -> Rows:
        """This process's rows of a minibatch (B, ...), which may be none."""
        return rows if self.count == 1 else rows[self.rank :: self.count]

    def mean(self, terms: Terms, images: int) -> Terms:
        """Terms of this share of so many `images`, as what they add to the mean over all of them."""
        if self.count == 1:
            return terms.mean()
        bound = None if terms.bound is None else terms.bound.sum() / images
        return Terms(terms.reconstruction.sum() / images, terms.kl.sum() / images, bound)

    def total(self, part: Tensor) -> Tensor:
        """The sum over all processes of a tensor that each has."""
        if self.count > 1:
            part = part.clone()
            dist.all_reduce(part)
        return part

    def add_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Give each parameter the sum of all processes' gradients."""
        if self.count == 1:
            return
        of = [parameter for parameter in parameters if parameter.requires_grad]
        gradients = [torch.zeros_like(one) if one.grad is None else one.grad for one in of]
        summed = self.total(torch.cat([gradient.flatten() for gradient in gradients]))
        parts = torch.split_with_sizes(summed, [one.numel() for one in of])
        for one, part in zip(of, parts, strict=True):
            one.grad = part.view_as(one)

    def agree(self, halt: bool, beta: float) -> tuple[bool, float]:
        """Whether any process wants to halt, and the leader's beta."""
        if self.count == 1:
            return halt, beta
        said = torch.tensor([float(halt), beta if self.leads else -1.0], dtype=torch.float64)
        dist.all_reduce(said, dist.ReduceOp.MAX)  # on the CPU: no step waits for a GPU
        return bool(said[0]), float(said[1])

    def leaders(self, data: bytes) -> bytes:
        """What the leader gives here, at all of them: the others need no file of it."""
        if self.count == 1:
            return data
        size = torch.tensor([len(data)])
        dist.broadcast(size, 0)
        content = torch.empty(int(size), dtype=torch.uint8)
        if self.leads:
            content = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        dist.broadcast(content, 0)
        return content.numpy().tobytes()

    def wait(self) -> None:
        """For all to come here."""
        if self.count > 1:
            self.agree(False, 0.0)

    def device(self, chosen: torch.device) -> torch.device:
        """Of several GPUs of a machine, the one that is this process's."""
        if self.count == 1 or chosen.type != "cuda":
            return chosen
        own = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(own)
        return own

    def leave(self) -> None:
        """Say goodbye to the others."""
        if dist.is_initialized():
            dist.destroy_process_group()


def joined(device: torch.device) -> Ranks:
    """This process among those it was started with; alone where there are no others. Raises UserError."""
    try:
        rank, count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if count > 1:
            backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
            dist.init_process_group(backend, timeout=FOREVER)
    except (ValueError, RuntimeError) as error:
        raise UserError(
            f"RANK, WORLD_SIZE, MASTER_ADDR: these processes cannot find each other ({one_line(error)}); "
            "start them by accelerate launch or torchrun"
        ) from error
    return Ranks(rank, count) if count > 1 else Ranks()
