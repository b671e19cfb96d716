"""Explore: click or drag in the latent space and see what the decoder makes of it."""

from __future__ import annotations

from typing import Any

from explorer.screens import shell
from explorer.views.page_address import State
from explorer.views.pages import EXPLORE


def page() -> None:
    """Lay out the page."""
    shell.show(EXPLORE, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part."""
    return shell.payload(EXPLORE, state)
