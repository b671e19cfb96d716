"""Choice of the device that training runs on."""

from __future__ import annotations

import torch

from training.errors import UserError


def choose_device(name: str = "auto") -> torch.device:
    """CUDA if there is one, else MPS, else CPU; a named device that is not there raises UserError."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, here in present.items() if here))
    if not present[name]:
        raise UserError(f"--device {name}: not available on this machine; use --device auto")
    return torch.device(name)
