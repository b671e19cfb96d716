"""The optimizer of runs, against torch.optim's class."""

from __future__ import annotations

import torch

from training.adamw import AdamW

RATES = [0.01, 0.02, 0.005, 0.0, 0.01]


def _parameters() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in ((5, 3), (3,), (2, 2))]


def _gradients(step: int) -> list[torch.Tensor | None]:
    """Of three parameters; the last has none at first."""
    generator = torch.Generator().manual_seed(step + 1)
    drawn = [torch.randn(shape, generator=generator) for shape in ((5, 3), (3,), (2, 2))]
    return [*drawn[:2], drawn[2] if step >= 2 else None]


def test_it_steps_as_torch_s_does_to_the_bit_and_goes_on_from_what_was_kept() -> None:
    ours, theirs = _parameters(), _parameters()
    optimizer = AdamW(ours, weight_decay=0.1)
    expected = torch.optim.AdamW(theirs, weight_decay=0.1, fused=True)
    for step, rate in enumerate(RATES):
        expected.param_groups[0]["lr"] = rate
        for mine, other, gradient in zip(ours, theirs, _gradients(step), strict=True):
            mine.grad, other.grad = gradient, None if gradient is None else gradient.clone()
        if step == 3:  # as after an interruption
            kept = {
                place: {name: value.clone() for name, value in one.items()} for place, one in optimizer.moments.items()
            }
            optimizer = AdamW(ours, weight_decay=0.1)
            optimizer.restore(kept)
        optimizer.step(rate)
        expected.step()
        assert all(torch.equal(mine, other) for mine, other in zip(ours, theirs, strict=True)), f"step {step}"
    assert expected.state_dict()["state"].keys() == optimizer.moments.keys()
    for place, moments in expected.state_dict()["state"].items():
        assert all(torch.equal(optimizer.moments[place][name], value) for name, value in moments.items())
    optimizer.clear_gradients()
    assert all(parameter.grad is None for parameter in ours)
