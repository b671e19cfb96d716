"""The two parts of the KL term: what z tells of x, and how far all codes together are from the prior."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from training.model.posterior import is_full, log_density, sample
from training.model.prior import Prior

BLOCK = 4_000_000  # numbers at once


@dataclass(frozen=True)
class KlParts:
    """Means over N images, in nats: KL(q(z|x) || p(z)) = I(x; z) + KL(q(z) || p(z)).

    `information` (low, high) bound the mutual information under q (Poole et al., 2019): the image itself counted among
    those that make up q(z), which is at most log N, or left out. `marginal`: the two values that follow for the rest.
    """

    kl: float
    information: tuple[float, float]
    marginal: tuple[float, float]


@torch.no_grad()
def kl_parts(mu: Tensor, spread: Tensor, prior: Prior, seed: int = 0) -> KlParts:
    """The parts for Gaussians q(z|x_i) with means (N, D) and `spread` as `VAE.encode` gives it, at one draw each."""
    mu, spread = mu.double(), spread.double()
    generator = torch.Generator().manual_seed(seed)
    z = sample(mu, spread, torch.randn(mu.shape, generator=generator, dtype=torch.float64))
    own = log_density(mu, spread, z)
    count, dim = mu.shape
    rows = max(1, BLOCK // (count * dim * (dim if is_full(mu, spread) else 1)))
    with_own, without = [], []
    for start in range(0, count, rows):
        part = z[start : start + rows]
        log_q = (
            log_density(mu, spread, part.unsqueeze(1).expand(-1, count, -1))
            if not is_full(mu, spread)
            else (torch.stack([log_density(mu, spread, one.expand(count, -1)) for one in part]))
        )
        with_own.append(torch.logsumexp(log_q, 1) - math.log(count))
        log_q[torch.arange(len(part)), torch.arange(start, start + len(part))] = -torch.inf
        without.append(torch.logsumexp(log_q, 1) - math.log(count - 1))
    kl = float((own - prior.log_prob(z).double()).mean())
    low, high = (float((own - torch.cat(log_q)).mean()) for log_q in (with_own, without))
    return KlParts(kl, (low, high), (kl - high, kl - low))
