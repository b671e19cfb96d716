"""Tells the browser with Streamlit's own page what the explorer's page will need, so that all is under way at once.

Modules are preloaded: they are compiled before they are wanted. The rest is only prefetched, and waits in the browser's
cache: a preload that is not used within seconds is a warning. All of it comes after what Streamlit's page itself needs,
so that the script runs meanwhile.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from html import escape
from urllib.parse import parse_qsl

from explorer.addresses import assets, base_path, gallery_url, part_url
from explorer.loader import catalog
from explorer.modules import WEB, look_again, modules_by_page
from explorer.views.page_address import parse_address
from explorer.views.pages import EXPLORE, PAGES
from training.checkpoint import CheckpointError

PLOTLY = "plotly/plotly.min.js"


def links(path: str, query: str) -> str:
    """`<link>` elements for the page that is opened at an address; "" for one that there is not.

    `path` as it is in the address, base path and all; `query` without its question mark.
    """
    look_again()
    name = path.removeprefix(base_path()).strip("/") or EXPLORE.name
    if name not in PAGES:
        return ""
    with suppress(CheckpointError):  # the page itself will say so
        return _of_page(name, assets()) + _of_arrays(name, query)
    return ""


@cache
def _of_page(name: str, folder: str) -> str:
    modules = modules_by_page().get(name, [])
    if not modules:  # laid out by Streamlit alone
        return ""
    own = sorted(sheet.relative_to(WEB).as_posix() for sheet in (WEB / "pages" / name).glob("*.css"))
    names = ["dom/base.css", "plane/plane.css", "plane/taking_along.css", *own]
    sheets = [_link("prefetch", f"{folder}/{sheet}", "style") for sheet in names]
    return "".join([_link("modulepreload", f"{folder}/{module}", "script") for module in modules] + sheets)


def _of_arrays(name: str, query: str) -> str:
    """What Explore shows first, and draws with."""
    runs = catalog()
    if name != EXPLORE.name or not runs.datasets:
        return ""
    state, _ = parse_address(dict(parse_qsl(query, keep_blank_values=True)), EXPLORE, runs.names)
    run = runs.datasets[state["dataset"]][state["run"]]
    urls = [part_url(run, "latents"), part_url(run, "decoder"), gallery_url(run)]
    arrays = [_link("prefetch", url, "fetch") for url in urls if url]
    return "".join([*arrays, _link("prefetch", f"{assets()}/{PLOTLY}", "script")])


def _link(rel: str, href: str, kind: str) -> str:
    return f'<link rel="{rel}" as="{kind}" href="{escape(href)}" fetchpriority="low">'
