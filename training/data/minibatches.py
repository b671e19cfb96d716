"""The training images as the minibatches of a run, on the device that trains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from training.data.binarize import fixed_draw
from training.device import send

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.data.image_data import Split

SHARE = 0.25  # of a GPU's free memory that the images may take
PORTION_BYTES = 64_000_000  # brought there at once


class Minibatches:
    """Takes uint8 images (B, C, H, W) of a split, each by the fixed draw of black and white where `fixed` asks for it.

    Those of a set that a GPU has room for lie there whole: a step is over before the next minibatch were copied.
    """

    def __init__(self, split: Split, device: torch.device, fixed: bool) -> None:
        self.split, self.device, self.fixed = split, device, fixed
        self.kept = self._all() if self._fit() else None

    def take(self, places: NDArray[np.integer[Any]]) -> Tensor:
        """The images at `places` (B,)."""
        if self.kept is None:
            return self._copied(places)
        return self.kept[send(torch.from_numpy(places), self.device)]

    def _fit(self) -> bool:
        if self.device.type != "cuda":
            return False
        free, _ = torch.cuda.mem_get_info(self.device)
        return self.split.images.nbytes <= SHARE * free

    def _all(self) -> Tensor:
        images = self.split.images
        every = torch.empty(images.shape, dtype=torch.uint8, device=self.device)
        size = max(1, PORTION_BYTES // images[0].nbytes)
        for start in range(0, len(images), size):
            every[start : start + size] = self._copied(np.arange(start, min(start + size, len(images))))
        return every

    def _copied(self, places: NDArray[np.integer[Any]]) -> Tensor:
        taken = self.split.take(places)
        return send(torch.from_numpy(fixed_draw(taken) if self.fixed else taken), self.device)
