"""The chart of the table's place: a figure of the runs against one of their options, seeds as a spread."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from html import escape
from typing import Any

from explorer.views.metric_columns import AT_LEAST, NONE, PLUS_MINUS, Column, Row
from explorer.views.metrics_table import Table
from explorer.views.number_text import listed
from explorer.views.palette import run_colors
from explorer.views.plot import Figure, Trace, figure
from explorer.views.run_kind import why_apart
from explorer.views.run_options import NO_VALUE, SEED, Option, Options, Value, differing, values_of
from explorer.views.seed_groups import titles, together

SYMBOLS = ("circle", "square", "diamond", "cross", "x", "star")
A_BOUND = "triangle-up"
FAR = 8  # times the least value, from which on an axis is logarithmic
FAR_OUT, MARGIN = 1.0, 0.15  # of the height of the other runs: where a collapsed run is out of sight, and their room
BESIDE, MANY_LINES = 0.06, 8  # of the axis: by how much so many lines stand beside each other
MOST_TICKS = 12
CHOSEN_BY = ("latent_dim", "beta")  # what one most often has to choose
WORDS = {"up": "highest", "down": "lowest", "ceiling": "nearest to what can be attained"}


def options_to_choose(runs: Sequence[Options]) -> list[Option]:
    """The options that a figure may be drawn against: those that differ, but for the seed, numbers first."""
    found = [option for option in differing(runs) if option.name != SEED]

    def place(option: Option) -> tuple[int, bool]:
        first = CHOSEN_BY.index(option.name) if option.name in CHOSEN_BY else len(CHOSEN_BY)
        return first, not all(value.is_number for value in _values(runs, option))

    return sorted(found, key=place)


def chart(rows: Sequence[Row], column: Column, option: Option) -> tuple[str, Figure | None]:
    """What the chart shows in words, and itself; None where none of the runs has the figure.

    A run for each point, or the mean of those that differ in nothing but their seed. Points of runs that are alike in
    all else are joined. Runs whose figures may not be held against each other have other marks, and it is said.
    """
    grouped = together(rows).rows
    with_value = [row for row in grouped if column.value(row.metrics) is not None or _bound(column, row) is not None]
    numbers = all(value.is_number for value in _values([row.options for row in with_value], option))
    # Of a number that a run does not have there is no place on an axis; of words "none" is one.
    shown = [row for row in with_value if option.name in row.options or not numbers]
    if not shown:
        return f"No run shown has {column.title} and {option.title}: there is nothing to draw.", None
    without = [row.title for row in with_value if row not in shown]
    colors = dict(zip((row.name for row in grouped), run_colors(len(grouped)), strict=True))
    return _sentence(shown, column, option, without), _figure(shown, column, option, colors)


def _values(runs: Sequence[Options], option: Option) -> list[Value]:
    return values_of([run for run in runs if option.name in run], option.name)


def _value(option: Option, row: Row) -> Value:
    return row.options.get(option.name, NO_VALUE)


def _bound(column: Column, row: Row) -> float | None:
    return column.at_least(row.metrics)


def _height(column: Column, row: Row) -> float:
    """Where a point stands: the figure, or what it is known to be at least."""
    value = column.value(row.metrics)
    found = _bound(column, row) if value is None else value
    return (found or 0.0) * (100 if column.unit == "%" else 1)


def _whisker(column: Column, row: Row) -> float:
    """The standard deviation over a row's seeds, 0 without."""
    if not row.spread:
        return 0.0
    name = column.name if column.value(row.metrics) is not None else "importance_weighted_bound"
    return row.spread.deviations.get(name, 0.0) * (100 if column.unit == "%" else 1)


def _sentence(shown: Sequence[Row], column: Column, option: Option, without: list[str]) -> str:
    parts = [_best(shown, column, option)]
    if any(column.value(row.metrics) is None for row in shown):
        parts.append("A triangle is a bound: log p(x) is at least that, as it cannot be integrated there.")
    if any(row.spread for row in shown):
        parts.append("Whiskers: the standard deviation over the seeds.")
    parts += _of_collapsed([row for row in shown if row.metrics.get("collapsed")], _range(shown, column), column)
    if without:
        has = "has" if len(without) == 1 else "have"
        parts.append(f"Not drawn: {listed(without)}, which {has} no {option.title}.")
    return " ".join(parts)


