"""Takes a picture from the Reconstruct page and gives back its grey pixels; nothing is kept."""

from __future__ import annotations

import json

import anyio
from anyio import CapacityLimiter, to_thread
from safetensors.numpy import save as format_safetensors
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from explorer.views.upload import MAX_BYTES, UploadError, read_upload, too_large

BODY_TYPE = "application/octet-stream"  # no other site may send this without being asked first
PATIENCE_SECONDS = 60
_at_a_time = CapacityLimiter(1)  # a picture may take 64 MB while it is read


async def upload(request: Request) -> Response:
    """The picture in the request's body as a safetensors file: `image` (H, W) uint8, and `steps` taken, in words."""
    if request.headers.get("content-type") != BODY_TYPE:
        return PlainTextResponse("Send the picture's bytes alone.", status_code=415)
    if int(request.headers.get("content-length") or 0) > MAX_BYTES:
        return PlainTextResponse(too_large(), status_code=413)
    body = bytearray()
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BYTES:
                    return PlainTextResponse(too_large(), status_code=413)
        read = await to_thread.run_sync(read_upload, bytes(body), limiter=_at_a_time)
    except (UploadError, ClientDisconnect, TimeoutError) as error:
        line = str(error) if isinstance(error, UploadError) else "The picture did not arrive: send it again."
        return PlainTextResponse(line, status_code=422)
    content = format_safetensors({"image": read.pixels.copy()}, {"steps": json.dumps(read.steps)})
    return Response(content, media_type=BODY_TYPE)
