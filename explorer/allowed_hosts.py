"""Refuses what comes by a name that is not this server's, or into it from another site's page.

A page of another site can have its own name lead to this machine (DNS rebinding); the browser then takes the explorer
for a part of that site. It still sends that name, as Host.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from functools import lru_cache
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

VARIABLE = "EXPLORER_HOSTS"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104


class AllowedHosts:
    """ASGI middleware: 403 and one line for another Host, for any request; for a socket, another Origin too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not is_allowed(host):
            line = (
                f"{host[:200]!r} is not a name of this server: open it by one that is, or, if a proxy leads here, "
                f"start it with {VARIABLE} set to the proxy's name.\n"
            )
        elif scope["type"] == "websocket" and not _may_open(headers):
            line = f"A page of {headers.get('origin', '')[:200]!r} may not use this server.\n"
        else:
            await self.app(scope, receive, send)
            return
        refusal = WebSocketClose(1008) if scope["type"] == "websocket" else PlainTextResponse(line, status_code=403)
        await refusal(scope, receive, send)


def is_allowed(host: str) -> bool:
    """Whether a Host header, "name" or "name:port", names this server."""
    name = _name(host)
    if name is None:
        return False
    if name in LOOPBACK:
        return True
    address = str(st.get_option("server.address") or _EVERYWHERE[0])
    if address in _EVERYWHERE and (_is_number(name) or name in _own_names()):  # no one can rebind a number
        return True
    wanted = [part.strip().lower().rstrip(".") for part in os.environ.get(VARIABLE, "").split(",")]
    return any(
        pattern == "*" or name == pattern.strip("[]") or (pattern.startswith("*.") and name.endswith(pattern[1:]))
        for pattern in (address.lower(), *wanted)
    )


def is_same_origin(headers: Headers) -> bool:
    """Whether a request is from a page of this server, or from no page at all, as by curl."""
    site = headers.get("sec-fetch-site")
    if site is not None:  # a browser's own word, which also holds where a proxy changes Host
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    hosts = (headers.get("host"), headers.get("x-forwarded-host"))
    return origin is None or urlsplit(origin).netloc in hosts


def _may_open(headers: Headers) -> bool:
    """Whether a socket may be opened: a browser need not say more than its page's Origin.

    A proxy may have changed Host, so the page's own name need only be one of this server's.
    """
    if "sec-fetch-site" in headers:
        return is_same_origin(headers)
    origin = headers.get("origin")
    return origin is None or is_same_origin(headers) or is_allowed(urlsplit(origin).netloc)


def _name(host: str) -> str | None:
    """The name in a Host header, in lower case and without port or brackets; None if it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises for what is none
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not parts.hostname:
        return None
    return parts.hostname.rstrip(".")


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@lru_cache
def _own_names() -> tuple[str, ...]:
    name = socket.gethostname().lower()
    return name, f"{name.partition('.')[0]}.local", name.partition(".")[0]
