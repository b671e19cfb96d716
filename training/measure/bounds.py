"""Bounds on log p(x) of many images, and how far below it the ELBO lies."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from training.measure.evidence import CHUNK, log_evidence, own_log_likelihood
from training.model.posterior import log_density, sample, standard_deviations
from training.model.vae import VAE

HERMITE_ORDER = 12  # nodes along each axis of q(z|x)


@torch.no_grad()
def importance_weighted_bounds(
    model: VAE, x: Tensor, draws: int, seed: int, on_progress: Callable[[int], object] = lambda _: None
) -> Tensor:
    """log (1/K) sum_k p(x, z_k) / q(z_k|x), z_k from q(z|x) (Burda et al., 2016), in nats, shape (N,).

    For images x (N, C, H, W) in [0, 1] and K = `draws`; a posterior with a density. In the mean it is at least the
    ELBO and at most log p(x). `on_progress` hears how many images were finished.
    """
    generator = torch.Generator().manual_seed(seed)
    bounds = []
    for part in torch.split(x, max(1, CHUNK // draws)):
        bounds.append(torch.logsumexp(log_weights(model, part, draws, generator), 1) - math.log(draws))
        on_progress(len(part))
    return torch.cat(bounds)


@torch.no_grad()
def log_weights(model: VAE, x: Tensor, draws: int, generator: torch.Generator) -> Tensor:
    """log p(x, z) - log q(z|x) in nats at `draws` z from the q(z|x) of each of N images, (N, draws)."""
    z, log_p, log_q = posterior_draws(model, x, draws, generator)
    return log_p + model.log_prior(z) - log_q


@torch.no_grad()
def posterior_draws(model: VAE, x: Tensor, draws: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """`draws` codes z (N, draws, D) from the q(z|x) of each of N images; log p(x|z) and log q(z|x) there, in nats."""
    # A narrow posterior far out has fewer digits in single precision than it needs.
    mu, spread = (parameter.double().unsqueeze(1) for parameter in model.encode(x))
    z = sample(mu, spread, torch.randn(len(x), draws, mu.shape[-1], generator=generator).double())
    return z, own_log_likelihood(model, x, z).double(), log_density(mu, spread, z)


@torch.no_grad()
def gaps(model: VAE, x: Tensor) -> Tensor:
    """log p(x) - ELBO = KL(q(z|x) || p(z|x)) (Eq. 10) in nats, shape (N,), for images x (N, C, H, W) in [0, 1].

    The ELBO by Gauss-Hermite quadrature over q(z|x), log p(x) by `log_evidence`. For one or two latent
    dimensions.
    """
    mu, spread = model.encode(x)
    nodes, weights = (torch.from_numpy(array) for array in np.polynomial.hermite_e.hermegauss(HERMITE_ORDER))
    dim = mu.shape[1]
    noise = torch.cartesian_prod(*[nodes] * dim).view(-1, dim).to(mu.dtype)
    weight: Tensor = torch.cartesian_prod(*[weights] * dim).view(-1, dim).prod(1) / (2 * math.pi) ** (dim / 2)
    mean, width = mu.unsqueeze(1), spread.unsqueeze(1)
    z = sample(mean, width, noise)
    kl = (log_density(mean, width, z) - model.log_prior(z)).double() @ weight
    elbo = own_log_likelihood(model, x, z).double() @ weight - kl
    return log_evidence(model, x, mu, standard_deviations(mu, spread)).log_evidence - elbo
