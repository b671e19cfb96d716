"""Likelihood regret (Xiao, Yan and Amit, 2020): how much better an encoder of its own would explain a single image."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from training.measure.best_posterior import DRAWS, JUDGING, elbo_at
from training.model.vae import VAE

STEPS, RATE = 150, 1e-3


def likelihood_regret(model: VAE, x: Tensor, seed: int = 0) -> Tensor:
    """ELBO with an encoder trained on the image alone less that with the run's, (N,) in nats, for x (N, C, H, W).

    The decoder and the prior stay. High for images unlike those of training, whose log p(x) can be high all the same:
    the regret asks how badly their q(z|x) was learned. 150 steps of Adam, 16 draws each; both ELBOs at the same draws.
    An encoder can give any q of its family for one image, so that it is what `amortisation_gap` finds without one. For
    a model whose code has noise.
    """
    return torch.cat([_of_one(model, image, seed) for image in torch.split(x, 1)])


def _of_one(model: VAE, x: Tensor, seed: int) -> Tensor:
    own = copy.deepcopy(model).eval()
    parameters = list(own.encoder.parameters())
    generator = torch.Generator().manual_seed(seed)
    adam = torch.optim.Adam(parameters, RATE)
    for _ in range(STEPS):
        mu, spread = own.encode(x)
        loss = -elbo_at(own, x, mu, spread, DRAWS, generator).sum()
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            parameter.grad = gradient
        adam.step()
    with torch.no_grad():
        judging = (torch.Generator().manual_seed(seed + 1) for _ in range(2))
        after, before = (
            elbo_at(m, x, *m.encode(x), JUDGING, g) for m, g in zip((own, model.eval()), judging, strict=True)
        )
    return after - before
