"""Explore: click or drag in the latent space and see what the decoder makes of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.rooms import frame, switches
from explorer.views.link import State
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
    frame.show(EXPLORE, payload, _appearance)


def payload(link: State) -> dict[str, Any]:
    """Data of the browser part."""
    return frame.payload(EXPLORE, link)


def _appearance() -> None:
    with st.container(key="appearance", horizontal=True, gap="small"):
        switches.select("Colour by", COLOR_TITLES, "color_by", 152)
        switches.select("Behind the points", BACKGROUND_TITLES, "background", 168)
