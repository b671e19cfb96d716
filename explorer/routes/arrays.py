"""The arrays of runs and data sets, as gzipped safetensors, for every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from explorer import loader
from explorer.shared_parts import SharedPart
from training.checkpoint import CheckpointError

NOT_KEPT = {"Cache-Control": "no-store"}
KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}  # for ever


def part(request: Request) -> Response:
    names = request.path_params
    run = loader.catalog().find(names["dataset"], names["run"])
    part: loader.Part | None = next((part for part in get_args(loader.Part) if part == names["part"]), None)
    if run is None or part is None:
        return PlainTextResponse("no such run or part", status_code=404, headers=NOT_KEPT)
    if not is_present(run, request):
        return replaced()
    return _arrays(request, lambda: loader.load(run, part), lambda: is_there(run))


def column(request: Request) -> Response:
    names, place = request.path_params, request.query_params.get("place", "")
    run = loader.catalog().find(names["dataset"], names["run"])
    if run is None or place not in map(str, range(len(run.config.columns))):
        return PlainTextResponse("no such run or column", status_code=404, headers=NOT_KEPT)
    if not is_present(run, request):
        return replaced()
    return _arrays(request, lambda: loader.load_column(run, int(place)), lambda: is_there(run))


def shared_part(request: Request) -> Response:
    names, version = request.path_params, request.query_params.get("v")
    part: SharedPart | None = next((p for p in get_args(SharedPart) if p == names["part"]), None)
    if names["dataset"] not in loader.catalog().datasets or part is None:
        return PlainTextResponse("no such data set or part", status_code=404, headers=NOT_KEPT)
    return _arrays(request, lambda: loader.load_shared(names["dataset"], part, version))


def is_present(run: loader.Run, asked: HTTPConnection) -> bool:
    """Whether an address is that of a run's present version, or of any."""
    return asked.query_params.get("v", run.config.version) == run.config.version


def kept(asked: Request) -> dict[str, str]:
    """How long an answer may be kept: for ever where the address says of which version it is."""
    return KEPT if "v" in asked.query_params else NOT_KEPT


def is_there(run: loader.Run) -> bool:
    """Whether a run still has the version that it was found with."""
    now = loader.catalog().find(run.path.parent.name, run.name)
    return now is not None and now.config.version == run.config.version


def replaced() -> Response:
    """The answer to the address of a version that is no longer there: the page is to take the present one."""
    line = "It has been replaced since this page was opened: reload the page."
    return PlainTextResponse(line, status_code=410, headers=NOT_KEPT)


def _arrays(request: Request, load: Callable[[], bytes], is_there: Callable[[], bool] = lambda: True) -> Response:
    try:
        content = load()
    except loader.Replaced:
        return replaced()
    except CheckpointError as error:
        return PlainTextResponse(str(error), status_code=409, headers=NOT_KEPT) if is_there() else replaced()
    headers = {"Content-Encoding": "gzip", **kept(request)}
    return Response(content, media_type="application/octet-stream", headers=headers)
