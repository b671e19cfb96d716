"""Metrics: a table of runs by figures, their learning curves, and how their posteriors are spread."""

from __future__ import annotations

import streamlit as st

from explorer import loader
from explorer.rooms import frame, native, switches
from explorer.views import figures
from explorer.views import metric_plots as plots
from explorer.views.link import State
from explorer.views.pages import METRICS
from training.checkpoint import CheckpointError
from training.definitions import ALL_DEFINITIONS

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
SORTS = {"given": "As chosen", **{name: figure.title for name, figure in figures.BY_NAME.items()}}
AXES = {"linear": "Linear epochs", "log": "Logarithmic epochs"}


def page() -> None:
    """Lay out the page."""
    link = frame.enter(METRICS, arrays=False)
    if link is None:
        return
    runs = {run.words.title: run for run in frame.runs_shown(link)}
    rows = [figures.Row(run.name, title, run.metrics) for title, run in runs.items()]
    shown = figures.table(rows, link["sort"], ALL_DEFINITIONS)
    native.heading("Metrics", figures.headline(shown))
    st.html(STYLE + figures.to_html(shown))
    if lacking := figures.missing(rows, link["dataset"]):
        st.caption(lacking)
    _downloads(shown, link)
    with st.expander("What each figure is: unit, sample, seed, definition"):
        st.markdown(figures.definitions_markdown(shown))
    looks = plots.styles(list(runs))
    left, right = st.columns(2, gap="medium")
    with left:
        _curves(runs, looks, link)
    with right:
        gaps = {title: gap for title, run in runs.items() if (gap := run.metrics.get("gap"))}
        native.heading("Gap", plots.gap_text(gaps), level=2)
        if gaps:
            native.figure(plots.gap_figure(gaps, looks), "gaps", 260, plots.gap_text(gaps))
        kl = {title: values for title, run in runs.items() if (values := run.metrics.get("kl_per_dimension"))}
        told = plots.kl_text(kl, {title: run.metrics.get("active_units") for title, run in runs.items()})
        native.heading("KL of each dimension", told, level=2)
        if kl:
            native.figure(plots.kl_figure(kl, looks), "dimensions", 260, told)
    native.ready()


def _downloads(shown: figures.Table, link: State) -> None:
    with st.container(key="downloads", horizontal=True, gap="small", vertical_alignment="bottom"):
        switches.select("Order by", SORTS, "sort", 280)
        name = f"metrics-{link['dataset']}"
        st.download_button(
            "CSV", figures.to_csv(shown, link["dataset"]), f"{name}.csv", "text/csv", icon=":material/download:"
        )
        text = figures.to_markdown(shown, link["dataset"])
        st.download_button("Markdown", text, f"{name}.md", "text/markdown", icon=":material/download:")


def _curves(runs: dict[str, loader.Run], looks: dict[str, plots.Style], link: State) -> None:
    try:
        histories = {title: loader.history(run) for title, run in runs.items()}
    except CheckpointError as error:
        st.warning(str(error), icon=":material/report:")
        return
    told = plots.curves_text(histories, link["term"], link["split"])
    native.heading("Learning curves", told, level=2)
    with st.container(key="curves", horizontal=True, gap="small"):
        switches.select("Term", plots.TERMS, "term", 168)
        switches.select("Images", plots.SPLITS, "split", 208)
        switches.select("Axis", AXES, "axis", 184)
    drawn = plots.curves(histories, looks, link["term"], link["split"], link["axis"] == "log")
    native.figure(drawn, "learning", 520, told)
