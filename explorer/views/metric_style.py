"""How the table looks."""

from __future__ import annotations

STYLE = """<style>
/* As wide as its column and no wider, whatever the table would like. */
.figures { position: relative; width: 0; min-width: 100%; overflow: auto; max-height: 70vh; font-size: 15px; }
.figures table { border-spacing: 0; width: 100%; font-variant-numeric: tabular-nums; }
.figures :is(th, td) { padding: 6px 10px; text-align: right; white-space: nowrap; }
.figures thead th { white-space: normal; vertical-align: bottom; font-weight: 600; }
.figures thead th { line-height: 1.25; min-width: 128px; }
/* The head stays in sight over the rows, the names over the figures. */
.figures thead th { position: sticky; top: 0; z-index: 1; background: light-dark(#ffffff, #10151d); }
.figures thead th:first-child { z-index: 2; }
.figures button.order { min-width: 24px; min-height: 24px; padding: 0; cursor: pointer; opacity: 0.7; }
.figures button.order { text-align: center; }
.figures button.order:is(:hover, :focus-visible), .figures [aria-sort] button.order { opacity: 1; }
.figures thead th { border-bottom: 2px solid color-mix(in srgb, currentColor 40%, transparent); }
.figures tbody tr + tr > * { border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
/* On the theme's own backgrounds (explorer/.streamlit/config.toml). */
.figures th:first-child { position: sticky; left: 0; z-index: 1; background: light-dark(#ffffff, #10151d); }
.figures th:first-child { text-align: left; }
.figures tbody th:first-child { min-width: clamp(120px, 18vw, 240px); white-space: normal; }
.figures tbody th { font-weight: 500; }
.figures .option { text-align: left; }
.figures thead th.option { min-width: 0; white-space: nowrap; }
.figures td.long { white-space: normal; min-width: 140px; max-width: 220px; }
.figures small { display: block; font-size: 13px; font-weight: 400; }
.figures small.images { opacity: 0.8; }
.figures button { padding: 0; border: 0; background: none; color: inherit; font: inherit; cursor: help; }
.figures button { text-align: inherit; }
.figures .best { font-weight: 700; background: color-mix(in srgb, currentColor 12%, transparent); }
.figures .tag { display: inline-block; white-space: nowrap; }
.figures .tag.tag { text-decoration: none; }
.figures .tag.tag { padding: 1px 8px; border: 1px solid currentColor; border-radius: 10px; font-size: 13px; }
.definitions { position: relative; overflow-x: auto; font-size: 14px; }
.definitions table { border-collapse: collapse; width: 100%; }
.definitions :is(th, td) { padding: 4px 10px 4px 0; text-align: left; vertical-align: top; }
.definitions th { font-weight: 600; white-space: nowrap; }
.definitions td { border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.definitions td:last-child { min-width: 240px; }
.definitions button { padding: 0; border: 0; background: none; color: inherit; font: inherit; cursor: help; }
.figures .told { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
</style>"""

_MANY = 20  # rows, with which the table is as high as it gets
# Styles of a page's elements come with these, when something stands in their place already.
PLACES = """
.st-key-table-controls label[data-testid=stWidgetLabel] { margin: 0; min-height: 0; white-space: nowrap; }
.st-key-table-controls :is([data-testid=stSelectbox], [data-testid=stMultiSelect]) {
  display: flex; align-items: center; gap: 8px;
}
.st-key-table-controls :is([data-testid=stSelectbox], [data-testid=stMultiSelect]) > div { flex: 1; min-width: 0; }
""" + "".join(
    f".st-key-figures-{runs} {{ min-height: calc(56px + min(70vh, {130 + 56 * runs}px)); }}\n"
    for runs in range(1, _MANY + 1)
)


def place(runs: int) -> str:
    """The key of the container for a table of so many runs and its sentence, whose place is kept while it loads."""
    return f"figures-{min(runs, _MANY)}"
