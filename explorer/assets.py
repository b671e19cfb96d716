"""What the browser fetches: our modules, plotly.js from the installed package, and the runs' arrays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args
from urllib.parse import quote

import plotly
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from explorer import loader
from explorer.decoding import decode
from explorer.films import film
from explorer.laboratory import answer, version
from explorer.upload import upload
from training.checkpoint import CheckpointError

WEB = Path(__file__).resolve().parent / "web"
PLOTLY = Path(plotly.__file__).resolve().parent / "package_data"


def base_path() -> str:
    """The app's base path, "" or "/name": Streamlit does not put custom routes under it by itself."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def part_url(run: loader.Run, part: loader.Part) -> str:
    """Address of a run's part; it changes with the part's content, so the browser may keep it for ever."""
    sha256 = run.config.files["latents.safetensors" if part == "latents" else "model.safetensors"]
    return f"{base_path()}/runs/{_folder(run.path.parent.name)}/{_folder(run.name)}/{part}?v={sha256[:12]}"


def shared_url(dataset: str, part: loader.SharedPart, sha256: str | None) -> str:
    """Address of what the runs of a data set share; it too changes with its content."""
    return f"{base_path()}/runs/{_folder(dataset)}/{part}?v={str(sha256)[:12]}"


def answer_url(run: loader.Run, question: str) -> str:
    """Address of what is computed with a run's model, to be ended by the number of a held-out image."""
    folders = f"{_folder(run.path.parent.name)}/{_folder(run.name)}"
    return f"{base_path()}/laboratory/{folders}/{question}?v={version(run)}&image="


def upload_url() -> str:
    """Address that takes a picture and gives back its grey pixels."""
    return f"{base_path()}/upload"


def routes() -> list[BaseRoute]:
    """Routes to mount beside Streamlit's own."""
    base = base_path()
    return [
        Mount(f"{base}/assets/plotly", StaticFiles(directory=PLOTLY)),
        Mount(f"{base}/assets", StaticFiles(directory=WEB)),
        Route(upload_url(), upload, methods=["POST"]),
        Route(f"{base}/films/{{kind}}", film, methods=["POST"]),
        Route(f"{base}/laboratory/{{dataset}}/{{run}}/{{question}}", answer),
        Route(f"{base}/runs/{{dataset}}/{{part}}", _shared_part),
        Route(f"{base}/runs/{{dataset}}/{{run}}/{{part}}", _part),
        WebSocketRoute(f"{base}/runs/{{dataset}}/{{run}}/decoder", decode),
    ]


def _folder(name: str) -> str:
    return quote(name, safe="")


def _part(request: Request) -> Response:
    names = request.path_params
    run = loader.catalog().find(names["dataset"], names["run"])
    part: loader.Part | None = next((part for part in get_args(loader.Part) if part == names["part"]), None)
    if run is None or part is None:
        return PlainTextResponse("no such run or part", status_code=404)
    return _arrays(lambda: loader.load(run, part))


def _shared_part(request: Request) -> Response:
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
