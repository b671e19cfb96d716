"""Explore: click or drag in the latent space and see what the decoder makes of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.screens import run_picker, shell
from explorer.views.page_address import State
from explorer.views.pages import EXPLORE

COLOR_TITLES = {
    "label": "Class",
    "reconstruction": "Reconstruction",
    "kl": "KL",
    "width": "Posterior width",
    "density": "Density",
}
BACKGROUND_TITLES = {"nothing": "Nothing", "manifold": "Decoded manifold", "prior": "Prior contours"}


def page() -> None:
    """Lay out the page."""
    shell.show(EXPLORE, payload, _appearance)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part."""
    return shell.payload(EXPLORE, state)


def _appearance() -> None:
    with st.container(key="appearance", horizontal=True, gap="small"):
        run_picker.select("Colour by", COLOR_TITLES, "color_by", 152)
        run_picker.select("Behind the points", BACKGROUND_TITLES, "background", 168)
