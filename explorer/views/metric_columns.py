"""The columns of the table: each metric, which way is better if any, the images it is of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from explorer.views.compare import MOST_DIMENSIONS, TELLING
from explorer.views.number_text import MINUS, ZERO, adding_up, fixed, negated
from explorer.views.pages import COLUMNS
from explorer.views.run_kind import RunKind
from explorer.views.run_options import Options

Metrics = Mapping[str, Any]
NONE = "\N{EN DASH}"
PLUS_MINUS = "\N{PLUS-MINUS SIGN}"
APART = 5e-4  # nats: more than rounding to the four decimals of metrics.json can do to a sum of three figures
AT_LEAST = "\N{GREATER-THAN OR EQUAL TO}"
ARROWS = {"up": "\N{UPWARDS ARROW}", "ceiling": "\N{UPWARDS ARROW}", "down": "\N{DOWNWARDS ARROW}", None: ""}
AGAINST = {
    "prior_coverage": ("prior_coverage_ceiling", "of at most"),
    "recognisable": ("recognisable_images", "real images"),
}
DIRECTIONS = {
    "up": "higher is better",
    "ceiling": "nearer to what can be attained is better",
    "down": "lower is better",
    None: "neither more nor less is better by itself",
}


@dataclass(frozen=True)
class Spread:
    """What a row of several runs is of, alike but for their seeds: these, and the runs' names and titles.

    `deviations`: of each metric that all of them have, the standard deviation over the seeds (n - 1). `collapsed`: how
    many of the runs have collapsed.
    """

    seeds: tuple[str, ...]
    names: tuple[str, ...]
    titles: tuple[str, ...]
    deviations: Mapping[str, float]
    collapsed: int = 0


@dataclass(frozen=True)
class Row:
    """A run of the table: its `name` and `title`, what kind of run it is, and what its metrics.json holds.

    `options`: what it was made with; `note`: what a person notes of it. With a `spread` it stands for several runs, and
    its metrics are their means.
    """

    name: str
    title: str
    kind: RunKind
    metrics: Metrics
    options: Options = field(default_factory=dict)
    spread: Spread | None = None
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A metric: its title, unit, which way is better, and in words the images behind it, short and whole.

    `alike`: what must be the same of two runs, beside their images, for one to be better by this metric: fields of
    their kinds or of their metrics. `of_prior`: it is of draws from the prior, which a code without noise has none of.
    """

    name: str
    title: str
    unit: str
    better: Literal["up", "ceiling", "down"] | None
    alike: tuple[str, ...]
    images: Callable[[Metrics], str]
    sample: Callable[[Metrics], str]
    of_prior: bool = False

    @property
    def label(self) -> str:
        """Title and unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def value(self, metrics: Metrics) -> float | None:
        """A run's number, None if it has none; of a distribution the mean."""
        found = metrics.get(self.name)
        return found["mean"] if isinstance(found, Mapping) else found

    def at_least(self, metrics: Metrics) -> float | None:
        """Where a run has no number: what it is known to be at least. Only log p(x) has a bound, if its images do."""
        known = self.name == "log_evidence" and self.value(metrics) is None
        return metrics.get("importance_weighted_bound") if known else None

    def text(self, metrics: Metrics) -> str:
        """The number as people read it, or its bound."""
        value = self.value(metrics)
        if value is None:
            bound = self.at_least(metrics)
            return NONE if bound is None else f"{AT_LEAST} {self._text(bound)}"
        return _loss_texts(metrics).get(self.name) or self._text(value)

    def shown(self, row: Row) -> str:
        """The same of a row: of several runs with the spread over their seeds."""
        text, deviation = self.text(row.metrics), self.deviation(row)
        return text if deviation is None else f"{text} {PLUS_MINUS} {self._text(deviation)}"

    def deviation(self, row: Row) -> float | None:
        """The standard deviation over a row's seeds, None where it has none or no number."""
        return row.spread.deviations.get(self.name) if row.spread else None

    def leeway(self, row: Row) -> float:
        """The same in the unit of `merit`; 0 without."""
        deviation, most = self.deviation(row) or 0, self.attainable(row.metrics)
        return deviation / most if most else 100 * deviation if self.unit == "%" else deviation

    def merit(self, metrics: Metrics) -> float | None:
        """What runs are ranked by: the number as it is shown, so that a run that reads better is.

        Of a number that could be so much at most, if that is known, the share in hundredths that it is of it.
        """
        value, most = self.value(metrics), self.attainable(metrics)
        if value is None:
            return None
        return round(value / most, 2) if most else float(self.text(metrics).replace(MINUS, "-"))

    def beside(self, metrics: Metrics) -> str:
        """What the number is to be held against, of the same run or the same judge, in a few words; empty for most."""
        name, words = AGAINST.get(self.name, ("", ""))
        if self.value(metrics) is None:
            return ""
        told = [] if (against := metrics.get(name)) is None else [f"{words} {self._text(against)}"]
        if self.name == "recognisable" and (seen := metrics.get("recognised_classes")) is not None:
            told.append("1 class" if seen == 1 else f"{_counted_text(seen)} classes")
        return ", ".join(told)

    def _text(self, value: float) -> str:
        if self.unit == "%":
            return fixed(100 * value, 1)
        if self.name == "active_units":
            return _counted_text(value)
        return fixed(value, 3 if not self.unit and ZERO <= abs(value) < 1 else 2)

    def attainable(self, metrics: Metrics) -> float | None:
        """The most that a run's number could be, None where that is not known or there is no such limit."""
        return metrics.get(AGAINST[self.name][0]) if self.better == "ceiling" else None

    def group(self, row: Row) -> Hashable:
        """Runs of one group may be ranked by this metric."""
        known = self.attainable(row.metrics) is not None
        return (row.kind.data, known, *(self._fact(row, name) for name in self.alike))

    def no_merit(self, row: Row) -> bool:
        """Whether a run's number, however good, says nothing good of it."""
        if self.of_prior and row.kind.deterministic:
            return True
        if self.name != "prior_coverage":
            return False
        most = self.attainable(row.metrics)
        telling = row.kind.latent_dim <= MOST_DIMENSIONS and (most is None or most >= TELLING)
        return bool(row.metrics.get("collapsed")) or bool(row.spread and row.spread.collapsed) or not telling

    @staticmethod
    def _fact(row: Row, name: str) -> Hashable:
        found = getattr(row.kind, name) if hasattr(row.kind, name) else row.metrics.get(name)
        return str(sorted(found.items())) if isinstance(found, Mapping) else found


