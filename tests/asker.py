"""The token that the explorer gives its own pages, for tests that ask as one of them does."""

from __future__ import annotations

import urllib.request

from tests.patience import PATIENCE_S


def token_of(address: str) -> str:
    """The token of the server at an address, "http://..."."""
    with urllib.request.urlopen(f"{address}/token", timeout=PATIENCE_S) as answer:  # noqa: S310
        return answer.read().decode()


def headers_of(address: str) -> dict[str, str]:
    """The headers that a page of it sends with what costs."""
    return {"X-Explorer-Token": token_of(address), "Content-Type": "application/octet-stream"}
