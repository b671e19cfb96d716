"""Reconstruct: held-out, drawn and uploaded images over their reconstructions."""

from __future__ import annotations

from typing import Any

from explorer import addresses, quoted_code
from explorer.screens import shell
from explorer.views.page_address import State
from explorer.views.pages import RECONSTRUCT


def page() -> None:
    """Lay out the page."""
    shell.show(RECONSTRUCT, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part."""
    return {**shell.payload(RECONSTRUCT, state), "upload": addresses.UPLOAD, "lines": quoted_code.lines_by_step()}
