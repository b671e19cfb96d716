"""The loss: two weights on one formula (Eq. 30)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

ObjectiveName = Literal["autoencoder", "reconstruction", "kl", "elbo", "iwae"]


@dataclass(frozen=True)
class Terms:
    """The two terms of the negative ELBO (Eq. 30), in nats per image, summed over pixels.

    `reconstruction` estimates E_q[-log p(x|z)], shape (N,); `kl` is KL(q(z|x) || p(z)), shape (N,), and infinite
    for a deterministic code. `bound`: the importance-weighted bound on log p(x) (N,), where that is what is raised.
    """

    reconstruction: Tensor
    kl: Tensor
    bound: Tensor | None = None

    @property
    def elbo(self) -> Tensor:
        """The evidence lower bound (Eq. 9), shape (N,), in nats."""
        return -(self.reconstruction + self.kl)

    def mean(self) -> Terms:
        """Both terms averaged over the images: scalars."""
        return Terms(self.reconstruction.mean(), self.kl.mean(), None if self.bound is None else self.bound.mean())


@dataclass(frozen=True)
class Objective:
    """Minimise `w_rec * reconstruction + w_kl * kl`."""

    w_rec: float
    w_kl: float

    @staticmethod
    def preset(name: ObjectiveName, beta: float = 1.0) -> Objective:
        """The weights of a named objective; `beta` is the KL weight of `elbo`."""
        return {
            "autoencoder": Objective(1.0, 0.0),
            "reconstruction": Objective(1.0, 0.0),
            "kl": Objective(0.0, 1.0),
            "elbo": Objective(1.0, beta),
            "iwae": Objective(1.0, 1.0),
        }[name]

    @staticmethod
    def of_beta(beta: float) -> Objective:
        """From the reconstruction term alone (0) over the ELBO (1) to the KL term alone (infinity)."""
        return Objective(0.0, 1.0) if math.isinf(beta) else Objective(1.0, beta)

    @property
    def beta(self) -> float:
        """The same as one number."""
        return self.w_kl / self.w_rec if self.w_rec else math.inf

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each term that counts, by its name."""
        # A term of weight zero is left out, not multiplied: 0 * inf would be NaN.
        return {name: weight for name, weight in (("reconstruction", self.w_rec), ("kl", self.w_kl)) if weight != 0}

    def loss(self, terms: Terms) -> Tensor:
        """What AEVB descends: the sum of the weighted terms, or minus the importance-weighted bound."""
        if terms.bound is not None:
            return -terms.bound
        parts: list[Tensor] = [
            getattr(terms, name) if weight == 1 else weight * getattr(terms, name)
            for name, weight in self.weights.items()
        ]
        return sum(parts[1:], start=parts[0])
