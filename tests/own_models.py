"""A small VAE of the 8x8 digits that needs no training: two principal components, decoded in any convention."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from training.data.datasets import load_dataset
from training.measure.evaluation import as_pixels
from training.options import ImportOptions

SIGMA = 0.4  # of q(z|x), about


@cache
def digits() -> Tensor:
    """The held-out digits, (N, 1, 8, 8) in [0, 1]."""
    return as_pixels(torch.from_numpy(load_dataset("digits", Path("data")).gallery.images))


@cache
def components() -> tuple[Tensor, Tensor, Tensor]:
    """Mean (64,), orthonormal rows (2, 64) and the standard deviations along them (2,)."""
    rows = digits().flatten(1)
    _, _, directions = torch.linalg.svd(rows - rows.mean(0), full_matrices=False)
    return rows.mean(0), directions[:2], ((rows - rows.mean(0)) @ directions[:2].T).std(0)


class Components(nn.Module):
    """mu are the standardised coordinates; `decode` gives pixels that may overshoot."""

    def __init__(self) -> None:
        super().__init__()
        mean, directions, scale = components()
        self.code = nn.Linear(64, 2)
        self.spread = nn.Linear(64, 2)
        self.pixels = nn.Linear(2, 64)
        with torch.no_grad():
            self.code.weight.copy_(directions / scale[:, None])
            self.code.bias.copy_(-self.code.weight @ mean)
            self.pixels.weight.copy_(directions.T * scale)
            self.pixels.bias.copy_(mean)
            # A little more noise where an image is bright, as an encoder gives it.
            self.spread.weight.fill_(0.01)
            self.spread.bias.fill_(-2.0)

    def encode(self, x: Any) -> Any:
        x = x.flatten(1)
        return self.code(x), self.spread(x)

    def decode(self, z: Any) -> Any:
        return self.pixels(z).view(-1, 1, 8, 8)


def options_of(tmp_path: Path, model: str, built: nn.Module, **changes: Any) -> ImportOptions:
    """Options that import the model of that name with the weights of the one built."""
    weights = tmp_path / "own.safetensors"
    save_file(built.state_dict(), weights)
    what = {"model": model, "weights": weights, "out": tmp_path / "digits" / "own", "dataset": "digits"}
    return ImportOptions(**{**what, **changes})
