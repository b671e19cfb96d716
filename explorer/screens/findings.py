"""Why are my samples bad: what a run falls short in, asked for by a button, as it takes up to a minute."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer import diagnoses, loader, session
from explorer.screens import notice, run_picker
from explorer.views.commands import diagnose
from explorer.views.findings import as_list
from training.errors import UserError


def lay_out(shown: Sequence[loader.Run]) -> None:
    """A section that is closed at first, for one of the runs shown."""
    runs = {run.name: run for run in shown}
    titles = {name: run.words.title for name, run in runs.items()}
    with st.expander("Why are my samples bad? What a run falls short in, and what to try", key="findings"):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            run_picker.select("Run", titles, session.within("diagnosed-run", list(titles)), 360)
            run = runs[session.chosen("diagnosed-run")]
            why = diagnoses.why_none(run)
            asked = st.button("Diagnose, in up to a minute", key="diagnose", disabled=bool(why))
        if why:
            notice.caption(f"{run.words.title}: {why}.")
        elif asked or diagnoses.known(run):
            _findings(run)
        else:
            notice.caption(f"The same in a terminal: {diagnose(run.place)}")


def _findings(run: loader.Run) -> None:
    try:
        with st.spinner(f"{run.words.title} is diagnosed …"):
            found = diagnoses.diagnosed(run)
    except UserError as error:
        notice.warning(str(error))
        return
    st.caption("Worst first.")
    st.html(as_list(found))
