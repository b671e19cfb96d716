"""Traverse: what each latent dimension does to the image, by itself."""

from __future__ import annotations

from typing import Any

from explorer.rooms import frame
from explorer.views.link import State
from explorer.views.pages import TRAVERSE
from training.definitions import ACTIVE_VARIANCE


def page() -> None:
    """Lay out the page."""
    frame.show(TRAVERSE, payload)


def payload(link: State) -> dict[str, Any]:
    """Data of the browser part, with the variance above which a dimension is active."""
    return {**frame.payload(TRAVERSE, link), "active_variance": ACTIVE_VARIANCE}
