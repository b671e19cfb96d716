"""AdamW (Loshchilov and Hutter 2019), the optimizer of every run: torch's own fused step, without torch's compiler.

`torch.optim.AdamW` imports the compiler to keep out of its way, which takes longer than torch itself: a person who
presses Start would wait for it, and nothing here is compiled.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adamw import adamw

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
NAMES = ("exp_avg", "exp_avg_sq", "step")  # as torch.optim calls them, and states that runs go on from


class AdamW:
    """Moves parameters, which all have gradients or none, down them.

    `moments` holds, for the place of each parameter that was moved so far, running means of its gradient and of its
    square, and how many steps they are of.
    """

    def __init__(self, parameters: Iterable[Tensor], weight_decay: float) -> None:
        self.parameters = list(parameters)
        self.weight_decay = weight_decay
        self.moments: dict[int, dict[str, Tensor]] = {}

    def clear_gradients(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float | Tensor) -> None:
        """One step against the gradients that are there; the rate may be a tensor () on their device."""
        moved = [(place, p) for place, p in enumerate(self.parameters) if p.grad is not None]
        for place, parameter in moved:
            if place not in self.moments:
                self.moments[place] = {
                    "exp_avg": torch.zeros_like(parameter),
                    "exp_avg_sq": torch.zeros_like(parameter),
                    "step": torch.zeros((), device=parameter.device),
                }
        means, squares, steps = ([self.moments[place][name] for place, _ in moved] for name in NAMES)
        adamw(
            [parameter for _, parameter in moved],
            [parameter.grad for _, parameter in moved if parameter.grad is not None],
            means,
            squares,
            [],
            steps,
            fused=True,
            amsgrad=False,
            beta1=BETA_1,
            beta2=BETA_2,
            lr=learning_rate,
            weight_decay=self.weight_decay,
            eps=EPSILON,
            maximize=False,
        )

    def restore(self, moments: dict[int, dict[str, Tensor]]) -> None:
        """Go on from `moments`, on the parameters' own devices."""
        self.moments = {
            place: {name: value.to(self.parameters[place].device).clone() for name, value in of_one.items()}
            for place, of_one in moments.items()
        }
