"""The explorer. `python -m streamlit run explorer/app.py` from the project's root.

Streamlit finds the ASGI app `app` here and serves it; for each session it then runs this same file as its script.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from explorer import gc_freeze, loader, server_end, spare_trainer
from explorer.allowed_hosts import AllowedHosts
from explorer.modules import WEB
from explorer.response_headers import ResponseHeaders
from explorer.routes.table import routes
from explorer.screens import places, show
from explorer.server_address import ServerAddress
from explorer.views.pages import PAGES

ICON = WEB / "dom" / "icon.svg"
EMBEDDED_STYLE = """
[data-testid=stHeader] { display: none; }
.stMainBlockContainer.stMainBlockContainer { padding: 4px 8px 0; }
:is(.st-key-controls, .st-key-batch, .st-key-table-controls, .st-key-downloads, .st-key-keeping),
[data-testid=stLayoutWrapper]:is(:has(> .st-key-controls), :has(> .st-key-batch)) { display: none; }
"""


@asynccontextmanager
async def warm_up(app: st.App) -> AsyncIterator[None]:
    """Get the first run's arrays ready while the browser loads Streamlit's own page; leave no trainer in reserve."""
    server_end.see_to_it()
    loading = asyncio.create_task(asyncio.to_thread(_preload))
    yield
    await loading
    spare_trainer.let_go()


def _preload() -> None:
    for runs in list(loader.catalog().datasets.values())[:1]:
        loader.preload(runs.get("elbo") or next(iter(runs.values())))
    gc_freeze.settle()


MIDDLEWARE = [Middleware(kind) for kind in (ResponseHeaders, AllowedHosts, ServerAddress)]


def main() -> None:
    """One script run."""
    pages = {
        name: st.Page(show(name), title=places.title(name), url_path=name, default=name == "explore") for name in PAGES
    }
    current = st.navigation(list(pages.values()), position="hidden")
    st.set_page_config(f"{current.title} · Latent-space explorer", str(ICON), layout="wide")
    st.logo(str(ICON), size="large")
    if st.context.is_embedded:  # by a talk, whose scene it is: no other site may
        st.html(f"<style>{EMBEDDED_STYLE}</style>")
    else:
        places.show(pages, current.url_path or "explore")
    with loader.one_look():
        current.run()


if __name__ == "__main__":
    main()
else:  # not at each rerun: its routes alone take as long as a page's switches
    app = st.App(__file__, routes=routes(), lifespan=warm_up, middleware=MIDDLEWARE)
