"""Takes a picture from the Reconstruct page and gives back its grey pixels; nothing is kept."""

from __future__ import annotations

import json
from functools import partial

from safetensors.numpy import save as format_safetensors
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer.routes.body import NotArrived, TooLarge, read_body
from explorer.routes.guard import BODY_TYPE
from explorer.routes.turns import Busy, Gone, Turns, busy, gone
from explorer.views.upload import MAX_BYTES, UploadError, read_upload, too_large

_turns = Turns(8)  # a picture may take 64 MB while it is read


async def upload(request: Request) -> Response:
    """The picture in the request's body as a safetensors file: `image` (H, W) uint8, and `steps` taken, in words."""
    try:
        async with _turns.place():
            read = await _turns.run(request, partial(read_upload, await read_body(request, MAX_BYTES)))
    except TooLarge:
        return PlainTextResponse(too_large(), status_code=413)
    except NotArrived:
        return PlainTextResponse("The picture did not arrive: send it again.", status_code=408)
    except UploadError as error:
        return PlainTextResponse(str(error), status_code=422)
    except Busy:
        return busy()
    except Gone:
        return gone()
    content = format_safetensors({"image": read.pixels.copy()}, {"steps": json.dumps(read.steps)})
    return Response(content, media_type=BODY_TYPE)
