"""The table, runs by metrics: what each is, who has the best; as HTML, CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from explorer.views.metric_columns import (
    ALL,
    ARROWS,
    BY_NAME,
    DIRECTIONS,
    NONE,
    PLUS_MINUS,
    Column,
    Metrics,
    Row,
    Spread,
)
from explorer.views.metric_sentences import headline, headline_of_seeds, missing
from explorer.views.number_text import listed
from explorer.views.parameters import OPTION
from explorer.views.plain_text import as_cell, as_text
from explorer.views.run_options import NO_VALUE, Option, differing
from explorer.views.seed_groups import together

NO_PRIOR = (
    "A code without noise is not tied to a prior: its samples are decoded at draws of N(0, I) all the same, and their "
    "figures are never marked as best"
)
LIKELIHOOD = "Nats under different likelihoods are not comparable: none of them is marked as best"

ORDERS, ORDERED = "\N{UP DOWN ARROW}", "\N{BLACK DOWN-POINTING SMALL TRIANGLE}"
LONG = 28  # characters, beyond which a text is set in several lines
_NONE = f'<span aria-hidden="true">{NONE}</span><span class="told">none</span>'


@dataclass(frozen=True)
class Table:
    """Rows in the order to show, by `sort`; metrics that no row has are left out. `definitions` by metric."""

    rows: tuple[Row, ...]
    definitions: Mapping[str, str]
    sort: str = "given"

    @cached_property
    def columns(self) -> list[Column]:
        """The columns."""
        return [column for column in ALL if any(column.value(row.metrics) is not None for row in self.rows)]

    @cached_property
    def kinds_differ(self) -> bool:
        """Whether the runs have different likelihoods, which their names then carry."""
        return len({row.kind.likelihood for row in self.rows}) > 1

    @cached_property
    def options(self) -> list[Option]:
        """The options that differ between the rows."""
        return differing([row.options for row in self.rows])

    def best(self, column: Column) -> set[str]:
        """Names of the best runs: those that read the same are equally good.

        None where neither way is better, where there is nothing to choose, or where runs cannot be compared. A mean
        over seeds is as good as the best where its spread reaches as far as the best's.
        """
        ranked = [row for row in self.rows if column.value(row.metrics) is not None and not column.no_merit(row)]
        bounded = [row for row in self.rows if column.at_least(row.metrics) is not None]
        if column.better is None or len({column.group(row) for row in [*ranked, *bounded]}) > 1:
            return set()
        sign = -1 if column.better == "down" else 1
        if bounded:
            values = {row.name: value for row in ranked if (value := column.value(row.metrics)) is not None}
            return self._best_of_bounds(column, bounded, values)
        merits = {row.name: sign * merit for row in ranked if (merit := column.merit(row.metrics)) is not None}
        if len(set(merits.values())) < 2:
            return set()
        leeway = {row.name: column.leeway(row) for row in ranked}
        highest = max(merits.values())
        least = max(merit - leeway[name] for name, merit in merits.items() if merit == highest)
        good = {name for name, merit in merits.items() if merit == highest or merit + leeway[name] >= least}
        return good if len(good) < len(merits) else set()

    @staticmethod
    def _best_of_bounds(column: Column, bounded: Sequence[Row], values: Mapping[str, float]) -> set[str]:
        """The one run with a bound if that is above all numbers: of two bounds, the lower may be the better run's."""
        low = column.at_least(bounded[0].metrics)
        certain = len(bounded) == 1 and low is not None and values and low > max(values.values())
        return {bounded[0].name} if certain else set()

    def images(self, column: Column) -> str:
        """The images a column is of, in a few words."""
        found = {_said(column.images, row) for row in self.rows if column.value(row.metrics) is not None}
        return found.pop() if len(found) == 1 else "images differ"

    def sample(self, column: Column) -> str:
        """The sample behind a column, and its seed."""
        samples = [
            _said(lambda metrics: f"{column.sample(metrics)}; seed {metrics['seed']}", row)
            for row in self.rows
            if column.value(row.metrics) is not None
        ]
        different = list(dict.fromkeys(samples))
        return different[0] if len(different) == 1 else "differs from run to run: " + " | ".join(different)


