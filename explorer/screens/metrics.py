"""Metrics: a table of runs by figures, their learning curves, and how their posteriors are spread."""

from __future__ import annotations

import streamlit as st

from explorer import loader
from explorer.screens import plotly_page, run_picker, shell
from explorer.views import metric_plots as plots
from explorer.views import metrics_table
from explorer.views.page_address import State
from explorer.views.pages import METRICS
from training.checkpoint import CheckpointError
from training.measure.definitions import ALL_DEFINITIONS

STYLE = """<style>
/* As wide as its column and no wider, whatever the table would like. */
.figures { position: relative; width: 0; min-width: 100%; overflow: auto; max-height: 70vh; font-size: 15px; }
.figures table { border-spacing: 0; width: 100%; font-variant-numeric: tabular-nums; }
.figures :is(th, td) { padding: 6px 10px; text-align: right; white-space: nowrap; }
.figures thead th { white-space: normal; vertical-align: bottom; font-weight: 600; line-height: 1.25; min-width: 84px; }
.figures thead th { border-bottom: 2px solid color-mix(in srgb, currentColor 40%, transparent); }
.figures tbody tr + tr > * { border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
/* Names stay in sight over figures that scroll under them: on the theme's own backgrounds (.streamlit/config.toml). */
.figures th:first-child { position: sticky; left: 0; z-index: 1; background: light-dark(#ffffff, #10151d); }
.figures th:first-child { text-align: left; }
.figures tbody th:first-child { min-width: 120px; white-space: normal; }
.figures tbody th { font-weight: 500; }
.figures small { display: block; font-size: 13px; font-weight: 400; }
.figures .term { text-decoration: underline dotted; text-underline-offset: 3px; cursor: help; }
.figures .best { font-weight: 700; background: color-mix(in srgb, currentColor 12%, transparent); }
.figures .tag { padding: 1px 8px; border: 1px solid currentColor; border-radius: 10px; font-size: 13px; cursor: help; }
.figures .told { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
</style>"""
SORTS = {"given": "As chosen", **{name: figure.title for name, figure in metrics_table.BY_NAME.items()}}
AXES = {"linear": "Linear epochs", "log": "Logarithmic epochs"}


def page() -> None:
    """Lay out the page."""
    state = shell.enter(METRICS, arrays=False)
    if state is None:
        return
    runs = {run.words.title: run for run in shell.runs_shown(state)}
    rows = [metrics_table.Row(run.name, title, run.metrics) for title, run in runs.items()]
    shown = metrics_table.table(rows, state["sort"], ALL_DEFINITIONS)
    plotly_page.heading("Metrics", metrics_table.headline(shown))
    st.html(STYLE + metrics_table.to_html(shown))
    if lacking := metrics_table.missing(rows, state["dataset"]):
        st.caption(lacking)
    _downloads(shown, state)
    with st.expander("What each figure is: unit, sample, seed, definition"):
        st.markdown(metrics_table.definitions_markdown(shown))
    looks = plots.styles(list(runs))
    left, right = st.columns(2, gap="medium")
    with left:
        _curves(runs, looks, state)
    with right:
        gaps = {title: gap for title, run in runs.items() if (gap := run.metrics.get("gap"))}
        plotly_page.heading("Gap", plots.gap_text(gaps), level=2)
        if gaps:
            plotly_page.figure(plots.gap_figure(gaps, looks), "gaps", 260, plots.gap_text(gaps))
        kl = {title: values for title, run in runs.items() if (values := run.metrics.get("kl_per_dimension"))}
        told = plots.kl_text(kl, {title: run.metrics.get("active_units") for title, run in runs.items()})
        plotly_page.heading("KL of each dimension", told, level=2)
        if kl:
            plotly_page.figure(plots.kl_figure(kl, looks), "dimensions", 260, told)
    plotly_page.ready("metrics")


def _downloads(shown: metrics_table.Table, state: State) -> None:
    with st.container(key="downloads", horizontal=True, gap="small", vertical_alignment="bottom"):
        run_picker.select("Order by", SORTS, "sort", 280)
        name = f"metrics-{state['dataset']}"
        st.download_button(
            "CSV", metrics_table.to_csv(shown, state["dataset"]), f"{name}.csv", "text/csv", icon=":material/download:"
        )
        text = metrics_table.to_markdown(shown, state["dataset"])
        st.download_button("Markdown", text, f"{name}.md", "text/markdown", icon=":material/download:")


def _curves(runs: dict[str, loader.Run], looks: dict[str, plots.Style], state: State) -> None:
    try:
        histories = {title: loader.history(run) for title, run in runs.items()}
    except CheckpointError as error:
        st.warning(str(error), icon=":material/report:")
        return
    told = plots.curves_text(histories, state["term"], state["split"])
    plotly_page.heading("Learning curves", told, level=2)
    with st.container(key="curves", horizontal=True, gap="small"):
        run_picker.select("Term", plots.TERMS, "term", 168)
        run_picker.select("Images", plots.SPLITS, "split", 208)
        run_picker.select("Axis", AXES, "axis", 184)
    drawn = plots.curves(histories, looks, state["term"], state["split"], state["axis"] == "log")
    plotly_page.figure(drawn, "learning", 520, told)
