"""The variational autoencoder: an encoder of q(z|x) and a decoder of p(x|z)."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.device import send
from training.model.architectures import decoder_layers, encoder_layers
from training.model.likelihood import negative_log_likelihood, pixel_mean
from training.model.network import Network
from training.model.posterior import cholesky_factor, kl_to_prior, log_density, sample
from training.model.prior import StandardPrior, VampPrior, prior_of
from training.model.spec import ModelSpec
from training.objective import Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

# log_var of an untrained or diverging encoder can overflow exp(); e^±20 is beyond any posterior of use.
LOG_VAR_RANGE = (-20.0, 20.0)


class VAE(nn.Module):
    """Encoder and decoder of one run, as its `ModelSpec` says.

    Images `x` are (N, C, H, W) in [0, 1]; latents `z`, `mu` and `log_var` are (N, D), `scale_tril` is (N, D, D);
    `logits` are (N, C, H, W).
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.fixed: Tensor | None = None
        self.encoder = Network(encoder_layers(spec))
        self.decoder = Network(decoder_layers(spec))
        self.prior = prior_of(spec)
        if spec.likelihood == "gaussian":
            self.log_sigma = nn.Parameter(torch.tensor(math.log(0.3)))

    def encode(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Parameters (mu, log_var) of q(z|x), each (N, D); log_var is -inf for a deterministic code.

        A full covariance has (mu, scale_tril) instead, with L (N, D, D) of Sigma = L L^T (Eq. 22). A conditional model
        takes the class `y` (N, K), one-hot, everywhere: q(z|x, y), p(x|z, y).
        """
        return self.posterior(self.encoder(x, self._class_for(x, y)))

    def posterior(self, head: Tensor) -> tuple[Tensor, Tensor]:
        """The same of the encoder's last layer, `head` (N, `spec.posterior_parameters`)."""
        if self.spec.posterior == "deterministic":
            return head, torch.full_like(head, -torch.inf)
        if self.spec.posterior == "full":
            dim = self.spec.latent_dim
            log_diagonal = head[:, dim : 2 * dim].clamp(*(0.5 * bound for bound in LOG_VAR_RANGE))
            return head[:, :dim], cholesky_factor(torch.cat([log_diagonal, head[:, 2 * dim :]], dim=1))
        mu, log_var = head.chunk(2, dim=1)
        return mu, F.hardtanh(log_var, *LOG_VAR_RANGE)  # a clamp whose gradient is one operation

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Logits (N, C, H, W) of p(x|z); `image` turns them into pixels."""
        logits: Tensor = self.decoder(z, self._class_for(z, y))
        return logits

    def image(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """E[x|z], (N, C, H, W) in [0, 1]."""
        return pixel_mean(self.spec.likelihood, self.decode(z, y))

    def reconstruction(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """-log p(x|z) in nats, shape (N,)."""
        log_sigma = getattr(self, "log_sigma", None)
        return negative_log_likelihood(self.spec.likelihood, self.decode(z, y), x, log_sigma)

    def terms(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Terms:
        """One-sample estimate of both terms (Eq. 30) at z = mu + sigma * noise; `noise` is (N, D)."""
        mu, spread = self.encode(x, y)
        z = sample(mu, spread, noise)
        return Terms(self.reconstruction(x, z, y), self.kl(mu, spread, z))

    def weighted_terms(self, x: Tensor, noise: Tensor, y: Tensor | None = None) -> Terms:
        """Terms with the importance-weighted bound (Burda et al., 2016) of K draws an image; `noise` is (N, K, D).

        `bound` is log (1/K) sum_k p(x, z_k) / q(z_k|x); the other two are means over the same draws.
        """
        mu, spread = self.encode(x, y)
        if isinstance(self.prior, VampPrior) and self.training:
            self.prior.follow(self)
        count, draws, dim = noise.shape
        mean, width = mu.unsqueeze(1), spread.unsqueeze(1)
        z = sample(mean, width, noise)
        given = None if y is None else y.repeat_interleave(draws, 0)
        logits = self.decode(z.reshape(-1, dim), given)
        of_each = x.unsqueeze(1).expand(-1, draws, *x.shape[1:]).reshape(-1, *x.shape[1:])
        log_sigma = getattr(self, "log_sigma", None)
        reconstruction = negative_log_likelihood(self.spec.likelihood, logits, of_each, log_sigma).view(count, draws)
        kl = log_density(mean, width, z) - self.prior.log_prob(z)
        bound = torch.logsumexp(-reconstruction - kl, 1) - math.log(draws)
        return Terms(reconstruction.mean(1), kl.mean(1), bound)

    def kl(self, mu: Tensor, spread: Tensor, z: Tensor) -> Tensor:
        """KL(q(z|x) || p(z)) in nats, (N,): exact for the standard prior.

        For a learned one the sampled estimate log q(z|x) - log p(z) at z (N, D) drawn from q(z|x); no other is known.
        """
        if isinstance(self.prior, StandardPrior) or self.spec.posterior == "deterministic":
            return kl_to_prior(mu, spread)
        if isinstance(self.prior, VampPrior) and self.training:
            self.prior.follow(self)
        return log_density(mu, spread, z) - self.prior.log_prob(z)

    def log_prior(self, z: Tensor) -> Tensor:
        """log p(z) in nats, (...,), of codes (..., D)."""
        return self.prior.log_prob(z)

    def draw_prior(self, count: int, seed: int) -> Tensor:
        """Codes (count, D) of the prior, float32, on the CPU; a seed repeats them."""
        return self.prior.draw(count, self.spec.latent_dim, torch.Generator().manual_seed(seed))

    def classes_of(self, labels: NDArray[np.integer[Any]] | Tensor) -> Tensor | None:
        """The classes (N, K) of `labels` (N,), one-hot, zeros for -1; None unless the model is conditional."""
        if not self.spec.condition:
            return None
        return send(one_hot(labels, self.spec.condition), next(self.parameters()).device)

    def given(self, label: int) -> VAE:
        """The same model with its class fixed, to be used like any other; an unconditional model is its own."""
        y = self.classes_of(np.array([label]))
        if y is None:
            return self
        fixed = copy.copy(self)  # the same weights
        fixed.fixed = y
        return fixed

    def _class_for(self, rows: Tensor, y: Tensor | None) -> Tensor | None:
        if y is None and self.fixed is not None:
            return self.fixed.expand(len(rows), -1)
        if (y is None) == bool(self.spec.condition):
            raise ValueError("a conditional model needs the class y, and no other model takes one")
        return y

    @torch.no_grad()
    def start_from_mean(self, mean: Tensor) -> None:
        """Let the untrained decoder give the mean image (C, H, W): the first epochs need not learn it."""
        logits = torch.logit(mean.clamp(1e-3, 1 - 1e-3))
        last = [layer for layer in self.decoder if isinstance(layer, nn.Linear | nn.ConvTranspose2d)][-1]
        bias = last.bias
        assert bias is not None
        bias.copy_(logits.flatten() if bias.numel() == logits.numel() else logits.mean(dim=(1, 2)))


def one_hot(labels: NDArray[np.integer[Any]] | Tensor, classes: int) -> Tensor:
    """`labels` (N,) as rows (N, `classes`) of one 1; of zeros for -1."""
    return (torch.as_tensor(labels)[:, None] == torch.arange(classes)).float()
