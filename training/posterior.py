"""The approximate posterior q(z|x): sampling (Eq. 26) and its divergence from the prior."""

from __future__ import annotations

import torch
from torch import Tensor


def sample(mu: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """z = mu + sigma * epsilon (Eq. 26); all of shape (..., N, D). log_var = -inf gives z = mu exactly."""
    return mu + torch.exp(0.5 * log_var) * noise


def kl_to_prior(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, diag exp(log_var)) || N(0, I)) in nats, shape (N,), for (N, D) inputs; +inf where log_var is -inf.

    The closed form of Kingma and Welling (2014), appendix B.
    """
    return 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(-1)