def _of_collapsed(collapsed: Sequence[Row], sight: tuple[float, float] | None, column: Column) -> list[str]:
    """What is said of collapsed runs: those in sight are hollow, each of the others is named."""
    unit = f" {column.unit}" if column.unit else ""
    inside = [row for row in collapsed if not sight or sight[0] <= _height(column, row) <= sight[1]]
    told = [f"{row.title} ({column.shown(row)}{unit})" for row in collapsed if row not in inside]
    hollow = ["Hollow: collapsed, the code ignores the image."] if inside else []
    return hollow + (
        [f"Out of sight, as {'it' if len(told) == 1 else 'they'} collapsed: {listed(told)}."] if told else []
    )


def _best(shown: Sequence[Row], column: Column, option: Option) -> str:
    groups: dict[Hashable, list[Row]] = {}
    for row in shown:
        groups.setdefault(column.group(row), []).append(row)
    if len(groups) > 1:
        kinds = [row.kind for row in shown]
        why = why_apart(kinds, "likelihood" in column.alike) or "they are of different samples"
        largest = max(groups.values(), key=len)
        told = f" Of the {len(largest)} alike, {_best(largest, column, option)}" if len(largest) > 1 else ""
        return f"Points with different marks cannot be held against each other: {why}.{told}"
    if column.better is None:
        return f"{column.title} against {option.title}: neither more nor less of it is better by itself."
    best = Table(tuple(shown), {}).best(column)
    leading = [row for row in shown if row.name in best]
    if not leading:
        one = len(shown) == 1
        return f"{column.title} against {option.title}" + (": one run." if one else ": none is surely the best.")
    unit = f" {column.unit}" if column.unit else ""
    if len(leading) > 1:
        places = list(dict.fromkeys(_value(option, row).text for row in leading))
        highest = f"{column.title} is {WORDS[column.better]} at {option.title} {' and '.join(places)}"
        return f"{highest}, which are equally good as far as these runs tell."
    row = leading[0]
    place = f"{option.title} {_value(option, row).text}"
    return f"{column.title} is {WORDS[column.better]} at {place}: {row.title}, {column.shown(row)}{unit}."


