"""The Streamlit component that hosts our browser modules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import session
from explorer.addresses import assets
from explorer.modules import modules_by_page
from explorer.views.page_address import Page, State

# Only a door: the modules are served as files, so that they can import each other and be cached. All that a page needs
# is asked for at once, not when the module before it has arrived; for the first page, preloading.py has done so.
_JS = """
const MODULES = %s;

export default function (component) {
  const { data: [data], parentElement } = component;
  preload((MODULES[data.page] ?? []).map((name) => `${data.assets}/${name}`));
  let cleanup;
  let gone = false;
  import(new URL(`${data.assets}/hosts/streamlit.js`, document.baseURI).href).then(
    (host) => { if (!gone) cleanup = host.show({ ...component, data }); },
    () => { parentElement.textContent = "The page's modules did not load: reload the page."; },
  );
  return () => { gone = true; cleanup?.(); };
}

function preload(urls) {
  for (const href of urls) {
    if (!document.querySelector(`link[href="${href}"]`)) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
    }
  }
}
"""

_component = st.components.v2.component(
    "latent_space_explorer", html="", js=_JS % json.dumps(modules_by_page()), isolate_styles=False
)


def show(page: Page, payload: Mapping[str, Any], address: Mapping[str, Any]) -> None:
    """Mount or update a page's browser part."""
    _mount(page, {**payload, "shows": True, "address": address})


def keep_address(page: Page, state: State, address: Mapping[str, Any], place: DeltaGenerator | None = None) -> None:
    """Have the browser keep the address of a page that Streamlit lays out, and show what it opens with, if anything.

    `place`: where that stands, from `place_of`.
    """
    data = {"page": page.name, "assets": assets(), "state": state, "shows": page.opens_live, "address": address}
    with place or place_of(page):
        _mount(page, data)


def place_of(page: Page) -> DeltaGenerator:
    """The place of the browser's part of a page that Streamlit lays out; it is kept while it loads."""
    return st.container(key=f"live-{page.name}" if page.opens_live else "address")


def _mount(page: Page, data: dict[str, Any]) -> None:
    data["laid_out"] = not page.in_browser
    order, leave = partial(session.on_order, page), partial(session.on_leave, page)
    # In a list: of each value of a dict Streamlit asks whether it is a data frame, and imports pandas to know, which
    # the first page would wait for.
    _component(key=page.name, data=[data], on_renew_change=_renew, on_order_change=order, on_leave_change=leave)


def _renew() -> None:
    """A run that is shown has been replaced: the page is laid out anew, and that is all there is to do."""
