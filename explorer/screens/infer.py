"""Infer: what a part of an image says of z, while its pixels are hidden, shown or painted."""

from __future__ import annotations

from typing import Any

from explorer import addresses
from explorer.screens import shell
from explorer.views.page_address import State
from explorer.views.pages import INFER


def page() -> None:
    """Lay out the page."""
    shell.show(INFER, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part."""
    return {**shell.payload(INFER, state), "upload": addresses.UPLOAD}
