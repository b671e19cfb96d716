"""The Streamlit component that hosts our browser modules."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from explorer import assets, state

# Only a door: the modules are served as files, so that they can import each other and be cached. All that the page
# will need is asked for at once, not when the module before it has arrived.
_JS = """
const MODULES = %s;

export default function (component) {
  const { data, parentElement } = component;
  preload("modulepreload", MODULES.map((name) => `${data.assets}/${name}`));
  preload("preload", [`${data.assets}/plotly/plotly.min.js`]);
  let cleanup;
  let gone = false;
  import(new URL(`${data.assets}/streamlit_host.js`, document.baseURI).href).then(
    (host) => { if (!gone) cleanup = host.showExplore(component); },
    () => { parentElement.textContent = "The page's modules did not load: reload the page."; },
  );
  return () => { gone = true; cleanup?.(); };
}

function preload(rel, urls) {
  for (const href of urls) {
    if (!document.querySelector(`link[href="${href}"]`)) {
      document.head.append(Object.assign(document.createElement("link"), { rel, as: "script", href }));
    }
  }
}
"""

_MODULES = sorted(file.name for file in assets.WEB.glob("*.js"))
_component = st.components.v2.component(
    "latent_space_explorer", html="", js=_JS % json.dumps(_MODULES), isolate_styles=False
)


def show_explore(payload: dict[str, Any]) -> None:
    """Mount or update the Explore page's browser part; where the handle rests goes to `state.take_point`."""
    _component(key=state.COMPONENT, data=payload, default={"point": None}, on_point_change=state.take_point)
