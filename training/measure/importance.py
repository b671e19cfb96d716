"""The importance-weighted bound on log p(x), which K = 1 draw makes the ELBO (Eq. 9) and many make tight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from training.errors import UserError
from training.measure.bounds import log_weights
from training.model.vae import VAE

COUNTS = (1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200, 300, 500, 700, 1000, 2000, 3000, 5000)
POOL = 20_000  # draws of z, among which each estimate takes its K by chance
TAKEN = 200 * COUNTS[-1]  # the same for each K, in blocks of K: 200 estimates for the largest
BAND = (0.05, 0.95)


@dataclass(frozen=True)
class ImportanceBound:
    """For each K of `counts` (M,): `mean` of the estimates, and `low` and `high` that nine in ten lie between; nats."""

    counts: Tensor
    mean: Tensor
    low: Tensor
    high: Tensor


@torch.no_grad()
def importance_bound(model: VAE, x: Tensor, seed: int = 0) -> ImportanceBound:
    """log (1/K) sum_k p(x, z_k) / q(z_k|x) with z_k drawn from q(z|x) (Burda et al., 2016), image x (1, C, H, W).

    Its mean rises with K to log p(x). Raises UserError for a deterministic code, which has no density.
    """
    if model.spec.posterior == "deterministic":
        raise UserError("the code of this run has no noise, and so no importance weights")
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    log_weight = log_weights(model, x, POOL, generator)[0]
    taken = log_weight[torch.randint(POOL, (TAKEN,), generator=generator)]
    rows = []
    for count in COUNTS:
        blocks = taken[: TAKEN // count * count].view(-1, count)
        estimate = torch.logsumexp(blocks, 1) - math.log(count)
        rows.append(torch.stack([estimate.mean(), *(estimate.quantile(share) for share in BAND)]))
    mean, low, high = torch.stack(rows).T
    return ImportanceBound(torch.tensor(COUNTS), mean, low, high)
