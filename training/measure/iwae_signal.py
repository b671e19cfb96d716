"""The gradient of the importance-weighted bound: its signal-to-noise ratio with K draws (Rainforth et al., 2018)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from training.model.likelihood import negative_log_likelihood
from training.model.posterior import log_density, sample
from training.model.vae import VAE

COUNTS = (1, 2, 4, 8, 16, 32, 64)
ROWS = 8192  # decoded at once


@dataclass(frozen=True)
class Signal:
    """At K draws: the length of the gradient's mean over the root of its total variance, of one estimate.

    By the encoder's outputs for each image, mu and log sigma^2 or L; and by the bias that the decoder's last layer has
    for each pixel. "Tighter Variational Bounds are Not Necessarily Better": for large K the decoder's grows as sqrt(K),
    the encoder's falls as 1 / sqrt(K).
    """

    count: int
    encoder: float
    decoder: float


def signals(
    model: VAE, x: Tensor, counts: Sequence[int] = COUNTS, *, estimates: int, seed: int = 0
) -> Iterator[Signal]:
    """The ratios for images x (N, C, H, W) in [0, 1] at each K, one after the other; unconditional models only."""
    for count in counts:
        encoder, decoder = gradients(model, x, count, estimates, seed)
        yield Signal(count, _ratio(encoder), _ratio(decoder))


def gradients(model: VAE, x: Tensor, count: int, estimates: int, seed: int) -> tuple[Tensor, Tensor]:
    """Estimates of each image's gradient, by the encoder's outputs (E, N, P) and by the pixels' biases (E, N, pixels).

    In nats per unit, each of `count` draws.
    """
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        head = model.encoder(x)
    most = max(1, ROWS // (len(x) * count))
    parts = [
        _part(model, x, head, min(most, estimates - start), count, generator) for start in range(0, estimates, most)
    ]
    encoder, decoder = zip(*parts, strict=True)
    return torch.cat(encoder), torch.cat(decoder)


def _part(
    model: VAE, x: Tensor, head: Tensor, estimates: int, count: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    rows, dim = estimates * len(x), model.spec.latent_dim
    outputs = head.repeat(estimates, 1).requires_grad_()
    mu, spread = (value.unsqueeze(1) for value in model.posterior(outputs))
    z = sample(mu, spread, torch.randn(rows, count, dim, generator=generator))
    logits = model.decode(z.reshape(-1, dim))
    of_each = x.repeat(estimates, 1, 1, 1).repeat_interleave(count, 0)
    log_sigma = getattr(model, "log_sigma", None)
    reconstruction = negative_log_likelihood(model.spec.likelihood, logits, of_each, log_sigma).view(rows, count)
    log_weight = model.log_prior(z) - log_density(mu, spread, z) - reconstruction
    bound = torch.logsumexp(log_weight, 1) - math.log(count)
    by_outputs, by_logits = torch.autograd.grad(bound.sum(), (outputs, logits))
    by_bias = by_logits.reshape(estimates, len(x), count, -1).sum(2)  # (estimates, N, pixels)
    return by_outputs.view(estimates, len(x), -1), by_bias


def _ratio(gradients: Tensor) -> float:
    """Of estimates (E, ...): their mean's length, less what chance adds to its square, over their spread."""
    found = gradients.double().flatten(1)
    variance = found.var(0).sum()
    if variance == 0:
        return math.inf
    squared = (found.mean(0) ** 2).sum() - variance / len(found)
    return math.sqrt(max(0.0, (squared / variance).item()))


def slope(counts: Sequence[int], ratios: Sequence[float]) -> float | None:
    """Of log ratio against log K by least squares; None where a ratio is 0 or not finite."""
    if not all(0 < ratio < math.inf for ratio in ratios):
        return None
    x, y = (torch.tensor(values, dtype=torch.float64).log() for values in (counts, ratios))
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / (x @ x))
