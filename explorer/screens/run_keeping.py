"""Where runs are named, noted on, hidden and deleted; laid out only for the person at the server's own machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer import loader, own_machine, run_changes, session
from explorer.screens import notice, run_picker
from training.errors import UserError

MOST_IN_TRASH = 50


def lay_out(dataset: str, shown: Sequence[loader.Run]) -> None:
    """A section that is closed at first, for the runs of a data set: those shown first, those that are hidden last."""
    if not own_machine.may_change():
        return
    catalog = loader.catalog()
    hidden = catalog.hidden.get(dataset, {})
    runs = {**{run.name: run for run in shown}, **catalog.datasets[dataset], **hidden}
    with st.expander("Name, note, hide or delete a run", key="keeping"):
        titles = {
            name: f"{run.words.title} (hidden)" if name in hidden else run.words.title for name, run in runs.items()
        }
        run_picker.select("Run", titles, session.within("kept-run", list(titles)), 360)
        _form(runs[session.chosen("kept-run")])
        _trash()


def _fields(run: loader.Run) -> tuple[str, str]:
    """Keys of the fields for a run's name and note; other notes have other fields, which say what stands there now."""
    state = f"{run.path.parent.name}/{run.name}/{hash(run.notes)}"
    return f"name {state}", f"note {state}"


def _form(run: loader.Run) -> None:
    name, note = _fields(run)
    with st.form(f"keep {name}", border=False):
        st.text_input("Name to show", run.notes.name, run_changes.MOST_NAME, key=name, placeholder=run.name)
        st.text_area("Note", run.notes.note, 96, run_changes.MOST_NOTE, key=note)
        st.form_submit_button("Save", on_click=_save, args=(run,))
    with st.container(horizontal=True, gap="small"):
        hide = "Show again" if run.notes.hidden else "Hide"
        st.button(hide, key="keep-hide", on_click=_try, args=(run_changes.hide, run, not run.notes.hidden))
        st.button("Delete", key="keep-delete", icon=":material/delete:", on_click=_try, args=(run_changes.delete, run))


def _trash() -> None:
    found = {f"{run.path.parts[-3]}/{run.dataset}/{run.name}": run for run in run_changes.deleted()[:MOST_IN_TRASH]}
    if not found:
        return
    titles = {key: f"{run.name} of {run.dataset}, {run.when:%Y-%m-%d %H:%M} UTC" for key, run in found.items()}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        run_picker.select("Deleted", titles, session.within("deleted-run", list(titles)), 360)
        run = found[session.chosen("deleted-run")]
        st.button("Undo", key="keep-undo", icon=":material/undo:", on_click=_try, args=(run_changes.put_back, run))


def _save(run: loader.Run) -> None:
    fields = _fields(run)
    name, note = session.chosen(fields[0]), session.chosen(fields[1])
    try:
        run_changes.describe(run, name, note, run.notes)
    except run_changes.Changed as error:
        notice.toast(f"{error}. Your text is still in the fields: save it to replace what stands there.")
        if now := loader.catalog().find(run.path.parent.name, run.name):
            session.put(dict(zip(_fields(now), (name, note), strict=True)))
    except UserError as error:
        notice.toast(str(error))


def _try(change: Callable[..., None], *args: Any) -> None:
    try:
        change(*args)
    except UserError as error:
        notice.toast(str(error))
