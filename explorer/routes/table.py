"""Every route beside Streamlit's own: our browser modules, plotly.js as it is installed, arrays, and answers."""

from __future__ import annotations

from pathlib import Path

import plotly
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from explorer.addresses import ASSETS, UPLOAD, base_path
from explorer.modules import WEB
from explorer.routes.answers import answer
from explorer.routes.arrays import column, part, shared_part
from explorer.routes.assets import Assets
from explorer.routes.decoding import decode
from explorer.routes.films import film
from explorer.routes.guard import own_pages_only, token
from explorer.routes.one_file import one_file
from explorer.routes.qr import qr
from explorer.routes.selection import selection
from explorer.routes.talks import add_scene, talks
from explorer.routes.training import ask, look
from explorer.routes.upload import upload

PLOTLY = Path(plotly.__file__).resolve().parent / "package_data"


def routes() -> list[BaseRoute]:
    """Routes to mount beside Streamlit's own."""
    base = base_path()
    return [
        *(
            Mount(f"{base}/{folder}{inner}", Assets(directory=files))
            for folder in (f"{ASSETS}/v-{{version}}", ASSETS)
            for inner, files in (("/plotly", PLOTLY), ("", WEB))
        ),
        Route(f"{base}/{UPLOAD}", own_pages_only(upload), methods=["POST"]),
        Route(f"{base}/films/{{kind}}", own_pages_only(film), methods=["POST"]),
        Route(f"{base}/answers/{{dataset}}/{{run}}/{{question}}", own_pages_only(answer)),
        Route(f"{base}/export/{{dataset}}", own_pages_only(one_file)),
        Route(f"{base}/selections/{{dataset}}/{{run}}", own_pages_only(selection), methods=["POST"]),
        Route(f"{base}/qr", own_pages_only(qr)),
        Route(f"{base}/talks", own_pages_only(talks), methods=["POST"]),
        Route(f"{base}/talks/{{name}}", own_pages_only(add_scene), methods=["POST"]),
        Route(f"{base}/training/{{what}}", own_pages_only(ask), methods=["POST"]),
        Route(f"{base}/training/{{what}}", own_pages_only(look)),
        Route(f"{base}/token", token),
        Route(f"{base}/runs/{{dataset}}/{{part}}", shared_part),
        Route(f"{base}/runs/{{dataset}}/{{run}}/columns", column),
        Route(f"{base}/runs/{{dataset}}/{{run}}/{{part}}", part),
        WebSocketRoute(f"{base}/runs/{{dataset}}/{{run}}/decoder", decode),
    ]