def _figure(shown: Sequence[Row], column: Column, option: Option, colors: Mapping[str, str]) -> Figure:
    """`colors` of runs by name, the same as in the other figures; a line has that of its first run."""
    values = values_of([row.options for row in shown], option.name)
    numbers = all(value.is_number for value in values)
    groups = list(dict.fromkeys(column.group(row) for row in shown))
    lines: dict[Hashable, list[Row]] = {}
    for row in shown:
        lines.setdefault(row.name if not numbers else _apart_from(option, column, row), []).append(row)
    names, axis = _names(lines, option), _Axis(option, values, len(lines))
    traces: list[Trace] = []
    for which, (line, members) in enumerate(lines.items()):
        color = colors[members[0].name]
        members = sorted(members, key=lambda row: _value(option, row))
        whiskers = [_whisker(column, row) for row in members]
        symbol = SYMBOLS[groups.index(column.group(members[0])) % len(SYMBOLS)]
        apart = len(groups) > 1 and "likelihood" in column.alike
        traces.append(
            {
                "type": "scatter",
                "x": [axis.place(_value(option, row), which) for row in members],
                "y": [_height(column, row) for row in members],
                "name": names[line] + (f" ({members[0].kind.likelihood_text})" if apart else ""),
                "mode": "lines+markers" if len(members) > 1 else "markers",
                "line": {"color": color, "width": 1.5},
                "marker": {"color": color, "size": 11, "symbol": [_mark(column, row, symbol) for row in members]},
                "error_y": {"type": "data", "array": whiskers, "thickness": 2, "width": 6} if any(whiskers) else None,
                "customdata": [escape(_words(column, option, row), quote=False) for row in members],
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        )
    height = {"title": _title(column, shown), **({"range": found} if (found := _range(shown, column)) else {})}
    return figure(traces, axis.layout, height)


def _names(lines: dict[Hashable, list[Row]], option: Option) -> dict[Hashable, str]:
    """What the legend calls each line: its run, or what tells it from the other lines."""
    firsts = [members[0] for members in lines.values()]
    others = [found for found in differing([row.options for row in firsts]) if found.name not in (option.name, SEED)]
    told = titles(firsts, others)
    return {line: members[0].title if len(members) == 1 else told[members[0].name] for line, members in lines.items()}


def _apart_from(option: Option, column: Column, row: Row) -> Hashable:
    """What points that are joined have in common: all options but this one and the seed."""
    rest = frozenset((name, value) for name, value in row.options.items() if name not in (option.name, SEED))
    return column.group(row), rest


def _mark(column: Column, row: Row, symbol: str) -> str:
    mark = symbol if column.value(row.metrics) is not None else A_BOUND
    return f"{mark}-open" if row.metrics.get("collapsed") else mark


def _words(column: Column, option: Option, row: Row) -> str:
    bound = _bound(column, row)
    told = column.shown(row) if bound is None else f"{AT_LEAST} {column.text(row.metrics).removeprefix(f'{AT_LEAST} ')}"
    unit = f" {column.unit}" if column.unit else ""
    of = f", {len(row.spread.seeds)} seeds" if row.spread else ""
    place = f"{option.title} {_value(option, row).text}"
    named = row.title if place in row.title.split(", ") else f"{row.title}, {place}"
    return f"{named}: {told}{unit}{of}"


def _title(column: Column, shown: Sequence[Row]) -> str:
    title = escape(column.label, quote=False) if column.label else NONE
    return f"{title}, mean {PLUS_MINUS} s.d." if any(row.spread for row in shown) else title


def _range(shown: Sequence[Row], column: Column) -> tuple[float, float] | None:
    """The heights to show, where a collapsed run would press the others together; None for all."""
    ends = [
        (_height(column, row) - _whisker(column, row), _height(column, row) + _whisker(column, row))
        for row in shown
        if not row.metrics.get("collapsed")
    ]
    if not ends:
        return None
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    room = high - low
    far = any(not low - FAR_OUT * room <= _height(column, row) <= high + FAR_OUT * room for row in shown)
    return (low - MARGIN * room, high + MARGIN * room) if room and far else None


class _Axis:
    """Where values of an option stand: numbers by size or by their logarithm, words one after the other.

    Each of `count` lines stands a little beside the others, so that no point hides another.
    """

    def __init__(self, option: Option, values: Sequence[Value], count: int) -> None:
        self.option, self.values, self.count = option, values, count
        numbers = [float(value.key[1]) for value in values if value.is_number]
        if len(numbers) < len(values):
            self.at = dict(zip(values, map(float, range(len(values))), strict=True))
        else:
            far = numbers[0] > 0 and numbers[-1] >= FAR * numbers[0]
            self.at = dict(zip(values, map(math.log10, numbers) if far else numbers, strict=True))
        places = list(self.at.values())
        self.span = places[-1] - places[0] or 1.0

    def place(self, value: Value, line: int) -> float:
        """Where a point of one of the lines stands."""
        return self.at[value] + self.span * BESIDE * (line - (self.count - 1) / 2) / max(self.count, MANY_LINES)

    @property
    def layout(self) -> dict[str, Any]:
        """For plotly."""
        shown = self.values if len(self.values) <= MOST_TICKS else self.values[:: -(-len(self.values) // MOST_TICKS)]
        texts = [escape(value.text, quote=False) for value in shown]
        return {
            "title": escape(self.option.title, quote=False),
            "tickvals": [self.at[value] for value in shown],
            "ticktext": texts,
        }
