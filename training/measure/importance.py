"""Importance weights of one image: the bound on log p(x) that they give, and log p(x) itself by draws that q misses."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from training.errors import UserError
from training.measure.bounds import log_weights
from training.measure.evidence import log_likelihood
from training.measure.true_posterior import Window
from training.model.posterior import log_density, sample
from training.model.vae import VAE

ROUND = 20_000  # draws
DRAWS = 4096
FROM_WINDOWS, FROM_ELSEWHERE = 0.7, 0.15  # shares of the draws; the latter of q(z|x) and of the prior each


@torch.no_grad()
def importance_weights(model: VAE, x: Tensor, number: int) -> Tensor:
    """log p(x, z) - log q(z|x) in nats at 20,000 draws z of q(z|x), (20000,), for an image x (1, C, H, W) in [0, 1].

    Rounds of another `number` are other draws. log of the mean of K of them is one estimate of the importance-weighted
    bound (Burda et al., 2016). Raises UserError for a deterministic code, which has no density.
    """
    if model.spec.posterior == "deterministic":
        raise UserError("the code of this run has no noise, and so no importance weights")
    return log_weights(model.eval(), x, ROUND, torch.Generator().manual_seed(number))[0]


@torch.no_grad()
def weighted_evidence(model: VAE, x: Tensor, windows: Sequence[Window], seed: int = 0) -> tuple[float, float]:
    """log p(x) (Eq. 4) by importance sampling in nats, and its standard error; x (1, C, H, W) in [0, 1].

    Draws are of the cells of `windows`, of q(z|x) and of the prior. Wherever the windows lie its mean of the weights
    is p(x): it shares no rule with the quadrature that found them, so it can tell that one wrong.
    """
    generator = torch.Generator().manual_seed(seed)
    mu, spread = (parameter[0].double() for parameter in model.eval().encode(x))
    noisy = model.spec.posterior != "deterministic"
    elsewhere = round(FROM_ELSEWHERE * DRAWS)
    epsilon = torch.randn(elsewhere, mu.shape[-1], generator=generator, dtype=torch.float64)
    parts = [model.prior.draw(elsewhere, mu.shape[-1], generator).double()]
    if noisy:
        parts.append(sample(mu, spread, epsilon))
    parts.append(_draws(windows, DRAWS - len(parts) * elsewhere, generator)[:, : mu.shape[-1]])
    z = torch.cat(parts)
    densities = [math.log(len(parts[0])) + model.log_prior(z), math.log(len(parts[-1])) + _log_density(windows, z)]
    if noisy:
        densities.append(math.log(elsewhere) + log_density(mu, spread, z))
    proposal = torch.logsumexp(torch.stack(densities), 0) - math.log(DRAWS)
    log_weight = log_likelihood(model, x, z)[0].double() + model.log_prior(z) - proposal
    found = torch.logsumexp(log_weight, 0).item() - math.log(DRAWS)
    return found, (torch.exp(log_weight - found).std() / math.sqrt(DRAWS)).item()


def _draws(windows: Sequence[Window], count: int, generator: torch.Generator) -> Tensor:
    """Codes (count, 2): a cell of any window by its mass, a place in it by chance; on a line z is the first number."""
    masses = [torch.exp(log_mass) for log_mass in _log_masses(windows)]
    flat = torch.cat([mass.flatten() for mass in masses])
    chosen = torch.multinomial(flat, count, replacement=True, generator=generator)
    place = torch.rand(count, 2, generator=generator, dtype=torch.float64)
    z, before = torch.empty(count, 2, dtype=torch.float64), 0
    for window, mass in zip(windows, masses, strict=True):
        rows, columns = mass.shape
        own = (chosen >= before) & (chosen < before + mass.numel())
        cell = chosen[own] - before
        at = torch.stack([cell % columns, cell // columns], 1) + place[own]
        low, high = (torch.tensor(corner, dtype=torch.float64) for corner in (window.low, window.high))
        z[own] = low + at / torch.tensor([columns, rows]) * (high - low)
        before += mass.numel()
    return z


def _log_density(windows: Sequence[Window], z: Tensor) -> Tensor:
    """Of those draws, (M,); the windows of a line are 1 high."""
    if z.shape[1] == 1:
        z = torch.cat([z, torch.full_like(z, 0.5)], 1)
    found = torch.full((len(z),), -torch.inf, dtype=torch.float64)
    for window, log_mass in zip(windows, _log_masses(windows), strict=True):
        rows, columns = log_mass.shape
        low, high = (torch.tensor(corner, dtype=torch.float64) for corner in (window.low, window.high))
        inside = ((z >= low) & (z < high)).all(1)
        size = torch.tensor([columns, rows])
        cell = torch.minimum(((z[inside] - low) / (high - low) * size).floor().long(), size - 1)
        found[inside] = log_mass[cell[:, 1], cell[:, 0]] - window.log_cell
    return found


def _log_masses(windows: Sequence[Window]) -> list[Tensor]:
    """Of each window's cells, (rows, columns), in shares of all."""
    masses = [window.log_joint + window.log_cell for window in windows]
    whole = torch.logsumexp(torch.cat([mass.flatten() for mass in masses]), 0)
    return [mass - whole for mass in masses]
