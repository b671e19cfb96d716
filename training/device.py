"""Choice of the device that training runs on, and the way of a tensor to it."""

from __future__ import annotations

import torch
from torch import Tensor

from training.errors import UserError


def choose_device(name: str = "auto") -> torch.device:
    """CUDA if there is one, else MPS, else CPU; a named device that is not there raises UserError."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, here in present.items() if here))
    if not present[name]:
        raise UserError(f"--device {name}: not available on this machine; use --device auto")
    return torch.device(name)


def send(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor in memory, any shape, on `device`; CUDA goes on with its work meanwhile, and nothing waits for that."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)
