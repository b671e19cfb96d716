"""How much may be trained from the Train page: limits with defaults, which the server's owner may change."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from training.errors import UserError

VARIABLE = "EXPLORER_TRAINING_LIMITS"
MOST = 10**9


@dataclass(frozen=True)
class Limits:
    """At most so many `epochs`, latent `dimensions` and `weights` of a run, and runs `waiting` for their turn."""

    epochs: int = 500
    dimensions: int = 64
    weights: int = 50_000_000
    waiting: int = 20


def limits() -> Limits:
    """The limits that $EXPLORER_TRAINING_LIMITS gives, as in "epochs=50,waiting=2", and defaults for the rest.

    Raises UserError for a text that gives none.
    """
    known = {field.name for field in fields(Limits)}
    said: dict[str, int] = {}
    for part in filter(None, os.environ.get(VARIABLE, "").replace(" ", "").split(",")):
        name, _, number = part.partition("=")
        if name not in known or not (number.isascii() and number.isdigit() and 0 < int(number[:12]) <= MOST):
            raise UserError(
                f"{VARIABLE}: expected some of {', '.join(f'{one}=N' for one in sorted(known))} with commas between; "
                "nothing can be trained until the server is told"
            )
        said[name] = int(number)
    return Limits(**said)


def limits_or_defaults() -> Limits:
    """The same, the defaults in place of what gives none: what asks for a run is told of that."""
    try:
        return limits()
    except UserError:
        return Limits()
