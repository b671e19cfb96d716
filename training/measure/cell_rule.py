"""Two quadrature rules on a cell of the latent space, a square or, in one dimension, a piece of the line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import torch
from torch import Tensor

from training.errors import UserError

DIMENSIONS = (1, 2)


@dataclass(frozen=True)
class CellRule:
    """In D dimensions, on [-1, 1]^D: `nodes` (M, D); `weights` (M,) that are a mean, exact to degree 5 at least.

    `check_weights` (M,) are exact to degree 3, on some of the nodes: what both disagree by tells of the error.
    `children` (2^D, D) are the centres of the cells that a cell is cut into, in units of half its side.
    """

    nodes: Tensor
    weights: Tensor
    check_weights: Tensor
    children: Tensor

    def integrate(self, log_joint: Tensor, half: Tensor | float) -> tuple[Tensor, Tensor]:
        """log-integrals over cells by both rules, (...,) in double precision, from log-values (..., M) at the nodes."""
        highest = log_joint.amax(-1, keepdim=True)
        values = torch.exp(log_joint - highest)
        sums = values @ torch.stack([self.weights, self.check_weights], 1).to(values.dtype)
        logs = sums.double().log() + highest.double() + self.log_volume(half)[..., None]
        return logs[..., 0], logs[..., 1]

    def log_volume(self, half: Tensor | float) -> Tensor:
        """log of the volume of cells with half the side `half`."""
        return self.nodes.shape[1] * torch.log(2 * torch.as_tensor(half, dtype=torch.float64))

    def lattice(self, along: Tensor) -> Tensor:
        """The points (n^D, D) whose coordinates are all among `along` (n,)."""
        return torch.cartesian_prod(*[along] * self.nodes.shape[1]).view(-1, self.nodes.shape[1])


@lru_cache(maxsize=2)
def cell_rule(dim: int) -> CellRule:
    """Gauss and Legendre's rule of 3 x 3 nodes, or of 5 on a line; raises UserError for more than two dimensions."""
    if dim not in DIMENSIONS:
        raise UserError(f"log p(x) is integrated over 1 or 2 latent dimensions; this run has {dim}")
    children = torch.tensor(list(product([-1, 1], repeat=dim)), dtype=torch.float64) / 2
    if dim == 2:
        node = math.sqrt(0.6)
        axis = torch.tensor([-node, 0.0, node], dtype=torch.float64)
        axis_weights = torch.tensor([5 / 9, 8 / 9, 5 / 9], dtype=torch.float64)
        check = torch.tensor([5, 0, 5, 0, 16, 0, 5, 0, 5], dtype=torch.float64) / 36
        return CellRule(
            torch.cartesian_prod(axis, axis), torch.outer(axis_weights, axis_weights).flatten() / 4, check, children
        )
    inner, outer = (math.sqrt(5 + sign * 2 * math.sqrt(10 / 7)) / 3 for sign in (-1, 1))
    inner_weight, outer_weight = ((322 + sign * 13 * math.sqrt(70)) / 1800 for sign in (1, -1))
    nodes = torch.tensor([[-outer], [-inner], [0.0], [inner], [outer]], dtype=torch.float64)
    weights = torch.tensor([outer_weight, inner_weight, 64 / 225, inner_weight, outer_weight], dtype=torch.float64)
    end = 1 / (6 * outer**2)
    check = torch.tensor([end, 0.0, 1 - 2 * end, 0.0, end], dtype=torch.float64)
    return CellRule(nodes, weights, check, children)
