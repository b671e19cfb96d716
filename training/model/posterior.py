"""The approximate posterior q(z|x): sampling (Eq. 26), density, and divergence from the prior.

Its spread is `log_var` (..., D) for a diagonal covariance, -inf for a deterministic code, or `scale_tril` (..., D, D),
the Cholesky factor L of a full covariance Sigma = L L^T (Eq. 22).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def is_full(mu: Tensor, spread: Tensor) -> bool:
    """Whether `spread` is a Cholesky factor."""
    return spread.dim() > mu.dim()


def sample(mu: Tensor, spread: Tensor, noise: Tensor) -> Tensor:
    """z = mu + sigma * epsilon (Eq. 26), or mu + L epsilon (Eq. 22), (..., N, D) like `mu` and `noise`.

    log_var = -inf gives z = mu exactly.
    """
    if not is_full(mu, spread):
        log_var = spread
        return torch.addcmul(mu, torch.exp(0.5 * log_var), noise)
    scale_tril = spread
    return mu + (scale_tril @ noise.unsqueeze(-1)).squeeze(-1)


def kl_to_prior(mu: Tensor, spread: Tensor) -> Tensor:
    """KL(q(z|x) || N(0, I)) in nats, shape (N,), for (N, D) means; +inf where log_var is -inf.

    The closed form of Kingma and Welling (2014), appendix B; for a full covariance
    0.5 (tr(L L^T) + mu^T mu - D) - log det L.
    """
    if not is_full(mu, spread):
        log_var = spread
        return 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(-1)
    log_det = spread.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return 0.5 * (spread.square().sum((-2, -1)) + (mu.square() - 1).sum(-1)) - log_det


def log_density(mu: Tensor, spread: Tensor, z: Tensor) -> Tensor:
    """log q(z|x) in nats, shape (...,), at z (..., D)."""
    if not is_full(mu, spread):
        log_scale = 0.5 * spread
        whitened = (z - mu) * torch.exp(-log_scale)
    else:
        log_scale = spread.diagonal(dim1=-2, dim2=-1).log()
        whitened = torch.linalg.solve_triangular(spread, (z - mu).unsqueeze(-1), upper=False).squeeze(-1)
    return -(0.5 * whitened.square() + log_scale + 0.5 * math.log(2 * math.pi)).sum(-1)


def standard_deviations(mu: Tensor, spread: Tensor) -> Tensor:
    """sqrt of the covariance's diagonal, (..., D)."""
    return spread.norm(dim=-1) if is_full(mu, spread) else torch.exp(0.5 * spread)


def cholesky_factor(head: Tensor) -> Tensor:
    """L (N, D, D) with a positive diagonal from D log-diagonal entries and then the D (D - 1) / 2 below it, by rows."""
    dim = int((math.isqrt(8 * head.shape[1] + 1) - 1) // 2)
    rows, columns = torch.tril_indices(dim, dim, -1, device=head.device)
    factor = torch.diag_embed(head[:, :dim].exp())
    factor[:, rows, columns] = head[:, dim:]
    return factor
