"""One speed as results.md and the README tell it: what a person feels, ours, a named peer of the same run, the aim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Feel = Literal["Start", "Drag", "Compute", "Train"]
FEELS: tuple[Feel, ...] = ("Start", "Drag", "Compute", "Train")
HEAD = "| | ours | peer | ratio | aim |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Measure:
    """A time, a rate or a size; `aim` is on the ratio where there is a peer, else on the value itself.

    The ratio is ours / peer, peer / ours with `inverse`: so that it says "times as fast" of two times. `paired` is the
    median of the ratios of interleaved rounds, where there were several.
    """

    feel: Feel
    what: str
    value: float
    unit: str
    aim: str = ""
    peer: str = ""
    peer_value: float | None = None
    inverse: bool = False
    paired: float | None = None

    @property
    def ratio(self) -> float | None:
        """How ours stands to the peer; None without one."""
        if self.paired is not None or self.peer_value is None:
            return self.paired
        return self.peer_value / self.value if self.inverse else self.value / self.peer_value

    @property
    def missed(self) -> bool:
        """Whether the aim, "<= 0.9" or ">= 3", is not reached."""
        if not self.aim:
            return False
        sign, bound = self.aim.split()
        reached = self.value if self.ratio is None else self.ratio
        return reached > float(bound) if sign == "<=" else reached < float(bound)

    def row(self) -> str:
        """The row of a Markdown table."""
        peer = "" if self.peer_value is None else f"{_short(self.peer_value)} {self.unit}, {self.peer}"
        ratio = "" if self.ratio is None else f"{_short(self.ratio)} x"
        aim = f"{self.aim}{', missed' if self.missed else ''}"
        return f"| {self.what} | {_short(self.value)} {self.unit} | {peer} | {ratio} | {aim} |"


def tables(measures: Sequence[Measure]) -> str:
    """All measures in Markdown, a table for each thing that a person feels."""
    parts = []
    for feel in FEELS:
        if rows := [measure.row() for measure in measures if measure.feel == feel]:
            parts += [f"**{feel}**", "", HEAD, *rows, ""]
    return "\n".join(parts).rstrip() + "\n"


def _short(value: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{float(f'{value:.3g}'):,.10g}"
