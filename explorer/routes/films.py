"""Takes the raw frames of a film from a page and gives back a GIF or an MP4."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

import anyio
import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer.routes.body import NotArrived, TooLarge, read_body
from explorer.routes.turns import Busy, Gone, Turns, busy, gone

# What a film may have at most, and at least 1 of.
LIMITS = {"frames": 480, "height": 512, "width": 4096, "channels": 3, "fps": 60}
MAX_BYTES = 32_000_000
MAX_ENLARGED = 300_000_000  # bytes of all frames once their pixels are blown up
KINDS = {"gif": "image/gif", "mp4": "video/mp4"}
WITHOUT_MP4 = "this server makes GIFs only: imageio-ffmpeg is not installed on it (pip install imageio-ffmpeg)"

_turns = Turns(4)  # an encoder takes a whole core; each holds its frames


async def film(request: Request) -> Response:
    """POST /films/gif?frames=T&height=H&width=W&channels=C&fps=F with T*H*W*C bytes; 400 or 413 and one line else."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        return _refuse("a film is a gif or an mp4", 404)
    if kind == "mp4" and not find_spec("imageio_ffmpeg"):
        return _refuse(WITHOUT_MP4, 501)
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
    try:
        async with _turns.place():
            body = await read_body(request, size)
            if len(body) != size:
                raise TooLarge
            frames = np.frombuffer(body, np.uint8).reshape(shape)
            content = await _turns.run(request, partial(_encode, kind, frames, float(sizes["fps"])))
    except TooLarge:
        return _refuse(f"the frames do not have the {size:,} bytes that their sizes say")
    except NotArrived:
        return _refuse("the frames did not arrive: send them again", 408)
    except Busy:
        return busy()
    except Gone:
        return gone()
    if content is None:
        return _refuse("the film is too large once its pixels are blown up; take fewer frames", 413)
    return Response(content, media_type=KINDS[kind])


def _encode(kind: str, frames: NDArray[np.uint8], fps: float) -> bytes | None:
    # Encoders are imported when first needed: they would cost the first page its speed.
    from explorer.views.film import Encode, encode_gif, encode_mp4, enlarged, scale_of

    if frames.size * scale_of(*frames.shape[1:3]) ** 2 > MAX_ENLARGED:
        return None

    def large() -> Iterator[NDArray[np.uint8]]:
        for frame in frames:
            anyio.from_thread.check_cancelled()
            yield enlarged(frame)

    encode: Encode = encode_gif if kind == "gif" else encode_mp4
    return encode(large(), fps)


def _refuse(why: str, status: int = 400) -> Response:
    return PlainTextResponse(why, status_code=status)
