"""The explorer. `python -m streamlit run explorer/app.py` from the project's root.

Streamlit finds the ASGI app `app` here and serves it; for each session it then runs this same file as its script.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from explorer import assets, loader
from explorer.rooms import explore

PAGE_STYLE = """<style>
.stMainBlockContainer { padding: 56px 24px 0; max-width: 1920px; }
.stMainBlockContainer > .stVerticalBlock { gap: 8px; }
.st-key-appearance { margin-left: auto; }
@media (max-width: 760px) {
  .stMainBlockContainer { padding: 56px 8px 24px; }
  .st-key-controls .stSelectbox { flex: 1 1 140px; }
}
</style>"""


@asynccontextmanager
async def warm_up(app: st.App) -> AsyncIterator[None]:
    """Have the first run's arrays ready, and keep Streamlit's collection after each run off what stays for ever."""
    for runs in list(loader.catalog().datasets.values())[:1]:
        loader.preload(runs.get("elbo") or next(iter(runs.values())))
    gc.collect()
    gc.freeze()
    yield


app = st.App(__file__, routes=assets.routes(), lifespan=warm_up)


def main() -> None:
    """One script run."""
    st.set_page_config("Latent-space explorer", ":material/blur_on:", layout="wide")
    st.html(PAGE_STYLE)
    st.navigation([st.Page(explore.page, title="Explore", default=True)], position="top").run()


if __name__ == "__main__":
    main()
