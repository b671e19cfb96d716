"""Reads what a page sends, up to a size, and gives up what stalls."""

from __future__ import annotations

import anyio
from starlette.requests import ClientDisconnect, Request

PATIENCE_SECONDS = 10.0  # between two parts
MOST_SECONDS = 300.0


class TooLarge(ValueError):
    """More came than may come."""


class NotArrived(ValueError):
    """It stalled, or the sender went away."""


async def read_body(request: Request, most: int) -> bytes:
    """A request's body of up to `most` bytes; raises TooLarge, before reading it if it says so itself, NotArrived."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told[:15]) > most:
        raise TooLarge
    body = bytearray()
    parts = request.stream()
    try:
        with anyio.fail_after(MOST_SECONDS):
            while True:
                with anyio.fail_after(PATIENCE_SECONDS):
                    part = await anext(parts, None)
                if part is None:
                    return bytes(body)
                body += part
                if len(body) > most:
                    raise TooLarge
    except (ClientDisconnect, TimeoutError) as error:
        raise NotArrived from error
