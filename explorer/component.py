"""The Streamlit component that hosts our browser modules."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import state

# Only a door: the modules are served as files, so that they can import each other and be cached.
_JS = """
export default function (component) {
  const { data, parentElement } = component;
  let cleanup;
  let gone = false;
  import(new URL(`${data.assets}/streamlit_host.js`, document.baseURI).href).then(
    (host) => { if (!gone) cleanup = host.showExplore(component); },
    () => { parentElement.textContent = "The page's modules did not load: reload the page."; },
  );
  return () => { gone = true; cleanup?.(); };
}
"""

_component = st.components.v2.component("latent_space_explorer", html="", js=_JS, isolate_styles=False)


def show_explore(payload: dict[str, Any]) -> None:
    """Mount or update the Explore page's browser part; where the handle rests goes to `state.take_point`."""
    _component(key=state.COMPONENT, data=payload, default={"point": None}, on_point_change=state.take_point)
