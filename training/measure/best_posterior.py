"""How much of the gap is the encoder's: the best Gaussian of its family for single images, by gradient ascent."""

from __future__ import annotations

import torch
from torch import Tensor

from training.model.posterior import sample
from training.model.vae import VAE

STEPS, DRAWS, RATE = 150, 16, 0.02
JUDGING = 400  # draws that both are measured with


def amortisation_gap(model: VAE, x: Tensor, seed: int = 0) -> Tensor:
    """ELBO of the best diagonal q found less that of the encoder's, (N,) in nats, for images x (N, C, H, W).

    From the encoder's q, 150 steps of Adam on the ELBO by 16 draws an image; both are measured at the same draws. Of a
    full covariance the Cholesky factor is moved.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        mu, spread = model.encode(x)
    start = (mu, spread)
    free = [mu.clone().requires_grad_(), spread.clone().requires_grad_()]
    adam = torch.optim.Adam(free, RATE)
    for _ in range(STEPS):
        adam.zero_grad()
        (-elbo_at(model, x, free[0], free[1], DRAWS, generator).sum()).backward()  # type: ignore[no-untyped-call]
        adam.step()
    with torch.no_grad():
        after, before = (
            elbo_at(model, x, m, s, JUDGING, torch.Generator().manual_seed(seed + 1)) for m, s in (tuple(free), start)
        )
    return (after - before).detach()


def elbo_at(model: VAE, x: Tensor, mu: Tensor, spread: Tensor, draws: int, generator: torch.Generator) -> Tensor:
    """(N,) in nats, a mean over so many draws of z an image."""
    total = torch.zeros(len(x))
    at_once = min(draws, 16)
    for _ in range(draws // at_once):
        noise = torch.randn(at_once, *mu.shape, generator=generator)
        many = [part.expand(at_once, *part.shape) for part in (mu, spread)]
        z = sample(many[0], many[1], noise).flatten(0, 1)
        kl = model.kl(many[0].flatten(0, 1), many[1].flatten(0, 1), z)
        terms = -model.reconstruction(x.repeat(at_once, 1, 1, 1), z) - kl
        total = total + terms.view(at_once, -1).mean(0) * (at_once / draws)
    return total
