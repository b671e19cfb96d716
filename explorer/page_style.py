"""How the bar and the switches are laid out: in the head of index.html, so that nothing moves once it is there."""

from __future__ import annotations

from explorer.screens import places
from explorer.views import metric_style

PAGE_STYLE = """
.stMainBlockContainer { padding: 64px 24px 0; max-width: 1920px; }
.stMainBlockContainer { --lx-tall: clamp(330px, 55vh, 560px); --lx-toy: calc(158px + var(--lx-tall)); }
/* Rows of switches share a line where there is room. */
.stMainBlockContainer > .stVerticalBlock { flex-flow: row wrap; gap: 8px 16px; }
.stMainBlockContainer > .stVerticalBlock > * { flex: 1 1 100%; }
[data-testid=stLayoutWrapper]:has(> .st-key-controls) { flex: 0 1 auto; width: auto; }
[data-testid=stLayoutWrapper]:has(> .st-key-address) { position: absolute; width: 0; }
/* What a page opens with has its place from the start. */
.st-key-live-gradients { min-height: var(--lx-toy); --lx-plot: var(--lx-tall); }
.st-key-batch { min-height: 68px; }
.stVerticalBlock:not(:has(.st-key-live-gradients)) > [data-testid=stLayoutWrapper]:has(> .st-key-batch) {
  margin-top: calc(var(--lx-toy) + 8px);
}
/* Switches take one row, on which the runs scroll where there is no room for all. */
.st-key-controls { flex-wrap: nowrap; }
.st-key-controls > :is(.st-key-run, .st-key-runs), .st-key-controls > :has(> :is(.st-key-run, .st-key-runs)) {
  flex: 0 1 auto; min-width: 0;
}
/* What stands in for a switch or a link until it is loaded is narrower: unseen, it moves nothing that is seen. */
:is(.st-key-bar, .st-key-controls) :is([data-testid=stElementContainer], [data-testid=stLayoutWrapper]):has(
  [data-testid=stSkeleton]
), [data-testid=stLayoutWrapper]:has(> .st-key-bar [data-testid=stSkeleton]) {
  visibility: hidden;
}
/* One row from the start: what is shown in a switch's place until it is loaded has another width. */
.st-key-controls:has(.st-key-many-runs) { flex-wrap: nowrap; }
.st-key-controls > :has(> .st-key-many-runs) { flex: 1 1 0; min-width: 0; }
[data-testid=stLayoutWrapper]:has(> .st-key-controls .st-key-many-runs) { flex: 1 1 100%; }
.st-key-run button { min-height: 40px; padding: 0 8px; }
/* One row of controls is 40 pixels high: labels are read out. */
:is(.st-key-controls, .st-key-given-class) label[data-testid=stWidgetLabel] {
  position: absolute;
  clip-path: inset(50%);
}
/* The choice of a talk stands in the bar, so that the scene has the room. */
.st-key-talks label[data-testid=stWidgetLabel]:has(+ div [role=combobox]) { position: absolute; clip-path: inset(50%); }
@media (min-width: 1000px) {
  [data-testid=stLayoutWrapper]:has(> .st-key-talks) { position: fixed; z-index: 999991; top: 10px; right: 128px; }
  .st-key-talks, [data-testid=stLayoutWrapper]:has(> .st-key-talks) { width: auto; flex: none; }
}
@media (max-width: 999px) { [data-testid=stLayoutWrapper]:has(> .st-key-talks) { order: 1; } }
@media (max-width: 1180px) { .stMainBlockContainer { --lx-toy: calc(202px + var(--lx-tall)); } }
@media (max-width: 960px) { .stMainBlockContainer { --lx-toy: calc(238px + var(--lx-tall)); } }
@media (max-width: 760px) {
  /* Below the bar's second row, where the views are, if a place has any, and the buttons of undo and redo. */
  .stMainBlockContainer { padding: 76px 8px 24px; --lx-toy: 990px; }
  .st-key-controls { flex-wrap: wrap; row-gap: 4px; }
  /* The runs' row is there before they are, and a talk's choice not before its scene, which it follows. */
  .st-key-controls:has(.st-key-run, .st-key-runs) { min-height: 90px; align-content: start; }
  .st-key-controls > :has(> :is(.st-key-run, .st-key-runs)), .st-key-controls > :is(.st-key-run, .st-key-runs) {
    flex: 1 0 100%;
  }
  .stMainBlockContainer:not(:has(.lx)) [data-testid=stLayoutWrapper]:has(> .st-key-talks) { visibility: hidden; }
}
"""


def head() -> str:
    """The style sheet; `:root` lets it outdo Streamlit's own rules, which come after it."""
    return f"<style>:root {{{places.STYLE}{PAGE_STYLE}{metric_style.PLACES}}}</style>"
