"""One step of AEVB in detail: what its minibatch is encoded to, drawn and decoded to, and where each term pulls z."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from training.aevb import Trainer
from training.live import pixels
from training.model.posterior import log_density, sample, standard_deviations

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_IMAGES = 32


def step_detail(
    trainer: Trainer, x: Tensor, noise: Tensor, y: Tensor | None = None
) -> tuple[dict[str, NDArray[Any]], dict[str, float]]:
    """The step that the trainer is about to make, of the first of its minibatch; and both terms' means over all of it.

    x (B, C, H, W) in [0, 1], noise (B, D), classes y (B, K): the step's own. The arrays, for at most MOST_IMAGES: `x`
    and `decoded` uint8; `mu`, `log_var`, `epsilon`, `z` (B, D); `label` (B,); `reconstruction`, `kl` (B,) nats; and
    `pull_reconstruction`, `pull_kl` (B, D), minus the gradient of each weighted term of an image, nats: of
    w_rec * -log p(x|z) by z (and so by mu, Eq. 26), of w_kl * KL(q(z|x) || p(z)) by mu. A term of weight 0 does not
    pull. The score function does not differentiate by z: its pull is on mu, -w_rec (f - baseline) d log q(z|x) / d mu
    with f = -log p(x|z) (Eqs. 18-20). A deterministic code has no `log_var`, `epsilon`, `kl` and `pull_kl`.

    The trainer's random numbers stay where they are, and its weights get no gradient.
    """
    model, count = trainer.model, min(MOST_IMAGES, len(x))
    random = trainer.rng_state()  # dropout draws the same again in the step itself
    with torch.no_grad():
        mu, spread = model.encode(x, y)
    mu.requires_grad_()
    z = sample(mu, spread, noise)
    reconstruction, kl = model.reconstruction(x, z, y), model.kl(mu, spread, z)
    tensors = {
        "mu": mu,
        "z": z,
        "reconstruction": reconstruction,
        "pull_reconstruction": _pull(
            trainer, "reconstruction", mu, _estimate(trainer, x, z, mu, spread, reconstruction)
        ),
    }
    if model.spec.posterior != "deterministic":
        tensors |= {
            "log_var": 2 * standard_deviations(mu, spread).log(),
            "epsilon": noise,
            "kl": kl,
            "pull_kl": _pull(trainer, "kl", mu, kl),
        }
    with torch.no_grad():
        decoded = model.image(z[:count], None if y is None else y[:count])
    trainer.set_rng_state(random)
    arrays = {
        name: np.ascontiguousarray(value.detach()[:count].float().cpu().numpy()) for name, value in tensors.items()
    }
    arrays |= {"x": pixels(x[:count]), "decoded": pixels(decoded)}
    arrays["label"] = trainer.train_images.labels[trainer.chosen[:count]].astype(np.int32)
    return arrays, {"reconstruction": reconstruction.mean().item(), "kl": kl.mean().item()}


def _estimate(trainer: Trainer, x: Tensor, z: Tensor, mu: Tensor, spread: Tensor, reconstruction: Tensor) -> Tensor:
    """What this trainer's estimator differentiates of the reconstruction term, (B,)."""
    if trainer.estimator.gradient == "reparameterization":
        return reconstruction
    f = reconstruction.detach()
    baseline, _ = trainer.estimator.expected(x, f)
    return (f - baseline.detach()) * log_density(mu, spread, z.detach())


def _pull(trainer: Trainer, name: str, mu: Tensor, term: Tensor) -> Tensor:
    """Minus the gradient of a weighted `term` (B,) by mu (B, D)."""
    weight = trainer.objective.weights.get(name)
    if not weight:
        return torch.zeros_like(mu)
    (gradient,) = torch.autograd.grad(term.sum(), mu, retain_graph=True)
    return -weight * gradient
