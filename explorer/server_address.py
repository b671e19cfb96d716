"""Adds to Streamlit's index.html where its server is, and what the page being opened will fetch.

Without the first, Streamlit's front end guesses on every page but the first one: opened at /compare, it asks for
/compare/_stcore/health, an error on the console and a round trip lost.
"""

from __future__ import annotations

import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.addresses import base_path
from explorer.preloading import links

# So that the page comes whole and uncompressed; and what is added changes with the runs, not with Streamlit's file.
_LEFT_OUT = {b"accept-encoding", b"range", b"if-range", b"if-none-match", b"if-modified-since"}


class ServerAddress:
    """ASGI middleware: rewrites the head of the front end's index.html, whatever the path that it is served at."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            await self.app(scope, receive, send)
            return
        scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in _LEFT_OUT]}
        held: Message | None = None
        body = b""

        async def pass_on(message: Message) -> None:
            nonlocal held, body
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if message["status"] == 200 and headers.get("content-type", "").startswith("text/html"):
                    held = message
                    return
            elif held is not None:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                page = await _completed(body, scope)
                headers = MutableHeaders(scope=held)
                for name in ("etag", "last-modified", "accept-ranges"):
                    del headers[name]
                if scope["method"] == "HEAD":
                    del headers["content-length"]  # which only the page itself would tell
                else:
                    headers["content-length"] = str(len(page))
                await send(held)
                held, message = None, {"type": "http.response.body", "body": page}
            await send(message)

        await self.app(scope, receive, pass_on)


async def _completed(page: bytes, scope: Scope) -> bytes:
    address = f"<script>window.__streamlit={{BACKEND_BASE_URL:location.origin+'{base_path()}/'}}</script>"
    ahead = await anyio.to_thread.run_sync(links, scope["path"], scope["query_string"].decode("latin-1"))
    page = page.replace(b"<head>", b"<head>" + address.encode(), 1)
    return page.replace(b"</head>", ahead.encode() + b"</head>", 1)
