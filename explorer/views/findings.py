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
</style>"""


@dataclass(frozen=True)
class Finding:
    """A title, the number in words, and what to try."""

    title: str
    number: str
    advice: str


def as_list(findings: Sequence[Finding]) -> str:
    """HTML, in their order."""
    rows = (
        f"<li><b>{_opened(one.title)}</b><span>{_opened(one.number)}.</span>"
        f"<span>Try: {escape(one.advice)}.</span></li>"
        for one in findings
    )
    return f'{STYLE}<ol class="findings">{"".join(rows)}</ol>'


def _opened(text: str) -> str:
    return escape(text[:1].upper() + text[1:])
