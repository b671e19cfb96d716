"""Reconstruct: held-out, drawn and uploaded images over their reconstructions."""

from __future__ import annotations

from typing import Any

from explorer import assets, source
from explorer.rooms import frame
from explorer.views.link import State
from explorer.views.pages import RECONSTRUCT


def page() -> None:
    """Lay out the page."""
    frame.show(RECONSTRUCT, payload)


def payload(link: State) -> dict[str, Any]:
    """Data of the browser part."""
    return {**frame.payload(RECONSTRUCT, link), "upload": assets.upload_url(), "lines": source.pipeline()}
