"""Interpolate: the way from one image to another through the latent space."""

from __future__ import annotations

from typing import Any

from explorer.screens import shell
from explorer.views.page_address import State
from explorer.views.pages import INTERPOLATE


def page() -> None:
    """Lay out the page."""
    shell.show(INTERPOLATE, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part."""
    return shell.payload(INTERPOLATE, state)
