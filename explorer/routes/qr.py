"""Draws an address as a QR code, for the audience of a talk."""

from __future__ import annotations

import io

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

MOST = 1000  # characters: more would be too fine to be read from the last row


async def qr(request: Request) -> Response:
    """GET /qr?text=...: an SVG that takes any size, with its quiet zone of four modules; 400 for no or long text."""
    text = request.query_params.get("text", "")
    if not 0 < len(text) <= MOST:
        return PlainTextResponse(f"expected text of 1 to {MOST} characters", status_code=400)
    return Response(await anyio.to_thread.run_sync(_drawn, text), media_type="image/svg+xml")


def _drawn(text: str) -> bytes:
    import segno  # when first wanted: the first page needs none

    image = io.BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(image, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff", nl=False)
    return image.getvalue()
