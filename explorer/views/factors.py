"""Which factor of the data a latent dimension follows, in words for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEAST = 0.05  # of a factor's entropy that a dimension knows, for it to be said to follow that factor


@dataclass(frozen=True)
class Followed:
    """The factor that a latent dimension knows most of, and how much: a share in [0, 1] of that factor's entropy."""

    factor: str
    share: float


def followed(metrics: Mapping[str, Any]) -> list[Followed | None] | None:
    """For each dimension the factor that it follows, None where it follows none; None for data without factors."""
    factors, information = metrics.get("factors"), metrics.get("factor_information")
    if not factors or not information:
        return None
    best = [max(zip(shares, factors, strict=True)) for shares in information]
    return [Followed(factor, share) if share >= LEAST else None for share, factor in best]
