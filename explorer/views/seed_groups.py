"""Runs that are alike but for their seed, as one row of the table: mean and standard deviation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

from explorer.views.metric_columns import BY_NAME, PLUS_MINUS, Row, Spread
from explorer.views.number_text import listed
from explorer.views.run_options import SEED, Option, differing

# Of what a metric is to be held against the mean is taken, too; other facts are kept where they are the same.
_AVERAGED = ("prior_coverage_ceiling", "recognisable_images", "recognised_classes")


@dataclass(frozen=True)
class Grouped:
    """Rows with each group of seeds in one of them, and in words what is shown so."""

    rows: tuple[Row, ...]
    sentence: str


def has_siblings(rows: Sequence[Row]) -> bool:
    """Whether any two runs differ in nothing but their seed."""
    return any(len(members) > 1 for members in _groups(rows).values())


def together(rows: Sequence[Row]) -> Grouped:
    """Each group of two or more seeds as one row, in the place of its first run; other runs stay as they are."""
    groups = _groups(rows)
    several = [members for members in groups.values() if len(members) > 1]
    options = differing([members[0].options for members in groups.values()])
    # Where runs stand by themselves differ in their seeds, too, a group is not told from them by its seed.
    names = [option for option in options if option.name != SEED]

    named = titles([members[0] for members in several], names)
    made = tuple(
        _mean(members, named[members[0].name]) if len(members) > 1 else members[0] for members in groups.values()
    )
    return Grouped(made, _sentence(several, len(made) - len(several), _repeated(rows)))


def titles(rows: Sequence[Row], options: Sequence[Option]) -> dict[str, str]:
    """What tells groups apart, by the name of their first runs: as many of the options as that takes, in order."""
    told = dict.fromkeys((row.name for row in rows), "")
    for option in options:
        if "" not in told.values() and len(set(told.values())) == len(rows):
            break
        for row in rows:
            value = row.options.get(option.name)
            words = "" if value is None else f"{option.title} {value.text}" if value.is_number else value.text
            told[row.name] = ", ".join(part for part in (told[row.name], words) if part)
    return {name: title or "All alike but for the seed" for name, title in told.items()}


def _alike(row: Row) -> Hashable:
    options = frozenset((name, value) for name, value in row.options.items() if name != SEED)
    return row.kind, options


def _repeated(rows: Sequence[Row]) -> int:
    """How many runs share all of their options with another one, their seed too."""
    found = Counter((_alike(row), row.options[SEED]) for row in rows if SEED in row.options)
    return sum(count for count in found.values() if count > 1)


def _groups(rows: Sequence[Row]) -> dict[Hashable, list[Row]]:
    """Runs by what they have in common but for their seed.

    One that was not trained here, so that its seed is no seed of training, is by itself; so are runs that share a seed
    with another one like them: they say nothing of how seeds differ.
    """
    seeds = Counter((_alike(row), row.options[SEED]) for row in rows if SEED in row.options)
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        alone = SEED not in row.options or seeds[_alike(row), row.options[SEED]] > 1
        groups.setdefault(row.name if alone else _alike(row), []).append(row)
    return groups


def _mean(members: Sequence[Row], title: str) -> Row:
    ordered = sorted(members, key=lambda row: row.options[SEED])
    seeds = tuple(row.options[SEED].text for row in ordered)
    metrics = _common([row.metrics for row in ordered])
    deviations: dict[str, float] = {}
    for name in (*BY_NAME, *_AVERAGED):
        column = BY_NAME.get(name)
        values = [column.value(row.metrics) if column else row.metrics.get(name) for row in ordered]
        numbers = [value for value in values if value is not None]
        metrics.pop(name, None)
        if len(numbers) < len(ordered):
            continue
        mean = fmean(numbers)
        metrics[name] = {**_common([row.metrics["gap"] for row in ordered]), "mean": mean} if name == "gap" else mean
        deviations[name] = stdev(numbers)
    collapsed = sum(bool(row.metrics.get("collapsed")) for row in ordered)
    facts = {"collapsed": collapsed == len(ordered), "seed": _same(ordered, "seed")}
    names, titles = tuple(row.name for row in ordered), tuple(row.title for row in ordered)
    spread = Spread(seeds, names, titles, deviations, collapsed)
    first = members[0]
    options = {**first.options, SEED: replace(first.options[SEED], text=", ".join(seeds))}
    return replace(first, title=title, metrics={**metrics, **facts}, options=options, spread=spread, note="")


def _same(rows: Sequence[Row], name: str) -> str:
    """What rows say of a fact, each different one once."""
    found = dict.fromkeys(str(row.metrics[name]) for row in rows if name in row.metrics)
    return listed(list(found), len(found)) if found else "not recorded"


def _common(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What several records all say alike."""
    first = records[0]
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in records[1:])}


def _sentence(groups: Sequence[Sequence[Row]], alone: int, repeated: int) -> str:
    if not groups:
        return "No two of these runs differ in their seed alone: each stands by itself"
    counts = sorted({len(members) for members in groups})
    over = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    rows = f"A row with {PLUS_MINUS} is" if len(groups) == 1 else f"Each of {len(groups)} rows with {PLUS_MINUS} is"
    parts = [f"{rows} the mean and the standard deviation over the runs of {over} seeds, alike in all other options"]
    if alone:
        have = "1 run has no such sibling and stands" if alone == 1 else f"{alone} runs have no such sibling and stand"
        parts.append(f"{have} by itself" if alone == 1 else f"{have} by themselves")
    if repeated:
        parts.append(f"{repeated} runs share even their seed with another one and are no spread")
    return "; ".join(parts)
