"""The chart under the table: a figure of the runs against one of their options, both chosen by a select."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from explorer import loader, session
from explorer.screens import notice, plotly_page, run_picker
from explorer.screens.metric_controls import rows_of
from explorer.views import option_chart
from explorer.views.metric_columns import BY_NAME
from explorer.views.page_address import State, shortened
from explorer.views.pages import METRICS
from explorer.views.parameters import OPTION
from explorer.views.plot import Figure
from explorer.views.run_options import Option

TITLE = "Figure against option"
NO_OPTION = "These runs differ in no option but their seed: there is nothing to draw a figure against."


def lay_out(runs: tuple[loader.Run, ...], state: State) -> None:
    """The sentence, the two selects and the chart; what is asked for and is no option of these runs is said."""
    options = _options(runs)
    if not options:
        plotly_page.heading(TITLE, NO_OPTION, level=2)
        return
    against = {f"{OPTION}{option.name}": option.title for option in options}
    asked = session.keep_known("against", list(against))
    if asked and asked != METRICS.parameters["against"].default(()):
        notice.toast(f"against={shortened(asked)}: these runs do not differ in it; drawn against {options[0].title}")
    chosen = session.chosen("against")
    sentence, figure = _chart(runs, state["figure"], chosen)
    plotly_page.heading(TITLE, sentence, level=2)
    with st.container(key="chart", horizontal=True, gap="small"):
        run_picker.select("Figure", {name: column.label for name, column in BY_NAME.items()}, "figure", 260)
        run_picker.select("Against", against, "against", 200)
    if figure:
        plotly_page.figure(figure, "option-chart", sentence)


@lru_cache(maxsize=32)
def _options(runs: tuple[loader.Run, ...]) -> list[Option]:
    return option_chart.options_to_choose([run.options for run in runs])


@lru_cache(maxsize=32)
def _chart(runs: tuple[loader.Run, ...], name: str, against: str) -> tuple[str, Figure | None]:
    option = next(option for option in _options(runs) if f"{OPTION}{option.name}" == against)
    return option_chart.chart(rows_of(runs), BY_NAME[name], option)
