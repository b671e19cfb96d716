"""The switch for the class that conditional runs are given."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer import loader, session
from explorer.screens import notice
from explorer.views.page_address import Page
from explorer.views.pages import RECONSTRUCT
from explorer.views.plain_text import as_text

MOST_BUTTONS = 12  # more classes than these do not fit a row


def choose_class(page: Page, shown: Sequence[loader.Run]) -> None:
    """Lay it out if a conditional run is among those shown; a class that is not there is said."""
    conditional = [run for run in shown if run.config.model.condition]
    if not conditional:
        return
    classes = tuple(conditional[0].config.dataset["classes"])
    given = session.widgets_of(page)["given"]
    if given is not None and given >= len(classes):
        notice.toast(f"given={given}: the data set has classes 0 to {len(classes) - 1}; showing the first")
    session.keep_below("given", len(classes))
    # A held-out image is given its own class there.
    label = "Class given to your own image" if page is RECONSTRUCT else "Class given"
    numbers, names = list(range(len(classes))), [as_text(name) for name in classes]  # buttons read Markdown
    with st.container(key="given-class", horizontal=True, gap="small"):
        if len(classes) <= MOST_BUTTONS:
            st.segmented_control(label, numbers, key="given", format_func=names.__getitem__, required=True)
        else:
            st.selectbox(label, numbers, key="given", format_func=classes.__getitem__, width=168)
