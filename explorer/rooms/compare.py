"""Compare: runs side by side, their latent spaces linked."""

from __future__ import annotations

from typing import Any

from explorer.rooms import frame
from explorer.views.link import State
from explorer.views.pages import COMPARE


def page() -> None:
    """Lay out the page."""
    frame.show(COMPARE, payload)


def payload(link: State) -> dict[str, Any]:
    """Data of the browser part."""
    return frame.payload(COMPARE, link)
