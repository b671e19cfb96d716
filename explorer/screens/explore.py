"""Explore: click or drag in the latent space and see what the decoder makes of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import loader, session
from explorer.screens import notice, run_picker, shell
from explorer.views.page_address import State, shortened
from explorer.views.pages import EXPLORE
from explorer.views.parameters import COLUMN

COLOR_TITLES = {
    "label": "Class",
    "reconstruction": "Reconstruction",
    "kl": "KL",
    "width": "Posterior width",
    "density": "Density",
}
BACKGROUND_TITLES = {"nothing": "Nothing", "manifold": "Decoded manifold", "prior": "Prior contours"}

ALONE = ("label", "density")  # what latents without a decoder can be coloured by, beside columns


def page() -> None:
    """Lay out the page."""
    shell.show(EXPLORE, payload, _appearance)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part."""
    return shell.payload(EXPLORE, state)


def _appearance() -> None:
    run = loader.catalog().find(session.chosen("dataset"), session.chosen("run"))
    columns = {f"{COLUMN}{name}": name for name in (run.config.columns if run else {})}
    colors, backgrounds = {**COLOR_TITLES, **columns}, BACKGROUND_TITLES
    if run and not run.config.model.has_decoder:
        colors = {**{name: COLOR_TITLES[name] for name in ALONE}, **columns}
        backgrounds = {"nothing": BACKGROUND_TITLES["nothing"]}
        session.keep_known("background", list(backgrounds))
    if asked := session.keep_known("color_by", list(colors)):
        notice.toast(f"color_by={shortened(asked)}: this run has none; coloured by class")
    with st.container(key="appearance", horizontal=True, gap="small"):
        run_picker.select("Colour by", colors, "color_by", 232)
        run_picker.select("Behind the points", backgrounds, "background", 296)
