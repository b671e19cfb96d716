"""The arrays of runs and data sets, as gzipped safetensors, for every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from explorer import loader
from training.checkpoint import CheckpointError


def part(request: Request) -> Response:
    names = request.path_params
    run = loader.catalog().find(names["dataset"], names["run"])
    part: loader.Part | None = next((part for part in get_args(loader.Part) if part == names["part"]), None)
    if run is None or part is None:
        return PlainTextResponse("no such run or part", status_code=404)
    return _arrays(lambda: loader.load(run, part))


def shared_part(request: Request) -> Response:
    names = request.path_params
    part: loader.SharedPart | None = next((p for p in get_args(loader.SharedPart) if p == names["part"]), None)
    if names["dataset"] not in loader.catalog().datasets or part is None:
        return PlainTextResponse("no such data set or part", status_code=404)
    return _arrays(lambda: loader.load_shared(names["dataset"], part))


def _arrays(load: Callable[[], bytes]) -> Response:
    try:
        content = load()
    except CheckpointError as error:
        return PlainTextResponse(str(error), status_code=409)
    headers = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=31536000, immutable"}
    return Response(content, media_type="application/octet-stream", headers=headers)
