"""What the browser fetches: our modules, plotly.js from the installed package, and the runs' arrays."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import plotly
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from explorer import loader
from training.checkpoint import CheckpointError

WEB = Path(__file__).resolve().parent / "web"
PLOTLY = Path(plotly.__file__).resolve().parent / "package_data"
PARTS: dict[str, loader.Part] = {"decoder": "decoder", "latents": "latents", "gallery": "gallery"}


def base_path() -> str:
    """The app's base path, "" or "/name": Streamlit does not put custom routes under it by itself."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def part_url(run: loader.Run, part: loader.Part) -> str:
    """Address of a run's part; it changes with the part's content, so the browser may keep it for ever."""
    files = {"decoder": "model.safetensors", "latents": "latents.safetensors"}
    sha256 = run.config.files[files[part]] if part in files else str(run.config.dataset.get("gallery_sha256"))
    dataset, name = (quote(folder, safe="") for folder in (run.path.parent.name, run.name))
    return f"{base_path()}/runs/{dataset}/{name}/{part}?v={sha256[:12]}"


def routes() -> list[BaseRoute]:
    """Routes to mount beside Streamlit's own."""
    base = base_path()
    return [
        Mount(f"{base}/assets/plotly", StaticFiles(directory=PLOTLY)),
        Mount(f"{base}/assets", StaticFiles(directory=WEB)),
        Route(f"{base}/runs/{{dataset}}/{{run}}/{{part}}", _part),
    ]


def _part(request: Request) -> Response:
    names = request.path_params
    run = loader.catalog().find(names["dataset"], names["run"])
    if run is None or names["part"] not in PARTS:
        return PlainTextResponse("no such run or part", status_code=404)
    try:
        content = loader.load(run, PARTS[names["part"]])
    except CheckpointError as error:
        return PlainTextResponse(str(error), status_code=409)
    headers = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=31536000, immutable"}
    return Response(content, media_type="application/octet-stream", headers=headers)
