"""What Table and Gradients, which have no browser part, are laid out with: headings, figures, the mark of the end."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from explorer import gc_freeze, session

if TYPE_CHECKING:
    from explorer.views.plot import Figure

# Of each figure by its key, in pixels; its place is kept while it loads.
HEIGHTS = {
    "option-chart": 420,
    "learning": 520,
    "gaps": 260,
    "dimensions": 260,
    "variance": 420,
    "by-dimension": 340,
    "quadratic": 340,
    "learning-epochs": 340,
    "learning-seconds": 340,
    "iwae-signal": 340,
}
HEAD_START_S = 0.2  # with less, the figures come in the same stroke as what stands above them, half a second later
STYLE = """<style>
.native :is(h1, h2, h3, p) { margin: 0; padding: 0; }
.native { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; font-size: 15px; }
.native h1 { font-size: 20px; font-weight: 600; }
/* The sentence goes on beside the title, and under it. The menu Share comes once the page's modules are there: its room
is kept, so that no line breaks anew then. */
.native:has(> h1) { display: block; position: relative; padding-right: 52px; }
.native > h1, .native > h1 + p { display: inline; }
.native > h1 { margin-right: 12px; }
/* Switches stand beside each other where there is room. */
.stMainBlockContainer [data-testid=stLayoutWrapper]:has(> .st-key-batch) { flex: 0 1 auto; width: auto; }
.native :is(h2, h3) { font-size: 17px; font-weight: 600; }
.native-ready { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
/* Streamlit's own grey of captions is too faint for AA. */
.stMainBlockContainer :is([data-testid=stCaptionContainer], [data-testid=stImageCaption]) { opacity: 0.8; }
.stMainBlockContainer :is([data-testid=stCaptionContainer], [data-testid=stImageCaption]),
.stMainBlockContainer :is([data-testid=stCaptionContainer], [data-testid=stImageCaption]) p { color: inherit; }
.native p { color: color-mix(in srgb, currentColor 78%, transparent); font-variant-numeric: tabular-nums; }
"""
STYLE += "\n".join(f".st-key-{key} {{ min-height: {height}px; }}" for key, height in HEIGHTS.items()) + "\n</style>"


def heading(title: str, sentence: str, level: int = 1) -> None:
    """A title, and the one sentence that says what to see; the page's own, of level 1, brings the style of all."""
    st.html(header(title, sentence, level))


def header(title: str, sentence: str, level: int = 1) -> str:
    """The same as HTML, to stand in one element with what follows."""
    style = STYLE if level == 1 else ""
    return f'{style}<header class="native"><h{level}>{escape(title)}</h{level}><p>{escape(sentence)}</p></header>'


def figure(drawn: Figure, key: str, alt: str) -> None:
    """A plotly figure, one of HEIGHTS; `alt` says in words what it shows."""
    drawn.to_dict()["layout"]["height"] = HEIGHTS[key]  # without it Streamlit first draws it 450 pixels high
    st.plotly_chart(
        drawn, key=key, height=HEIGHTS[key], alt=alt, config={"displaylogo": False, "displayModeBar": False}
    )


def figures_follow() -> None:
    """When a page has just been opened, let the browser show what stands above before it is busy with figures."""
    if session.just_opened():
        time.sleep(HEAD_START_S)


def nothing_to_show(why: str) -> None:
    """Why the checkpoints folder has no run, and how to get a first one there."""
    st.title("No run to explore yet")
    st.text(why)
    st.markdown("Or train one, which takes under a minute, and reload:")
    st.code("python -m training fit --dataset mnist5k --epochs 20 --out checkpoints/mnist5k/elbo", language="bash")


def ready(page: str) -> None:
    """Say that a page is whole."""
    st.html('<p class="lx native-ready" role="status" data-ready="true">All figures are drawn.</p>')
    gc_freeze.settle_once(page)
