"""Adds to Streamlit's index.html where its server is, how it is laid out, and what the page being opened will fetch.

Without the first, Streamlit's front end guesses on every page but the first one: opened at /compare, it asks for
/compare/_stcore/health, an error on the console and a round trip lost.

The server does not know it by itself: a proxy may have taken a prefix away. Only the browser knows where the page was
loaded from, and the server how much of that is its own.
"""

from __future__ import annotations

import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.addresses import base_path
from explorer.page_style import head
from explorer.preloading import links
from explorer.response_headers import content_policy
from explorer.views.pages import EXPLORE, PAGES

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
        if elsewhere := _elsewhere(scope):
            await RedirectResponse(elsewhere, status_code=307)(scope, receive, send)
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
                headers["content-security-policy"] = content_policy(page)
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
    # The page's path less as many parts as the server was asked for below its own base path.
    parts = _below_base(scope).count("/")
    address = (
        "<script>window.__streamlit={BACKEND_BASE_URL:location.origin+"
        f"location.pathname.split('/').slice(0,-{parts}).join('/')+'/'}}</script>"
    )
    ahead = await anyio.to_thread.run_sync(links, scope["path"], scope["query_string"].decode("latin-1"))
    page = page.replace(b"<head>", b"<head>" + address.encode(), 1)
    return page.replace(b"</head>", (head() + ahead).encode() + b"</head>", 1)


def _below_base(scope: Scope) -> str:
    """The path that is asked for, from the slash after the base path on."""
    return "/" + str(scope["path"]).removeprefix(base_path()).lstrip("/")


def _elsewhere(scope: Scope) -> str | None:
    """Where a page really is, from where it was asked for: Explore is the first page, and none ends in a slash."""
    path = _below_base(scope)
    name = path.strip("/")
    if name not in PAGES or (path == f"/{name}" and name != EXPLORE.name):
        return None
    place = "../" * (path.count("/") - 1) + ("" if name == EXPLORE.name else name)
    query = scope["query_string"].decode("latin-1")
    return (place or "./") + (f"?{query}" if query else "")
