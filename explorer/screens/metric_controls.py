"""The switches of the table: which runs by their options, in what order, and seeds apart or together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import streamlit as st

from explorer import loader, session
from explorer.screens import notice, run_picker
from explorer.views.metric_columns import BY_NAME, Row
from explorer.views.page_address import shortened
from explorer.views.parameters import OPTION
from explorer.views.run_options import differing, values_of
from explorer.views.seed_groups import has_siblings

SEEDS = {"apart": "Each seed a row", "together": "Mean ± spread over seeds"}


def lay_out() -> None:
    """The row of switches; what is asked for and is no option of these runs is said."""
    runs = loader.catalog().datasets[session.chosen("dataset")].values()
    sorts, wanted, siblings = _choices(tuple(run for run in runs if run.config.model.has_decoder))
    if asked := session.keep_known("sort", list(sorts)):
        notice.toast(f"sort={shortened(asked)}: these runs do not differ in it; in the order that they are chosen in")
    for lost in session.keep_some("only", list(wanted)):
        notice.toast(f"only={shortened(lost)}: no run here has it, or all have; left out")
    with st.container(key="table-controls", horizontal=True, gap="small"):
        run_picker.select("Order by", sorts, "sort", 296)
        if siblings:
            run_picker.select("Seeds", SEEDS, "seeds", 296)
        if wanted:
            words = wanted.__getitem__
            st.multiselect("Only runs with", list(wanted), key="only", format_func=words, placeholder="any options")


@lru_cache(maxsize=32)
def _choices(runs: tuple[loader.Run, ...]) -> tuple[dict[str, str], dict[str, str], bool]:
    """Titles of what runs can be ordered by, titles of the options to choose, and whether any differ by seed alone."""
    options = [run.options for run in runs]
    different = differing(options)
    sorts = {"given": "As chosen"}
    sorts |= {f"{OPTION}{option.name}": option.title for option in different}
    sorts |= {name: column.title for name, column in BY_NAME.items()}
    wanted = {
        f"{option.name}:{value.text}": f"{option.title} {value.text}"
        for option in different
        for value in values_of(options, option.name)
    }
    return sorts, wanted, has_siblings(rows_of(runs))


def rows_of(runs: Iterable[loader.Run]) -> list[Row]:
    """Rows of the table, one a run."""
    return [Row(run.name, run.words.title, run.kind, run.metrics, run.options, note=run.notes.note) for run in runs]
