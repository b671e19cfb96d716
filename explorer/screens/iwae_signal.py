"""What K costs the importance-weighted bound's gradient, on the run that is shown: asked for by a button."""

from __future__ import annotations

import streamlit as st

from explorer import estimators, loader
from explorer.screens import notice, plotly_page
from explorer.views import iwae_signal as words


def lay_out(run: loader.Run, seed: int) -> None:
    """A section of its own; raises CheckpointError."""
    batch = estimators.batch(run, estimators.SIGNAL_IMAGES, seed)
    place = st.empty()
    with place.container():
        plotly_page.heading(words.TITLE, words.OPENING, level=2)
        asked = st.button("Measure it on this run, in up to a minute", key="measure-signal")
    if not asked and not estimators.signal_known(batch):
        return
    with st.spinner("Gradients are drawn for each K …"):
        found = estimators.signal(batch)
    with place.container():
        text = words.sentence(found)
        plotly_page.heading(words.TITLE, f"{words.OPENING} {text}", level=2)
        plotly_page.figure(words.ratio_figure(found), "iwae-signal", text)
        notice.caption(words.CAPTION.format(estimates=estimators.SIGNAL_ESTIMATES, images=batch.count))
