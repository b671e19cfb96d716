"""The bar at the top: seven places, and beside them the views of the one that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.views.pages import PLACES

STYLE = """
[data-testid=stLayoutWrapper]:has(> .st-key-bar) { position: absolute; }
.st-key-bar { position: fixed; z-index: 999991; top: 10px; left: 64px; width: auto; gap: 8px; align-items: center; }
:is(.st-key-bar, .st-key-places, .st-key-views) { flex-flow: row nowrap; }
:is(.st-key-places, .st-key-views) { gap: 2px; width: auto; }
:is(.st-key-bar, .st-key-places, .st-key-views) > * { flex: none; width: auto; }
.st-key-views { padding-left: 10px; border-left: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
.st-key-bar a { min-height: 40px; padding: 0 10px; white-space: nowrap; }
.st-key-bar a p { font-size: 15px; }
:is(.st-key-place-here, .st-key-view-here) a { background: color-mix(in srgb, currentColor 10%, transparent); }
:is(.st-key-place-here, .st-key-view-here) a p { font-weight: 600; }
@media (max-width: 940px) {
  .st-key-bar a { padding: 0 4px; }
  .st-key-bar a p { font-size: 13px; }
}
@media (max-width: 760px) {
  [data-testid=stHeaderLogo] { display: none; }
  .st-key-bar { left: 0; right: 0; top: 0; flex-flow: column; align-items: stretch; gap: 0; padding: 6px 6px 2px;
    background: light-dark(#ffffff, #10151d); }
  .st-key-bar > * { min-height: 34px; }
  /* From one edge to the other, without moving as one after the other comes. */
  .st-key-places { gap: clamp(1px, (100vw - 384px) / 6, 16px); }
  .st-key-views { padding: 0; border: 0; }
  .st-key-bar a { min-height: 34px; }
}
@media (max-width: 384px) {
  .st-key-bar a { padding: 0 2px; }
}
/* Forced colours take away the shadows and grounds by which the server's widgets show focus and choice. */
@media (forced-colors: active) {
  .stApp :focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
  .stApp [role=radio][aria-checked=true] { outline: 2px solid CanvasText; outline-offset: -5px; }
  :is(.st-key-place-here, .st-key-view-here) a { border-bottom: 3px solid CanvasText; }
}
"""


def place_of(page: str) -> str:
    """The place that a page is a view of."""
    return next(place for place, views in PLACES.items() if page in (view.name for view, _ in views))


def label(page: str) -> str:
    """What a page's link is called."""
    return next(label for views in PLACES.values() for view, label in views if view.name == page)


def title(page: str) -> str:
    """A page's name for the browser's tab."""
    place = place_of(page)
    return place if PLACES[place][0][0].name == page else f"{place}: {label(page)}"


def show(pages: Mapping[str, Any], here: str) -> None:
    """Lay out the bar: `pages` for Streamlit by their names, `here` the one that is shown."""
    place = place_of(here)
    with st.container(key="bar", horizontal=True):
        with st.container(key="places", horizontal=True):
            for name, ((first, _), *_) in PLACES.items():
                _link(pages[first.name], name, "place-here" if name == place else None)
        if len(PLACES[place]) > 1:
            with st.container(key="views", horizontal=True):
                for page, name in PLACES[place]:
                    _link(pages[page.name], name, "view-here" if page.name == here else None)


def _link(page: Any, label: str, key: str | None) -> None:
    """A link, in a container of its own only where it stands out: each costs Python and browser time at every run."""
    if key:
        with st.container(key=key):
            st.page_link(page, label=label)
    else:
        st.page_link(page, label=label)
