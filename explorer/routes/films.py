"""Takes the raw frames of a film from a page and gives back a GIF or an MP4."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import numpy as np
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

Encode = Callable[[NDArray[np.uint8], float], bytes]

# What a film may have at most, and at least 1 of.
LIMITS = {"frames": 480, "height": 512, "width": 4096, "channels": 3, "fps": 60}
MAX_BYTES = 32_000_000
MAX_ENLARGED = 300_000_000  # bytes of all frames once their pixels are blown up
KINDS = {"gif": "image/gif", "mp4": "video/mp4"}

_one_at_a_time = anyio.CapacityLimiter(1)  # an encoder takes a whole core


async def film(request: Request) -> Response:
    """POST /films/gif?frames=T&height=H&width=W&channels=C&fps=F with T*H*W*C bytes; 400 or 413 and one line else."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        return _refuse("a film is a gif or an mp4", 404)
    try:
        sizes = {name: int(request.query_params[name]) for name in LIMITS}
    except (KeyError, ValueError):
        return _refuse(f"a film needs whole numbers for {', '.join(LIMITS)}")
    for name, value in sizes.items():
        if not 1 <= value <= LIMITS[name]:
            return _refuse(f"{name} {value}: a film has 1 to {LIMITS[name]}", 413)
    if sizes["channels"] == 2:
        return _refuse("channels 2: a film has 1, grey, or 3, red, green and blue")
    shape = tuple(sizes[name] for name in ("frames", "height", "width", "channels"))
    size = int(np.prod(shape))
    if size > MAX_BYTES:
        return _refuse(f"a film of {size:,} bytes is too large; up to {MAX_BYTES:,} can be made", 413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > size:
                break
    except ClientDisconnect:
        return _refuse("the frames did not arrive")
    if len(body) != size:
        return _refuse(f"the frames do not have the {size:,} bytes that their sizes say")
    frames = np.frombuffer(bytes(body), np.uint8).reshape(shape)
    content = await anyio.to_thread.run_sync(_encode, kind, frames, float(sizes["fps"]), limiter=_one_at_a_time)
    if content is None:
        return _refuse("the film is too large once its pixels are blown up; take fewer frames", 413)
    return Response(content, media_type=KINDS[kind])


def _encode(kind: str, frames: NDArray[np.uint8], fps: float) -> bytes | None:
    # Encoders are imported when first needed: they would cost the first page its speed.
    from explorer.views.film import encode_gif, encode_mp4, enlarged, scale_of

    if frames.size * scale_of(frames) ** 2 > MAX_ENLARGED:
        return None
    encode: Encode = encode_gif if kind == "gif" else encode_mp4
    return encode(enlarged(frames), fps)


def _refuse(why: str, status: int = 400) -> Response:
    return PlainTextResponse(why, status_code=status)
