"""The files that pages are made of: our browser modules, style sheets and plotly.js as it is installed."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cached_property
from mimetypes import guess_type
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from explorer.modules import version
from explorer.routes.arrays import KEPT


@dataclass(frozen=True)
class Contents:
    """A file as it is sent: whole, and compressed."""

    whole: bytes
    compressed: bytes
    kind: str


class Assets(StaticFiles):
    """A folder of them; under an address with a version they are kept for ever, and no other version is given.

    Those come from memory, compressed once: a page asks for a hundred of them, and a class opens thirty pages.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)
        self.folder = directory
        self.version = ""
        self.contents: dict[str, Contents] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """By their addresses; looked for when first asked for, not at the server's start."""
        return {file.relative_to(self.folder).as_posix(): file for file in self.folder.rglob("*") if file.is_file()}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; 404 where there is none, or none of this version any more."""
        asked = scope["path_params"].get("version")
        if asked not in (None, version()):
            raise HTTPException(404)
        headers = Headers(scope=scope)
        if asked and path in self.files and scope["method"] == "GET" and "range" not in headers:
            return _answer(await self._read(path, asked), headers)
        response = await super().get_response(path, scope)
        response.headers.update(KEPT if asked else {"Cache-Control": "no-cache"})
        return response

    async def _read(self, path: str, asked: str) -> Contents:
        if asked != self.version:
            self.version, self.contents = asked, {}
        contents = self.contents
        if path not in contents:
            contents[path] = await anyio.to_thread.run_sync(_contents, self.files[path])
        return contents[path]


def _contents(file: Path) -> Contents:
    try:
        whole = file.read_bytes()
    except FileNotFoundError:
        raise HTTPException(404) from None
    return Contents(whole, gzip.compress(whole, 6), guess_type(file.name)[0] or "application/octet-stream")


def _answer(contents: Contents, asked: Headers) -> Response:
    headers = {**KEPT, "Vary": "Accept-Encoding"}
    body = contents.whole
    if "gzip" in asked.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = contents.compressed
    return Response(body, headers=headers, media_type=contents.kind)
