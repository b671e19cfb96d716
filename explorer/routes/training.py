"""The Train page's routes: what jobs there are, what a run in the making publishes, and what is asked of it.

Whoever has no right to train gets the same view, and each of his requests is refused in one line. Nothing is kept by
the browser, and nothing is done between two requests: a page that is not open costs nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from explorer import job_control, job_queue, jobs, live_arrays, live_run, loader, training_choices, training_rights
from explorer.jobs import Job
from explorer.routes.arrays import NOT_KEPT
from explorer.routes.body import NotArrived, TooLarge, read_body
from explorer.views.job import job_view
from training.errors import UserError, os_error

MAX_BYTES = 10_000
MOST_WAIT = 1.0  # seconds
LOOK_AGAIN = 0.015  # seconds between two looks while one waits
Given = Mapping[str, str]


async def look(request: Request) -> Response:
    """GET /training/{what}: jobs; or of one, `?job=<id>`: start, frame and step (`&after=n`), curve (`&from=byte`).

    With `&wait=ms` the answer waits so long, at most a second, for a frame or step that is newer. Of steps the one that
    follows is given, so that each is seen.
    """
    make = _LOOKS.get(request.path_params["what"])
    if make is None:
        return PlainTextResponse("no such thing to be had", status_code=404, headers=NOT_KEPT)
    try:
        until = time.monotonic() + min(_number(request.query_params, "wait", 0) / 1000, MOST_WAIT)
        while (made := await anyio.to_thread.run_sync(make, request.query_params)) is None:
            if time.monotonic() >= until:
                break
            await anyio.sleep(LOOK_AGAIN)
    except (UserError, LookupError, ValueError, TypeError) as error:
        what = str(error) if isinstance(error, UserError) else "the trainer's files cannot be read"
        return PlainTextResponse(what, status_code=409, headers=NOT_KEPT)
    except OSError as error:
        return PlainTextResponse(os_error(error), status_code=409, headers=NOT_KEPT)
    if made is None:
        return Response(status_code=204, headers=NOT_KEPT)
    if isinstance(made, tuple):
        number, content = made
        # Weights hardly get smaller: packed so, Streamlit does not spend a tenth of a second on each frame to try.
        headers = {**NOT_KEPT, "X-Number": str(number), "Content-Encoding": "gzip"}
        return Response(gzip.compress(content, 0), media_type="application/octet-stream", headers=headers)
    return _tagged(request, json.dumps(made).encode())


async def ask(request: Request) -> Response:
    """POST /training/{what}: plan and start, the body a form; control, resume, delete, restore of the job
    `?job=<id>`; warm, for a trainer in reserve.

    The answer is JSON, or one line on why it is not done.
    """
    do = _ASKS.get(request.path_params["what"])
    if do is None:
        return PlainTextResponse("no such thing to be done", status_code=404, headers=NOT_KEPT)
    if why := training_rights.why_not_by(request):
        return PlainTextResponse(why, status_code=403, headers=NOT_KEPT)
    try:
        body = json.loads(await read_body(request, MAX_BYTES) or b"{}")
        if not isinstance(body, dict):
            raise UserError("expected a JSON object")
        done = await anyio.to_thread.run_sync(partial(do, request.query_params.get("job", ""), body))
    except TooLarge:
        return PlainTextResponse("the request is too long", status_code=413, headers=NOT_KEPT)
    except NotArrived:
        return PlainTextResponse("the request did not arrive: send it again", status_code=408, headers=NOT_KEPT)
    except UserError as error:
        return PlainTextResponse(str(error), status_code=422, headers=NOT_KEPT)
    except (ValueError, RecursionError):
        return PlainTextResponse("expected a JSON object", status_code=422, headers=NOT_KEPT)
    except OSError as error:
        return PlainTextResponse(os_error(error), status_code=422, headers=NOT_KEPT)
    return JSONResponse(done, headers=NOT_KEPT)


def _tagged(request: Request, content: bytes) -> Response:
    """JSON, not sent again to whom has it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


def _jobs(_: Given) -> dict[str, Any]:
    return {"jobs": [_view(job) for job in jobs.jobs().values()]}


def _view(job: Job) -> dict[str, Any]:
    own = job.state != "finished" or job.record is not None
    view = job_view(
        job.id, job.state, job.message, job.command, job.status, job.is_resumable, own and not job.is_at_work
    )
    folder, _, name = job.id.rpartition("/")
    return {**view, "opens": job.state == "finished" and loader.catalog().find(folder, name) is not None}


def _beginning(given: Given) -> tuple[int, bytes] | None:
    place = jobs.workplace(given.get("job", ""))
    content = live_arrays.beginning(place) if place else None
    return (0, content) if content else None


def _published(find: Callable[[Path, int], tuple[int, bytes] | None], given: Given) -> tuple[int, bytes] | None:
    place = jobs.workplace(given.get("job", ""))
    return find(place, _number(given, "after", -1)) if place else None


def _curve(given: Given) -> dict[str, Any]:
    place = jobs.workplace(given.get("job", ""))
    if place is None:
        return {"points": [], "next": 0, "marks": []}
    points, following = live_run.read_curve(place, _number(given, "from", 0))
    return {"points": points, "next": following, "marks": live_run.read_marks(place)}


def _number(given: Given, name: str, default: int) -> int:
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else default


_LOOKS: dict[str, Callable[[Given], dict[str, Any] | tuple[int, bytes] | None]] = {
    "jobs": _jobs,
    "start": _beginning,
    "frame": partial(_published, live_run.newest_frame),
    "step": partial(_published, live_run.next_step),
    "curve": _curve,
}


def _plan(_: str, form: Mapping[str, Any]) -> dict[str, Any]:
    plan = training_choices.plan(form, jobs.jobs())
    return {"command": plan.command, "name": plan.out.name, "folder": plan.out.parent.name}


def _start(_: str, form: Mapping[str, Any]) -> dict[str, Any]:
    return {"job": job_control.start(form)}


def _of_job(do: Callable[[Job], None], name: str, _: Mapping[str, Any]) -> dict[str, Any]:
    do(_found(name))
    return {"job": name}


def _control(name: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    job_control.control(_found(name), wanted)
    return {"job": name}


def _warm(_: str, __: Mapping[str, Any]) -> dict[str, Any]:
    return {"warm": job_queue.warm()}


def _restore(name: str, _: Mapping[str, Any]) -> dict[str, Any]:
    job_control.put_back(name)
    return {"job": name}


def _found(name: str) -> Job:
    job = jobs.find(name)
    if job is None:
        raise UserError(f"{name[:90]}: there is no such run in the making")
    return job


_ASKS: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "plan": _plan,
    "start": _start,
    "control": _control,
    "resume": partial(_of_job, job_control.resume),
    "delete": partial(_of_job, job_control.delete),
    "restore": _restore,
    "warm": _warm,
}
