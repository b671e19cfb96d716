"""Tells Streamlit's front end where its server is, which it would otherwise guess on every page but the first.

Opened at /compare, it first asks for /compare/_stcore/health: an error on the console and a round trip lost.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.addresses import base_path

_HEAD = b"<head>"


class ServerAddress:
    """ASGI middleware: adds the server's address to the front end's index.html."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or b"text/html" not in dict(scope["headers"]).get(b"accept", b""):
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        scope = {**scope, "headers": plain}  # so that the page comes uncompressed
        hint = b"<script>window.__streamlit={BACKEND_BASE_URL:location.origin+'%s/'}</script>" % base_path().encode()
        held: Message | None = None

        async def pass_on(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if message["status"] == 200 and headers.get("content-type", "").startswith("text/html"):
                    held = message
                    return
            elif held is not None:
                body = message.get("body", b"").replace(_HEAD, _HEAD + hint, 1)
                headers = MutableHeaders(scope=held)
                if "content-length" in headers:
                    headers["content-length"] = str(int(headers["content-length"]) + len(body) - len(message["body"]))
                await send(held)
                held, message = None, {**message, "body": body}
            await send(message)

        await self.app(scope, receive, pass_on)
