"""Runs as one HTML file, for the pages that show them to download."""

from __future__ import annotations

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer import loader
from training.checkpoint import CheckpointError

ONE_AT_A_TIME = anyio.Semaphore(1)  # each takes seconds of a core


async def one_file(request: Request) -> Response:
    """GET /export/DATASET?run=RUN&run=RUN: the file; 404 for no such run, 409 for one that cannot be exported.

    Both are one line.
    """
    names = request.query_params.getlist("run")
    found = [loader.catalog().find(request.path_params["dataset"], name) for name in names]
    runs = [run for run in found if run]
    if not runs or len(runs) < len(found):
        return PlainTextResponse("no such run", status_code=404)
    async with ONE_AT_A_TIME:
        try:
            return Response(await anyio.to_thread.run_sync(_made, runs), media_type="text/html")
        except CheckpointError as error:
            return PlainTextResponse(str(error), status_code=409)


def _made(runs: list[loader.Run]) -> bytes:
    # It needs every page's module, which the server's start would wait for.
    from explorer.export.contents import contents
    from explorer.export.document import document
    from explorer.export.places import chosen_pages
    from explorer.export.runs import runs_in

    return document(contents(runs_in([run.path for run in runs]), chosen_pages(None), images=True))
