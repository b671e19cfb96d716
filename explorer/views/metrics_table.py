"""The table of the Metrics page, runs by metrics: what each is, who has the best; as HTML, CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any, Literal

from explorer.views.pages import COLUMNS

Metrics = Mapping[str, Any]
NONE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
ARROWS = {"up": "\N{UPWARDS ARROW}", "down": "\N{DOWNWARDS ARROW}"}
DIRECTIONS = {"up": "higher is better", "down": "lower is better"}


@dataclass(frozen=True)
class Column:
    """A metric: its title, unit, which way is better, and in words the sample behind a run's value."""

    name: str
    title: str
    unit: str
    better: Literal["up", "down"]
    sample: Callable[[Metrics], str]

    @property
    def label(self) -> str:
        """Title and unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def value(self, metrics: Metrics) -> float | None:
        """A run's number, None if it has none; of a distribution the mean."""
        found = metrics.get(self.name)
        return found["mean"] if isinstance(found, Mapping) else found

    def text(self, metrics: Metrics) -> str:
        """The number as people read it."""
        value = self.value(metrics)
        if value is None:
            return NONE
        if self.unit == "%":
            return f"{100 * value:.1f}"
        if self.name == "active_units":
            return f"{value:.0f}"
        digits = 2 if self.unit == "nats" else 3 if abs(value) < 1 else 2
        return f"{value:.{digits}f}".replace("-", MINUS)


def _test(metrics: Metrics) -> str:
    return f"{metrics['images']:,} test images, {metrics['samples']} draws of z each"


def _bound(metrics: Metrics) -> str:
    return f"the first {metrics['bound_images']:,} test images"


def _held_out(metrics: Metrics) -> str:
    return f"{metrics['held_out_images']:,} held-out images"


def _frechet(metrics: Metrics) -> str:
    return f"{metrics['frechet_images']:,} images against as many test images"


def _classifier(metrics: Metrics) -> str:
    network = metrics["feature_network"]
    named = f"{network['name']}, accuracy {100 * network['accuracy']:.2f} %, SHA-256 {network['sha256'][:12]}"
    return f"{_frechet(metrics)}; {named}"


_ALL = (
    Column("elbo", "ELBO", "nats", "up", _test),
    Column("reconstruction", "Reconstruction", "nats", "down", _test),
    Column("kl", "KL", "nats", "down", _test),
    Column(
        "bound_elbo",
        "ELBO, same images",
        "nats",
        "up",
        lambda m: f"{_bound(m)}, {m['samples']} draws of z each",
    ),
    Column(
        "importance_weighted_bound",
        "Importance bound",
        "nats",
        "up",
        lambda m: f"{_bound(m)}, K = {m['bound_draws']:,} draws of z each",
    ),
    Column("log_evidence", "log p(x)", "nats", "up", lambda m: f"{_bound(m)}, by integration"),
    Column(
        "gap",
        "Gap to log p(x)",
        "nats",
        "down",
        lambda m: f"{m['gap']['images']:,} held-out images, by integration",
    ),
    Column("frechet_samples", "Fréchet, samples", "", "down", _classifier),
    Column("frechet_reconstructions", "Fréchet, rebuilt", "", "down", _classifier),
    Column("inception_samples", "FID, samples", "", "down", _frechet),
    Column("inception_reconstructions", "FID, rebuilt", "", "down", _frechet),
    Column("recognisable", "Recognisable samples", "%", "up", lambda m: f"{m['prior_draws']:,} draws of the prior"),
    Column(
        "prior_coverage",
        "Prior coverage",
        "%",
        "up",
        lambda m: f"{_held_out(m)}, {m['prior_draws']:,} draws of the prior",
    ),
    Column("neighbour_accuracy", "k-NN accuracy", "%", "up", lambda m: f"{_held_out(m)}, {m['neighbours']} neighbours"),
    Column("active_units", "Active units", "", "up", _held_out),
)
BY_NAME = {column.name: column for column in _ALL}
assert tuple(BY_NAME) == COLUMNS


@dataclass(frozen=True)
class Row:
    """A run of the table: its `name` and `title`, and what its metrics.json holds."""

    name: str
    title: str
    metrics: Metrics


@dataclass(frozen=True)
class Table:
    """Rows in the order to show; metrics that no row has are left out. `definitions` by metric."""

    rows: tuple[Row, ...]
    definitions: Mapping[str, str]

    @cached_property
    def columns(self) -> list[Column]:
        """The columns."""
        return [column for column in _ALL if any(column.value(row.metrics) is not None for row in self.rows)]

    def best(self, column: Column) -> set[str]:
        """Texts of the best value: runs that read the same are equally good. None where there is nothing to choose."""
        texts = {column.text(row.metrics): column.value(row.metrics) for row in self.rows}
        values = [value for value in texts.values() if value is not None]
        if len(values) < 2:
            return set()
        best = max(values) if column.better == "up" else min(values)
        return {text for text, value in texts.items() if value == best}

    def sample(self, column: Column) -> str:
        """The sample behind a column, and its seed."""
        samples = [
            f"{column.sample(row.metrics)}; seed {row.metrics['seed']}"
            for row in self.rows
            if column.value(row.metrics) is not None
        ]
        different = list(dict.fromkeys(samples))
        return different[0] if len(different) == 1 else "differs from run to run: " + " | ".join(different)


@dataclass(frozen=True)
class Texts:
    """All that the page shows of a table; `missing` is empty where no run lacks a metric."""

    headline: str
    html: str
    missing: str
    definitions: str
    csv: str
    markdown: str


