"""Estimators of the gradient of E_q[-log p(x|z)]: what AEVB follows. The KL term's gradient is exact in either case."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.model.posterior import kl_to_prior, log_density, sample
from training.model.vae import VAE
from training.objective import Terms
from training.options import BaselineName, GradientName

BASELINE_WIDTH = 64


class GradientEstimator(nn.Module):
    """Terms whose values are the plain ones and whose gradient is this estimator's.

    reparameterization (Eq. 26): z = mu + sigma * epsilon, differentiated through. score-function (Eqs. 18-20): z is
    held fixed and f(z) = -log p(x|z) weighs the gradient of log q(z|x), less a baseline that does not depend on z and
    so leaves the mean as it is: none; mean (of the batch's other images); or learned (that mean and what a small
    network adds for the image, trained beside the model by squared error).
    """

    def __init__(self, gradient: GradientName, baseline: BaselineName, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.gradient, self.baseline = gradient, baseline
        if baseline == "learned":
            self.network = nn.Sequential(
                nn.Flatten(), nn.Linear(math.prod(image_shape), BASELINE_WIDTH), nn.SiLU(), nn.Linear(BASELINE_WIDTH, 1)
            )

    def terms(self, model: VAE, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Terms:
        """Terms (N,) of images x (N, C, H, W) with noise (N, D), to be differentiated; `y` as in `VAE`.

        With noise (N, K, D) those of K draws an image, with their importance-weighted bound.
        """
        if noise.dim() == 3:
            return model.weighted_terms(x, noise, y)
        if self.gradient == "reparameterization":
            return model.terms(x, noise, y)
        mu, spread = model.encode(x, y)
        z = sample(mu, spread, noise).detach()
        reconstruction = model.reconstruction(x, z, y)
        f = reconstruction.detach()
        baseline, misfit = self.expected(x, f)
        log_q = log_density(mu, spread, z)
        # Both brackets are 0 in value: they bring the gradients of log q, and of the baseline's own fit.
        score = (f - baseline.detach()) * (log_q - log_q.detach())
        return Terms(reconstruction + score + (misfit - misfit.detach()), kl_to_prior(mu, spread))

    def expected(self, x: Tensor, f: Tensor) -> tuple[Tensor, Tensor]:
        """The baseline of each image, and its squared error, which trains it; both (N,)."""
        nothing = torch.zeros_like(f)
        if self.baseline == "none":
            return nothing, nothing
        mean = mean_of_others(f)
        if self.baseline == "mean":
            return mean, nothing
        # In units of sqrt(pixels), about what f differs by from image to image: Adam's steps are too small for nats.
        predicted = mean + math.sqrt(x[0].numel()) * self.network(x)[:, 0]
        return predicted, F.mse_loss(predicted, f, reduction="none")


def mean_of_others(f: Tensor) -> Tensor:
    """For each of N images (..., N) the mean of the others' f, which does not depend on its own z; 0 if alone."""
    return (f.sum(-1, keepdim=True) - f) / max(f.shape[-1] - 1, 1)
