"""A training that is interrupted and goes on, beside one that is not."""

from __future__ import annotations

import pytest
import torch

from training.aevb import Interrupted, Trainer, Watcher
from training.data.datasets import ImageData
from training.options import FitOptions

CPU = torch.device("cpu")


def assert_resume_ends_in_the_same_bits(options: FitOptions, data: ImageData) -> None:
    """Stopped after seven steps and gone on with by another trainer, it has the weights of one that ran through."""
    whole = Trainer(options, data, CPU)
    whole.run(lambda _: None)
    first = Trainer(options, data, CPU)
    with pytest.raises(Interrupted):
        first.run(lambda _: None, Watcher(lambda: first.done == 7))
    state = first.state()
    second = Trainer(options, data, CPU)
    second.restore(*state)
    second.run(lambda _: None)
    for name, value in whole.model.state_dict().items():
        torch.testing.assert_close(second.model.state_dict()[name], value, rtol=0, atol=0)