def _said(words: Callable[[Metrics], str], row: Row) -> str:
    """What a run's metrics say of their sample; one that was written before that was recorded says nothing."""
    try:
        return words(row.metrics)
    except (KeyError, TypeError):
        return "not recorded"


@dataclass(frozen=True)
class Texts:
    """All that the page shows of a table; `missing` is empty where no run lacks a metric."""

    headline: str
    html: str
    missing: str
    definitions: str
    csv: str
    markdown: str


def texts(
    rows: Sequence[Row], dataset: str, sort: str, definitions: Mapping[str, str], seeds_together: bool = False
) -> Texts:
    """The table of a data set's runs in all its forms; `sort` as for `table`.

    `seeds_together`: runs that are alike but for their seed are one row.
    """
    grouped = together(rows) if seeds_together else None
    shown = table(grouped.rows if grouped else rows, sort, definitions)
    return Texts(
        headline_of_seeds(grouped.sentence, shown.rows, shown.best(BY_NAME["elbo"])) if grouped else headline(rows),
        to_html(shown),
        missing(rows),
        definitions_html(shown),
        to_csv(shown, dataset),
        to_markdown(shown, dataset),
    )


def table(rows: Sequence[Row], sort: str, definitions: Mapping[str, str]) -> Table:
    """The table by the metric `sort`, best run first, or the smallest where neither way is better; without it last.

    Runs that cannot be compared by the metric stand in groups, each in this order. As given for "given"; by an option
    for "option:" and its name, those that have none last.
    """
    if sort == "given":
        return Table(tuple(rows), definitions)
    if sort.startswith(OPTION):
        name = sort.removeprefix(OPTION)
        return Table(tuple(sorted(rows, key=lambda row: row.options.get(name, NO_VALUE))), definitions, sort)
    column = BY_NAME[sort]
    sign = -1 if column.better in ("up", "ceiling") else 1
    groups = list(dict.fromkeys(column.group(row) for row in rows if column.value(row.metrics) is not None))

    def place(row: Row) -> tuple[bool, int, float]:
        merit = column.merit(row.metrics)
        return (True, 0, 0) if merit is None else (False, groups.index(column.group(row)), sign * merit)

    return Table(tuple(sorted(rows, key=place)), definitions, sort)


