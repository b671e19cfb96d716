"""Takes a scene from a page into a talk of one's own, from the person at the server's own machine alone."""

from __future__ import annotations

from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from explorer import loader, own_machine, talk_changes
from explorer.routes.body import NotArrived, TooLarge, read_body
from explorer.views.tour import TourError

MAX_BYTES = 20_000


async def talks(request: Request) -> Response:
    """POST /talks: titles of the talks that the person may add to, by name; null for those who may not."""
    if not _may_add(request) or loader.own_tours() is None:
        return JSONResponse({"talks": None})
    return JSONResponse({"talks": await anyio.to_thread.run_sync(talk_changes.talks)})


async def add_scene(request: Request) -> Response:
    """POST /talks/{name}: the body is a talk of one scene, to be added to the one that is named; its number there."""
    if not _may_add(request):
        return PlainTextResponse("only at the server's own machine can scenes be added to its talks", status_code=403)
    try:
        source = (await read_body(request, MAX_BYTES)).decode()
        adding = partial(talk_changes.add, request.path_params["name"], source)
        return JSONResponse({"scene": await anyio.to_thread.run_sync(adding)})
    except TooLarge:
        return PlainTextResponse("the scene is too long", status_code=413)
    except NotArrived:
        return PlainTextResponse("the scene did not arrive: send it again", status_code=408)
    except UnicodeDecodeError:
        return PlainTextResponse("the scene, or the talk that it is added to, is not UTF-8 text", status_code=422)
    except TourError as error:
        return PlainTextResponse(str(error), status_code=422)
    except OSError as error:
        return PlainTextResponse(f"the talk cannot be written: {error.strerror}", status_code=422)


def _may_add(request: Request) -> bool:
    address = request.client.host if request.client else None
    return own_machine.is_own(address, dict(request.headers))
