"""The prior p(z): the standard normal, or a mixture of Gaussians that is learned with the rest.

A mixture (`mixture`) has means, variances and weights of its own; a VampPrior (`vamp`, Tomczak and Welling, 2018) is
the mean of q(z|u_k) over learned pseudo-inputs u_k, which is a mixture of Gaussians too. Their KL has no closed form.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from training.model.posterior import log_density

if TYPE_CHECKING:
    from training.model.spec import ModelSpec
    from training.model.vae import VAE

SPREAD = 1.0  # of the means that learning starts from, in standard deviations of N(0, I)
REACH = 6.0  # standard deviations, beyond which a Gaussian holds next to nothing


class StandardPrior(nn.Module):
    """N(0, I), without parameters."""

    def log_prob(self, z: Tensor) -> Tensor:
        """log N(z; 0, I) in nats, (...,), of codes (..., D)."""
        return -0.5 * (z.square().sum(-1) + z.shape[-1] * math.log(2 * math.pi))

    def draw(self, count: int, dim: int, generator: torch.Generator) -> Tensor:
        """Codes (count, D), float32, on the CPU."""
        return torch.randn(count, dim, generator=generator)

    def reach(self, nats: float = 0.5 * REACH**2) -> float:
        """How far out along an axis the density can be less than so many nats below its highest."""
        return math.sqrt(2 * max(nats, 0.0))


class MixturePrior(nn.Module):
    """sum_k pi_k N(z; mean_k, diag(exp(log_var_k))), pi = softmax(logits); logits (K,), mean and log_var (K, D)."""

    def __init__(self, components: int, dim: int) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(components))
        self.mean = nn.Parameter(SPREAD * torch.randn(components, dim))
        self.log_var = nn.Parameter(torch.full((components, dim), -1.0))

    def components(self) -> tuple[Tensor, Tensor, Tensor]:
        """log pi (K,), mean (K, D), log_var (K, D)."""
        return self.logits.log_softmax(0), self.mean, self.log_var

    def log_prob(self, z: Tensor) -> Tensor:
        """log p(z) in nats, (...,), of codes (..., D), in their precision."""
        log_weight, mean, log_var = (part.to(z) for part in self.components())
        return torch.logsumexp(log_weight + log_density(mean, log_var, z.unsqueeze(-2)), -1)

    @torch.no_grad()
    def draw(self, count: int, dim: int, generator: torch.Generator) -> Tensor:
        """Codes (count, D), float32, on the CPU."""
        log_weight, mean, log_var = (part.cpu() for part in self.components())
        of = torch.multinomial(log_weight.exp(), count, replacement=True, generator=generator)
        return mean[of] + torch.exp(0.5 * log_var[of]) * torch.randn(count, dim, generator=generator)

    @torch.no_grad()
    def reach(self, nats: float = 0.5 * REACH**2) -> float:
        """How far out along an axis any component can be less than so many nats below its highest."""
        _, mean, log_var = self.components()
        return float((mean.abs() + torch.exp(0.5 * log_var) * math.sqrt(2 * max(nats, 0.0))).max())


class VampPrior(MixturePrior):
    """The mixture of q(z|u_k), all of one weight: the pseudo-inputs (K, P) are sigmoids of what is learned.

    `follow` takes the components from the encoder, with gradients: before each step that learns, and once at the end.
    """

    def __init__(self, components: int, dim: int, pixels: int) -> None:
        super().__init__(components, dim)
        # The components are the encoder's: stored, so that nobody needs to encode to know the prior.
        for name in ("logits", "mean", "log_var"):
            value = getattr(self, name).detach()
            delattr(self, name)
            self.register_buffer(name, value)
        self.inputs = nn.Parameter(torch.randn(components, pixels))
        self.followed: tuple[Tensor, Tensor] | None = None

    def components(self) -> tuple[Tensor, Tensor, Tensor]:
        """The same, while it is learned by what was encoded last."""
        mean, log_var = self.followed or (self.mean, self.log_var)
        return self.logits.log_softmax(0), mean, log_var

    def follow(self, model: VAE) -> None:
        """Encode the pseudo-inputs anew, for one step."""
        self.followed = model.encode(torch.sigmoid(self.inputs).view(-1, *model.spec.image_shape))

    @torch.no_grad()
    def settle(self, model: VAE) -> None:
        """Keep the components as the encoder now has them."""
        training = model.training
        self.follow(model.eval())
        model.train(training)
        assert self.followed is not None
        self.mean.copy_(self.followed[0])
        self.log_var.copy_(self.followed[1])
        self.followed = None


Prior = StandardPrior | MixturePrior


def prior_of(spec: ModelSpec) -> Prior:
    """The prior that a model's description names."""
    if spec.prior == "standard":
        return StandardPrior()
    if spec.prior == "mixture":
        return MixturePrior(spec.prior_components, spec.latent_dim)
    return VampPrior(spec.prior_components, spec.latent_dim, math.prod(spec.image_shape))