def texts(rows: Sequence[Row], dataset: str, sort: str, definitions: Mapping[str, str]) -> Texts:
    """The table of a data set's runs in all its forms; `sort` as for `table`."""
    shown = table(rows, sort, definitions)
    return Texts(
        headline(shown),
        to_html(shown),
        missing(rows, dataset),
        definitions_markdown(shown),
        to_csv(shown, dataset),
        to_markdown(shown, dataset),
    )


def table(rows: Sequence[Row], sort: str, definitions: Mapping[str, str]) -> Table:
    """The table, best run first by the metric `sort`, runs without it last; as given for "given"."""
    if sort == "given":
        return Table(tuple(rows), definitions)
    column = BY_NAME[sort]
    sign = -1 if column.better == "up" else 1

    def place(row: Row) -> tuple[bool, float]:
        value = column.value(row.metrics)
        return value is None, sign * (value or 0)

    return Table(tuple(sorted(rows, key=place)), definitions)


def to_html(shown: Table) -> str:
    """The table for the page: scrolls sideways by itself, the best of each column marked."""
    bests = {column.name: shown.best(column) for column in shown.columns}
    heads = "".join(_head(column, shown.definitions.get(column.name, "")) for column in shown.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row.title)}{_tag(row.metrics, shown.definitions)}</th>'
        + "".join(_cell(column, row.metrics, bests[column.name]) for column in shown.columns)
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
    extra = ["collapsed", *sizes, "frechet_images", "feature_network", "feature_network_sha256", "seed"]
    writer.writerow(["dataset", "run", *columns, *extra])
    for row in shown.rows:
        network = row.metrics.get("feature_network") or {}
        facts = {**row.metrics, "feature_network": network.get("name"), "feature_network_sha256": network.get("sha256")}
        values = [column.value(row.metrics) for column in shown.columns] + [facts.get(name) for name in extra]
        writer.writerow([dataset, row.name, *("" if value is None else value for value in values)])
    return out.getvalue()


def to_markdown(shown: Table, dataset: str) -> str:
    """The table, the best of each column in bold, and under it what each metric is."""
    head = ["Run", *(f"{column.label} {ARROWS[column.better]}" for column in shown.columns)]
    lines = [f"# Runs on {dataset}", "", _line(head), _line(["---", *["---:"] * len(shown.columns)])]
    bests = [shown.best(column) for column in shown.columns]
    for row in shown.rows:
        texts = [(column.text(row.metrics), best) for column, best in zip(shown.columns, bests, strict=True)]
        collapsed = " (collapsed)" if row.metrics.get("collapsed") else ""
        lines.append(_line([row.title + collapsed, *(f"**{text}**" if text in best else text for text, best in texts)]))
    return "\n".join([*lines, "", definitions_markdown(shown)]) + "\n"


def definitions_markdown(shown: Table) -> str:
    """What each metric is: better, unit, sample, seed, definition."""
    lines = [_line(["Figure", "Better", "Unit", "Sample", "Definition"]), _line(["---"] * 5)]
    for column in shown.columns:
        definition = shown.definitions.get(column.name, "")
        unit = {"": "none", "nats": "nats per image"}.get(column.unit, column.unit)
        better = f"{ARROWS[column.better]} {DIRECTIONS[column.better].removesuffix(' is better')}"
        lines.append(_line([column.title, better, unit, shown.sample(column), definition]))
    return "\n".join(lines)


def headline(shown: Table) -> str:
    """What to see in the table, in a sentence that is true of it."""
    elbos = [(value, row.title) for row in shown.rows if (value := BY_NAME["elbo"].value(row.metrics)) is not None]
    collapsed = [row.title for row in shown.rows if row.metrics.get("collapsed")]
    parts = []
    if len(elbos) > 1:
        value, title = max(elbos)
        nats = f"{value:.1f}".replace("-", MINUS)
        parts.append(f"{title} has the highest ELBO (Eq. 9), {nats} nats")
    if collapsed:
        named = " and ".join(collapsed) if len(collapsed) < 3 else f"{len(collapsed)} runs"
        parts.append(f"{named} {'has' if len(collapsed) == 1 else 'have'} collapsed: q(z|x) ignores the image")
    return "; ".join(parts) + "." if parts else "The figures of a run, each with its definition."


def missing(rows: Sequence[Row], dataset: str) -> str:
    """One line on how to get metrics that runs lack; empty if they lack none."""
    lacking = [row.name for row in rows if "importance_weighted_bound" not in row.metrics]
    if not lacking:
        return ""
    runs = "1 run" if len(lacking) == 1 else f"{len(lacking)} runs"
    return (
        f"{runs} of {len(rows)} lack the bounds, log p(x), the gap and the Fréchet distances, which take minutes: "
        f"`python -m training evaluate checkpoints/{dataset}/{lacking[0]} --save`"
    )


def _head(column: Column, definition: str) -> str:
    unit = f"{column.unit} " if column.unit else ""
    return (
        f'<th scope="col" title="{escape(definition)}"><span class="term">{escape(column.title)}</span>'
        f'<small>{unit}<span aria-hidden="true">{ARROWS[column.better]}</span>'
        f'<span class="told">{DIRECTIONS[column.better]}</span></small></th>'
    )


def _cell(column: Column, metrics: Metrics, best: set[str]) -> str:
    text = column.text(metrics)
    if text == NONE:
        return f'<td class="none"><span aria-hidden="true">{NONE}</span><span class="told">none</span></td>'
    return f'<td class="best">{text}<span class="told"> best</span></td>' if text in best else f"<td>{text}</td>"


def _tag(metrics: Metrics, definitions: Mapping[str, str]) -> str:
    if not metrics.get("collapsed"):
        return ""
    return f' <span class="tag" title="{escape(definitions.get("collapsed", ""))}">collapsed</span>'


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"
