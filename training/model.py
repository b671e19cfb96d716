"""The variational autoencoder: an encoder of q(z|x) and a decoder of p(x|z)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from training.errors import UserError
from training.likelihood import negative_log_likelihood, pixel_mean
from training.objective import Terms
from training.options import ModelSpec
from training.posterior import cholesky_factor, kl_to_prior, sample

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
        outputs = spec.posterior_parameters
        build = {"mlp": (_mlp_encoder, _mlp_decoder), "conv": (_conv_encoder, _conv_decoder)}
        encoder, decoder = build[spec.architecture]
        self.encoder = encoder(spec, outputs)
        self.decoder = decoder(spec)
        if spec.likelihood == "gaussian":
            self.log_sigma = nn.Parameter(torch.tensor(math.log(0.3)))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Parameters (mu, log_var) of q(z|x), each (N, D); log_var is -inf for a deterministic code.

        A full covariance has (mu, scale_tril) instead, with L (N, D, D) of Sigma = L L^T (Eq. 22).
        """
        return self.posterior(self.encoder(x))

    def posterior(self, head: Tensor) -> tuple[Tensor, Tensor]:
        """The same of the encoder's last layer, `head` (N, `spec.posterior_parameters`)."""
        if self.spec.posterior == "deterministic":
            return head, torch.full_like(head, -torch.inf)
        if self.spec.posterior == "full":
            dim = self.spec.latent_dim
            log_diagonal = head[:, dim : 2 * dim].clamp(*(0.5 * bound for bound in LOG_VAR_RANGE))
            return head[:, :dim], cholesky_factor(torch.cat([log_diagonal, head[:, 2 * dim :]], dim=1))
        mu, log_var = head.chunk(2, dim=1)
        return mu, log_var.clamp(*LOG_VAR_RANGE)

    def decode(self, z: Tensor) -> Tensor:
        """Logits (N, C, H, W) of p(x|z); `image` turns them into pixels."""
        logits: Tensor = self.decoder(z)
        return logits

    def image(self, z: Tensor) -> Tensor:
        """E[x|z], (N, C, H, W) in [0, 1]."""
        return pixel_mean(self.spec.likelihood, self.decode(z))

    def reconstruction(self, x: Tensor, z: Tensor) -> Tensor:
        """-log p(x|z) in nats, shape (N,)."""
        log_sigma = getattr(self, "log_sigma", None)
        return negative_log_likelihood(self.spec.likelihood, self.decode(z), x, log_sigma)

    def terms(self, x: Tensor, noise: Tensor) -> Terms:
        """One-sample estimate of both terms (Eq. 30) at z = mu + sigma * noise; `noise` is (N, D)."""
        mu, spread = self.encode(x)
        return Terms(self.reconstruction(x, sample(mu, spread, noise)), kl_to_prior(mu, spread))

    @torch.no_grad()
    def start_from_mean(self, mean: Tensor) -> None:
        """Let the untrained decoder give the mean image (C, H, W): the first epochs need not learn it."""
        logits = torch.logit(mean.clamp(1e-3, 1 - 1e-3))
        last = [layer for layer in self.decoder if isinstance(layer, nn.Linear | nn.ConvTranspose2d)][-1]
        bias = last.bias
        assert bias is not None
        bias.copy_(logits.flatten() if bias.numel() == logits.numel() else logits.mean(dim=(1, 2)))


def _activation(spec: ModelSpec) -> nn.Module:
    return nn.SiLU() if spec.activation == "silu" else nn.ReLU()


def _mlp_encoder(spec: ModelSpec, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Flatten()]
    width = math.prod(spec.image_shape)
    for hidden in spec.hidden_dims:
        layers += [nn.Linear(width, hidden), _activation(spec)]
        if spec.dropout:
            layers.append(nn.Dropout(spec.dropout))
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def _mlp_decoder(spec: ModelSpec) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = spec.latent_dim
    for hidden in spec.decoder_hidden_dims:
        layers += [nn.Linear(width, hidden), _activation(spec)]
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, math.prod(spec.image_shape)), nn.Unflatten(1, spec.image_shape))


def _conv_encoder(spec: ModelSpec, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    channels, height, width = spec.image_shape
    for hidden in spec.hidden_dims:
        layers += [nn.Conv2d(channels, hidden, 3, stride=2, padding=1), _activation(spec)]
        channels, height, width = hidden, math.ceil(height / 2), math.ceil(width / 2)
    layers.append(nn.Flatten())
    if spec.dropout:
        layers.append(nn.Dropout(spec.dropout))
    return nn.Sequential(*layers, nn.Linear(channels * height * width, outputs))


def _conv_decoder(spec: ModelSpec) -> nn.Sequential:
    channels, height, width = spec.image_shape
    scale = 2 ** len(spec.decoder_hidden_dims)
    if height % scale or width % scale:
        raise UserError(
            f"--hidden-dims: {len(spec.decoder_hidden_dims)} convolutions need image sides divisible by {scale}, "
            f"these are {height}x{width}; name fewer channels, as in --hidden-dims 32 64"
        )
    if not spec.decoder_hidden_dims:
        raise UserError("--hidden-dims: a convolutional model needs at least one channel count")
    first, *rest = spec.decoder_hidden_dims
    small = (first, height // scale, width // scale)
    layers: list[nn.Module] = [nn.Linear(spec.latent_dim, math.prod(small)), _activation(spec), nn.Unflatten(1, small)]
    for before, after in zip([first, *rest], [*rest, channels], strict=True):
        layers += [nn.ConvTranspose2d(before, after, 4, stride=2, padding=1), _activation(spec)]
    return nn.Sequential(*layers[:-1])
