"""What a run falls short in, as a list for the Table: each with its number and what to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """<style>
.findings { margin: 0; padding: 0 0 0 24px; font-size: 15px; font-variant-numeric: tabular-nums; }
.findings li { padding: 4px 0; }
.findings :is(b, span) { display: block; }
.findings b { font-weight: 600; }
.findings li > div { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 380px); gap: 4px 24px; }
.findings figure { margin: 0; font-size: 13px; }
.findings figure img { display: block; width: 100%; image-rendering: pixelated; }
.findings figure img.drawn { image-rendering: auto; max-width: 240px; }
.findings .bar { display: grid; grid-template-columns: minmax(0, 1fr) 56px minmax(0, 1.2fr); gap: 8px; }
.findings .bar { align-items: center; line-height: 1.3; }
.findings .bar i { height: 10px; min-width: 1px; border-radius: 2px; background: #1b8f9b; }
.findings .bar em { text-align: right; font-style: normal; }
.findings .key::before { content: ""; display: inline-block; width: 12px; height: 4px; margin: 0 6px 3px 0; }
.findings .key::before { background: var(--key); }
.findings .key { display: inline-block; margin-right: 12px; }
@media (max-width: 760px) { .findings li > div { grid-template-columns: minmax(0, 1fr); } }
</style>"""


@dataclass(frozen=True)
class Finding:
    """A title, the number in words, what to try, and its picture as HTML, empty for none."""

    title: str
    number: str
    advice: str
    picture: str = ""


def as_list(findings: Sequence[Finding]) -> str:
    """HTML, in their order."""
    rows = (
        f"<li><div><div><b>{_opened(one.title)}</b><span>{_opened(one.number)}.</span>"
        f"<span>Try: {escape(one.advice)}.</span></div>{one.picture}</div></li>"
        for one in findings
    )
    return f'{STYLE}<ol class="findings">{"".join(rows)}</ol>'


def _opened(text: str) -> str:
    return escape(text[:1].upper() + text[1:])
