"""Traverse: what each latent dimension does to the image, by itself."""

from __future__ import annotations

from typing import Any

from explorer.screens import shell
from explorer.views.factors import followed
from explorer.views.page_address import State
from explorer.views.pages import TRAVERSE
from training.measure.definitions import ACTIVE_VARIANCE


def page() -> None:
    """Lay out the page."""
    shell.show(TRAVERSE, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part, with the variance above which a dimension is active, and the factors followed."""
    found = followed(shell.runs_shown(state)[0].metrics)
    factors = None if found is None else [vars(one) if one else None for one in found]
    return {**shell.payload(TRAVERSE, state), "active_variance": ACTIVE_VARIANCE, "followed": factors}
