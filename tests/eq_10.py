"""Both sides of Eq. 10 for one image and a Gaussian q(z|x), by torch and numpy alone: what the browser must find."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, kl_divergence

from training.model.vae import VAE

PRIOR = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
NODES = 24  # of Gauss and Hermite, along each axis of q
DRAWS = 20_000


def gaussian(q: Sequence[float]) -> MultivariateNormal:
    """q by its mean, the standard deviations along its axes and the angle of the first, as the address has it."""
    x, y, first, second, angle = q
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]).double()
    factor = turn * torch.tensor([first, second])
    return MultivariateNormal(torch.tensor([x, y]).double(), factor @ factor.T)


def log_joint(model: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) in nats of one image at codes z (N, 2)."""
    with torch.no_grad():
        lost = torch.cat(
            [model.reconstruction(x.expand(len(some), -1, -1, -1), some) for some in z.float().split(2000)]
        )
    return PRIOR.log_prob(z) - lost


def log_evidence(model: VAE, x: Tensor, near: Sequence[float]) -> float:
    """log p(x) by importance sampling, half of the draws from the prior, half from around a Gaussian `near` p(z|x)."""
    torch.manual_seed(0)
    wide = gaussian([*near[:2], 3 * near[2], 3 * near[3], near[4]])
    z = torch.cat([wide.sample((DRAWS,)), PRIOR.sample((DRAWS,))])
    log_proposal = torch.logaddexp(wide.log_prob(z), PRIOR.log_prob(z)) - math.log(2)
    return float(torch.logsumexp(log_joint(model, x, z) - log_proposal, 0)) - math.log(2 * DRAWS)


def gap_and_elbo(model: VAE, x: Tensor, q: Sequence[float], evidence: float, nodes: int = NODES) -> tuple[float, float]:
    """KL(q(z|x) || p(z|x)), where log p(x) = `evidence`, and E_q[log p(x|z)] - KL(q(z|x) || p(z)), in nats."""
    line, weights = np.polynomial.hermite_e.hermegauss(nodes)
    epsilon = torch.tensor([[a, b] for a in line for b in line])
    weight = torch.tensor(np.outer(weights, weights).ravel() / weights.sum() ** 2)
    approximate = gaussian(q)
    z = approximate.mean + epsilon @ approximate.scale_tril.T
    joint = log_joint(model, x, z)
    gap = weight @ (approximate.log_prob(z) - joint) + evidence
    elbo = weight @ (joint - PRIOR.log_prob(z)) - kl_divergence(approximate, PRIOR)
    return float(gap), float(elbo)