def _counted_text(value: float) -> str:
    """A number of things, or the mean of several such numbers."""
    return fixed(value, 0 if value == int(value) else 1)


def _loss_texts(metrics: Metrics) -> dict[str, str]:
    """Reconstruction, KL and ELBO of a run that has all three, so that they add up as they are shown (Eq. 30)."""
    reconstruction, kl, elbo = (metrics.get(name) for name in ("reconstruction", "kl", "elbo"))
    if reconstruction is None or kl is None or elbo is None or abs(reconstruction + kl + elbo) > APART:
        return {}
    texts = adding_up(-elbo, kl)
    return {"reconstruction": texts.rest, "kl": texts.part, "elbo": negated(texts.whole)}


def _counted(name: str, what: str) -> Callable[[Metrics], str]:
    return lambda metrics: f"{metrics[name]:,} {what}"


_test = _counted("images", "test images")
_held_out = _counted("held_out_images", "held-out images")
_prior = _counted("prior_draws", "draws of the prior")
_frechet = _counted("frechet_images", "test images")


def _bound(metrics: Metrics) -> str:
    return f"first {metrics['bound_images']:,} test images"


def _gap(metrics: Metrics) -> str:
    return f"{metrics['gap']['images']:,} held-out images"


def _factors(metrics: Metrics) -> str:
    return f"{_held_out(metrics)}; the factors {', '.join(metrics['factors'])}"


def _classifier(metrics: Metrics) -> str:
    network = metrics["feature_network"]
    named = f"{network['name']}, accuracy {100 * network['accuracy']:.2f} %, SHA-256 {network['sha256'][:12]}"
    return f"{_against(metrics)}; {named}"


def _against(metrics: Metrics) -> str:
    return f"{metrics['frechet_images']:,} images against as many test images"


def _drawn(images: Callable[[Metrics], str]) -> Callable[[Metrics], str]:
    return lambda m: f"{images(m)}, {m['samples']} draws of z each"


NATS = ("likelihood",)
ALL = (
    Column("elbo", "ELBO", "nats", "up", (*NATS, "images"), _test, _drawn(_test)),
    Column("reconstruction", "Reconstruction", "nats", "down", (*NATS, "images"), _test, _drawn(_test)),
    Column("kl", "KL", "nats", None, (), _test, _drawn(_test)),
    Column("bound_elbo", "ELBO, same images", "nats", "up", (*NATS, "bound_images"), _bound, _drawn(_bound)),
    Column(
        "importance_weighted_bound",
        "Importance bound",
        "nats",
        "up",
        (*NATS, "bound_images", "bound_draws"),
        _bound,
        lambda m: f"{_bound(m)}, K = {m['bound_draws']:,} draws of z each",
    ),
    Column(
        "log_evidence",
        "log p(x)",
        "nats",
        "up",
        (*NATS, "bound_images"),
        _bound,
        lambda m: f"{_bound(m)}, by integration; {AT_LEAST}: its importance bound, where that cannot be",
    ),
    Column("gap", "Gap to log p(x)", "nats", None, (), _gap, lambda m: f"{_gap(m)} evenly chosen, by integration"),
    Column(
        "frechet_samples",
        "Fréchet, samples",
        "",
        "down",
        ("feature_network", "frechet_images"),
        _frechet,
        _classifier,
        of_prior=True,
    ),
    Column(
        "frechet_reconstructions",
        "Fréchet, rebuilt",
        "",
        "down",
        ("feature_network", "frechet_images"),
        _frechet,
        _classifier,
    ),
    Column("inception_samples", "FID, samples", "", "down", ("frechet_images",), _frechet, _against, of_prior=True),
    Column("inception_reconstructions", "FID, rebuilt", "", "down", ("frechet_images",), _frechet, _against),
    Column("recognisable", "Recognisable samples", "%", None, (), _prior, _prior, of_prior=True),
    Column(
        "prior_coverage",
        "Prior coverage",
        "%",
        "ceiling",
        ("latent_dim", "held_out_images", "prior_draws"),
        _held_out,
        lambda m: f"{_held_out(m)}, {_prior(m)}",
    ),
    Column(
        "neighbour_accuracy",
        "k-NN accuracy",
        "%",
        "up",
        ("held_out_images", "neighbours"),
        _held_out,
        lambda m: f"{_held_out(m)}, {m['neighbours']} neighbours",
    ),
    Column("active_units", "Active units", "", None, (), _held_out, _held_out),
    *(
        Column(name, title, "", "up", ("held_out_images",), _held_out, _factors)
        for name, title in (
            ("mutual_information_gap", "MIG"),
            ("dci_disentanglement", "DCI, disentangled"),
            ("dci_completeness", "DCI, complete"),
            ("dci_informativeness", "DCI, informative"),
            ("attribute_predictability", "SAP"),
            ("factor_vae_score", "FactorVAE score"),
        )
    ),
)
BY_NAME = {column.name: column for column in ALL}
assert tuple(BY_NAME) == COLUMNS