def to_html(shown: Table) -> str:
    """The table for the page: scrolls sideways by itself, the best of each column marked."""
    bests = {column.name: shown.best(column) for column in shown.columns}
    heads = "".join(
        [
            *(_option_head(option, shown) for option in shown.options),
            *(_head(column, shown) for column in shown.columns),
        ]
    )
    body = "".join(
        f'<tr><th scope="row">{escape(row.title)}{_tags(row, shown)}</th>'
        + "".join(_option_cell(row, option) for option in shown.options)
        + "".join(_cell(column, row, row.name in bests[column.name]) for column in shown.columns)
        + "</tr>"
        for row in shown.rows
    )
    return (
        '<div class="figures" role="region" aria-label="Figures of the runs" tabindex="0"><table>'
        f'<thead><tr><th scope="col">Run</th>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def to_csv(shown: Table, dataset: str) -> str:
    """A row for each run with its metrics as stored, and their sample sizes, seed and feature network."""
    sizes = ("images", "samples", "bound_images", "bound_draws", "held_out_images", "prior_draws", "neighbours")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = [f"{column.name} [{column.unit}]" if column.unit == "nats" else column.name for column in shown.columns]
    extra = [
        "likelihood",
        "latent_dim",
        "collapsed",
        "prior_coverage_ceiling",
        "recognisable_images",
        "recognised_classes",
        *sizes,
        "frechet_images",
        "feature_network",
        "feature_network_sha256",
        "seed",
    ]
    options = [f"{OPTION}{option.name}" for option in shown.options]
    spreads = [f"{name} spread" for name in columns if any(row.spread for row in shown.rows)]
    writer.writerow(["dataset", "run", *options, *columns, *spreads, *extra])
    for row in shown.rows:
        network = row.metrics.get("feature_network") or {}
        kind = {"likelihood": row.kind.likelihood, "latent_dim": row.kind.latent_dim}
        facts = {
            **row.metrics,
            **kind,
            "feature_network": network.get("name"),
            "feature_network_sha256": network.get("sha256"),
        }
        given = [row.options.get(option.name) for option in shown.options]
        values = [
            *(value.text if value else None for value in given),
            *(column.value(row.metrics) for column in shown.columns),
            *(column.deviation(row) for column in shown.columns if spreads),
            *(facts.get(name) for name in extra),
        ]
        cells = [
            dataset,
            " + ".join(row.spread.names) if row.spread else row.name,
            *("" if value is None else value for value in values),
        ]
        writer.writerow([as_cell(cell) for cell in cells])
    return out.getvalue()


def to_markdown(shown: Table, dataset: str) -> str:
    """The table, the best of each column in bold, and under it what each metric is."""
    given = [as_text(option.title) for option in shown.options]
    head = ["Run", *given, *(f"{column.label} {ARROWS[column.better]}".strip() for column in shown.columns)]
    lines = [
        f"# Runs on {as_text(dataset)}",
        "",
        _line(head),
        _line(["---"] * (1 + len(given)) + ["---:"] * len(shown.columns)),
    ]
    bests = [shown.best(column) for column in shown.columns]
    for row in shown.rows:
        tags = [text for text, _ in tags_of(row, shown)]
        title = as_text(row.title)
        named = f"{title} ({', '.join(tags)})" if tags else title
        made = [as_text(row.options.get(option.name, NO_VALUE).text) for option in shown.options]
        cells = [_marked(column, row, row.name in best) for column, best in zip(shown.columns, bests, strict=True)]
        lines.append(_line([named, *made, *cells]))
    return "\n".join([*lines, "", definitions_markdown(shown)]) + "\n"


def _marked(column: Column, row: Row, best: bool) -> str:
    """A cell in Markdown."""
    text, beside = column.shown(row), column.beside(row.metrics)
    return (f"**{text}**" if best else text) + (f" ({beside})" if beside else "")


def definitions_markdown(shown: Table) -> str:
    """What each metric is: better, unit, sample, seed, definition."""
    head, *told = _definitions(shown)
    lines = [[title, better, unit, as_text(sample), text] for title, better, unit, sample, text in told]
    return "\n".join(_line(cells) for cells in (head, ["---"] * len(head), *lines))


def definitions_html(shown: Table) -> str:
    """The same for the page, where words and equations explain themselves (explorer/web/hosts/native_terms.js)."""
    head, *told = _definitions(shown)
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    rows = ("".join(f"<td>{escape(cell.replace('`', ''), quote=False)}</td>" for cell in cells) for cells in told)
    return (
        f'<div class="definitions"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(f'<tr>{cells}</tr>' for cells in rows)}</tbody></table></div>"
    )


def _definitions(shown: Table) -> list[list[str]]:
    """The table of what each metric is, its head first, as plain text."""
    lines = [["Figure", "Better", "Unit", "Sample", "Definition"]]
    for column in shown.columns:
        unit = {"": "none", "nats": "nats per image"}.get(column.unit, column.unit)
        way = DIRECTIONS[column.better].removesuffix(" is better")
        better = f"{ARROWS[column.better]} {way}" if column.better else "neither way"
        lines.append([column.title, better, unit, shown.sample(column), shown.definitions.get(column.name, "")])
    return lines


def tags_of(row: Row, shown: Table) -> list[tuple[str, str]]:
    """What stands beside a run's name, each with what it means."""
    tags = [("note", row.note)] if row.note else []
    if row.spread:
        tags.append((f"{len(row.spread.seeds)} seeds", _of_seeds(row.spread)))
        if 0 < row.spread.collapsed < len(row.spread.seeds):
            tags.append((f"{row.spread.collapsed} collapsed", shown.definitions.get("collapsed", "")))
    if row.metrics.get("collapsed"):
        tags.append(("collapsed", shown.definitions.get("collapsed", "")))
    if row.kind.deterministic:
        tags.append(("no prior", NO_PRIOR))
    if shown.kinds_differ:
        tags.append((row.kind.likelihood_text, LIKELIHOOD))
    return tags


def _head(column: Column, shown: Table) -> str:
    unit = f"{_nats()} " if column.unit == "nats" else f"{column.unit} " if column.unit else ""
    arrow = f'<span aria-hidden="true">{ARROWS[column.better]}</span>' if column.better else ""
    definition = shown.definitions.get(column.name, "")
    way = "descending" if column.better in ("up", "ceiling") else "ascending"
    here = f' aria-sort="{way}"' if column.name == shown.sort else ""
    return (
        f'<th scope="col"{here}>{_explained("term", column.title, definition)}'
        f"{_order(column.name, column.title, shown)}"
        f'<small>{unit}{arrow}<span class="told">{DIRECTIONS[column.better]}</span></small>'
        f'<small class="images">{escape(shown.images(column))}</small></th>'
    )


def _of_seeds(spread: Spread) -> str:
    seeds, titles = listed(list(spread.seeds), len(spread.seeds)), listed(list(spread.titles), len(spread.titles))
    return f"Mean {PLUS_MINUS} standard deviation over the seeds {seeds}: {titles}"


def _option_head(option: Option, shown: Table) -> str:
    title = _explained("term", option.title, option.meaning) if option.meaning else escape(option.title)
    sort = f"{OPTION}{option.name}"
    here = ' aria-sort="ascending"' if sort == shown.sort else ""
    return f'<th scope="col" class="option"{here}>{title}{_order(sort, option.title, shown)}</th>'


def _order(sort: str, title: str, shown: Table) -> str:
    """A button that orders the table by a column, or as the runs were chosen where it is ordered so already."""
    here = sort == shown.sort
    words, arrow = ("Order as chosen", ORDERED) if here else (f"Order by {title}", ORDERS)
    order = "given" if here else escape(sort)
    return (
        f'<button type="button" class="order" data-order="{order}" aria-label="{escape(words)}" '
        f'title="{escape(words)}"><span aria-hidden="true">{arrow}</span></button>'
    )


def _option_cell(row: Row, option: Option) -> str:
    if not (value := row.options.get(option.name)):
        return f'<td class="option none">{_NONE}</td>'
    return f'<td class="option{" long" if len(value.text) > LONG else ""}">{escape(value.text)}</td>'


def _cell(column: Column, row: Row, best: bool) -> str:
    text, metrics = column.shown(row), row.metrics
    if text == NONE:
        return f'<td class="none">{_NONE}</td>'
    beside = column.beside(metrics)
    text += f" <small>{beside}</small>" if beside else ""
    return f'<td class="best">{text}<span class="told"> best</span></td>' if best else f"<td>{text}</td>"


def _tags(row: Row, shown: Table) -> str:
    return "".join(" " + _explained("tag", text, meaning) for text, meaning in tags_of(row, shown))


def _nats() -> str:
    """The unit, which the glossary explains."""
    return '<button type="button" class="lx-term" data-term="nats">nats</button>'


def _explained(kind: str, text: str, meaning: str) -> str:
    """A button that opens what it means, by tap, hover and focus (explorer/web/hosts/native_terms.js)."""
    return f'<button type="button" class="lx-term {kind}" data-words="{escape(meaning)}">{escape(text)}</button>'


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"
