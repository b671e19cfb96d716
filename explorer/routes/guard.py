"""Lets only the explorer's own pages have what costs: they send a token, which a page of another site cannot read."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer.allowed_hosts import is_same_origin

HEADER = "x-explorer-token"
BODY_TYPE = "application/octet-stream"  # which no form sends
Endpoint = Callable[[Request], Awaitable[Response]]

_token = secrets.token_urlsafe(24)  # another one after a restart: a page asks for it anew when it is refused


async def token(request: Request) -> Response:
    """GET /token: what a page sends along."""
    if not is_same_origin(request.headers):
        return PlainTextResponse("only the explorer's own pages are given a token\n", status_code=403)
    return PlainTextResponse(_token, headers={"Cache-Control": "no-store"})


def is_token(text: str) -> bool:
    """Whether it is the token that pages of this server have."""
    return secrets.compare_digest(text.encode(), _token.encode())


def refusal(headers: Headers, has_body: bool) -> Response | None:
    """Why a request is not from a page of ours, as an answer; None if it is."""
    if not is_same_origin(headers) or not is_token(headers.get(HEADER, "")):
        return PlainTextResponse("only the explorer's own pages may ask for this\n", status_code=403)
    if has_body and headers.get("content-type") != BODY_TYPE:
        return PlainTextResponse(f"the body must be of type {BODY_TYPE}\n", status_code=415)
    return None


def own_pages_only(endpoint: Endpoint) -> Endpoint:
    """Answer for the explorer's own pages only, before anything of the body is read."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        return refusal(request.headers, request.method == "POST") or await endpoint(request)

    return guarded
