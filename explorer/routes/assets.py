"""The files that pages are made of: our browser modules, style sheets and plotly.js as it is installed."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from explorer.modules import version
from explorer.routes.arrays import KEPT


class Assets(StaticFiles):
    """A folder of them; under an address with a version they are kept for ever, and no other version is given."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; 404 where there is none, or none of this version any more."""
        asked = scope["path_params"].get("version")
        if asked not in (None, version()):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers.update(KEPT if asked else {"Cache-Control": "no-cache"})
        return response
