"""Table: runs by metrics, any metric against any option, learning curves, and how the posteriors are spread."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from explorer import loader
from explorer.screens import (
    findings,
    histories,
    metric_controls,
    option_chart,
    plotly_page,
    run_keeping,
    run_picker,
    shell,
)
from explorer.screens.metric_controls import rows_of
from explorer.views import metric_plots as plots
from explorer.views import metric_sentences, metric_style, metrics_table
from explorer.views import plot_sentences as sentences
from explorer.views.commands import evaluate
from explorer.views.metric_sentences import lacking
from explorer.views.page_address import State
from explorer.views.pages import METRICS
from explorer.views.plot import Figure
from explorer.views.run_options import has_all
from training.measure.definitions import ALL_DEFINITIONS

AXES = {"linear": "Linear epochs", "log": "Logarithmic epochs"}
Runs = tuple[loader.Run, ...]
MOST_LINES_HEIGHT = 120  # pixels


def page() -> None:
    """Lay out the page."""
    state = shell.enter(METRICS, metric_controls.lay_out, arrays=False)
    if state is None:
        return
    runs = tuple(run for run in shell.runs_shown(state) if has_all(run.options, state["only"]))
    if not runs:
        plotly_page.heading("Table", "None of the runs chosen has all of these options: take one away.")
        plotly_page.ready(METRICS.name)
        return
    table = _table(runs, state["dataset"], state["sort"], state["seeds"])
    with st.container(key=metric_style.place(len(runs))):
        st.html(metric_style.STYLE + plotly_page.header("Table", table.headline) + table.html)
    plotly_page.figures_follow()
    if table.missing:
        st.caption(table.missing)
        lines = "\n".join(evaluate(run.place) for run in runs if run.name in lacking(rows_of(runs)))
        st.code(lines, language="bash", height=MOST_LINES_HEIGHT if len(runs) > 3 else "content")
    if grey := [run.words.title for run in runs if loader.is_cross_entropy(run)]:
        st.caption(metric_sentences.of_grey_pixels(grey, len(runs)))
    if given := [run.words.title for run in runs if run.config.model.condition]:
        st.caption(metric_sentences.of_given_class(given))
    _downloads(table, f"metrics-{state['dataset']}")
    with st.expander("What each figure is: unit, sample, seed, definition"):
        st.html(table.definitions)
    findings.lay_out(runs)
    run_keeping.lay_out(state["dataset"], runs)
    option_chart.lay_out(runs, state)
    left, right = st.columns(2, gap="medium")
    with left:
        _learning(runs, state)
    with right:
        for title, key, (sentence, figure) in (
            ("Gap", "gaps", _gaps(runs)),
            ("KL of each dimension", "dimensions", _kl(runs)),
        ):
            plotly_page.heading(title, sentence, level=2)
            if figure:
                plotly_page.figure(figure, key, sentence)
    plotly_page.ready(METRICS.name)


def _downloads(table: metrics_table.Texts, name: str) -> None:
    with st.container(key="downloads", horizontal=True, gap="small", vertical_alignment="bottom"):
        icon = ":material/download:"
        st.download_button("CSV", table.csv, f"{name}.csv", "text/csv", icon=icon)
        st.download_button("Markdown", table.markdown, f"{name}.md", "text/markdown", icon=icon)


def _learning(runs: Runs, state: State) -> None:
    readable = histories.readable(runs)
    if not readable:
        return
    sentence, figure = _curves(readable, state["term"], state["split"], state["axis"])
    plotly_page.heading("Learning curves", sentence, level=2)
    with st.container(key="curves", horizontal=True, gap="small"):
        run_picker.select("Term", plots.TERMS, "term", 168)
        run_picker.select("Images", plots.SPLITS, "split", 208)
        run_picker.select("Axis", AXES, "axis", 184)
    plotly_page.figure(figure, "learning", sentence)
    if state["term"] != "kl" and any(map(loader.is_cross_entropy, readable)):
        st.caption(metric_sentences.GREY_PIXELS)


# What follows is made once for the same runs: Streamlit runs the page anew at each change of any of its widgets.


@lru_cache(maxsize=32)
def _table(runs: Runs, dataset: str, sort: str, seeds: str) -> metrics_table.Texts:
    return metrics_table.texts(rows_of(runs), dataset, sort, ALL_DEFINITIONS, seeds == "together")


@lru_cache(maxsize=32)
def _curves(runs: Runs, term: str, split: str, axis: str) -> tuple[str, Figure]:
    records = [loader.history(run) for run in runs]
    titled = {run.words.title: history for run, history in zip(runs, records, strict=True)}
    figure = plots.curves(titled, plots.styles(list(titled)), term, split, axis == "log")
    return sentences.curves_text(list(zip(rows_of(runs), records, strict=True)), term, split), figure


@lru_cache(maxsize=32)
def _gaps(runs: Runs) -> tuple[str, Figure | None]:
    style_of = plots.styles([run.words.title for run in runs])
    gaps = {run.words.title: gap for run in runs if (gap := run.metrics.get("gap"))}
    return sentences.gap_text(rows_of(runs)), plots.gap_figure(gaps, style_of) if gaps else None


@lru_cache(maxsize=32)
def _kl(runs: Runs) -> tuple[str, Figure | None]:
    style_of = plots.styles([run.words.title for run in runs])
    kl = {run.words.title: values for run in runs if (values := run.metrics.get("kl_per_dimension"))}
    return sentences.kl_text(rows_of(runs)), plots.kl_figure(kl, style_of) if kl else None
