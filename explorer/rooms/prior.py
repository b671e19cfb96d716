"""Prior: what the decoder makes of the prior."""

from __future__ import annotations

from typing import Any

from explorer.rooms import frame
from explorer.views.link import State
from explorer.views.pages import PRIOR


def page() -> None:
    """Lay out the page."""
    frame.show(PRIOR, payload)


def payload(link: State) -> dict[str, Any]:
    """Data of the browser part."""
    return frame.payload(PRIOR, link)
