"""The sentences over the table, chosen by the runs and their figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from explorer.views.metric_columns import BY_NAME, Row
from explorer.views.number_text import listed
from explorer.views.run_kind import why_apart

GREY_PIXELS = "Grey pixels: a cross-entropy, no log-probability."


def headline(rows: Sequence[Row]) -> str:
    """What to see in the table: whose ELBO is highest, if that can be said, and who has collapsed."""
    parts = [part for part in (_highest(rows), _collapsed(rows)) if part]
    return "; ".join(parts) + "." if parts else "The figures of a run, each with its definition."


def headline_of_seeds(grouped: str, rows: Sequence[Row], best: Collection[str]) -> str:
    """The same where seeds are one row: `grouped` says so; `best`: names of the rows with the highest ELBO."""
    elbo = BY_NAME["elbo"]
    leading = [row for row in rows if row.name in best]
    highest = ""
    if len(leading) == 1 and leading[0].spread:
        row = leading[0]
        highest = f"{row.title} has the highest mean ELBO (Eq. 9), {elbo.shown(row)} nats"
    elif leading:
        has = "has" if len(leading) == 1 else "have"
        highest = f"{listed([row.title for row in leading])} {has} the highest ELBO (Eq. 9)"
        highest += f", {elbo.shown(leading[0])} nats" if len(leading) == 1 else ", within what the seeds make of it"
    first = "; ".join(part for part in (highest, _collapsed(rows)) if part)
    return f"{first}. {grouped}." if first else f"{grouped}."


def _highest(rows: Sequence[Row]) -> str:
    elbo = BY_NAME["elbo"]
    found = {row.name: value for row in rows if (value := elbo.value(row.metrics)) is not None}
    with_elbo = [row for row in rows if row.name in found]
    if len(with_elbo) < 2:
        return "".join(f"{row.title} has an ELBO of {elbo.text(row.metrics)} nats (Eq. 9)" for row in with_elbo)
    if why := why_apart([row.kind for row in with_elbo]):
        return f"The ELBOs of these runs (Eq. 9) are not comparable: {why}"
    if len({elbo.group(row) for row in with_elbo}) > 1:
        return "The ELBOs of these runs (Eq. 9) are not comparable: they are of different numbers of test images"
    highest = elbo.text(max(with_elbo, key=lambda row: found[row.name]).metrics)
    best = [row.title for row in with_elbo if elbo.text(row.metrics) == highest]
    if len(best) == len(with_elbo):
        return f"{listed(best)} have the same ELBO (Eq. 9), {highest} nats"
    return f"{listed(best)} {'has' if len(best) == 1 else 'have'} the highest ELBO (Eq. 9), {highest} nats"


def _collapsed(rows: Sequence[Row]) -> str:
    collapsed = [row for row in rows if row.metrics.get("collapsed")]
    if not collapsed:
        return ""
    has = "has" if len(collapsed) == 1 else "have"
    code = "the code" if all(row.kind.deterministic for row in collapsed) else "q(z|x)"
    return f"{listed([row.title for row in collapsed])} {has} collapsed: {code} ignores the image"


def of_given_class(titles: Sequence[str]) -> str:
    """One line on conditional runs, whose figures are of another density."""
    are = "is" if len(titles) == 1 else "are"
    return (
        f"{listed(list(titles))} {are} given the class y of each image: ELBO, bounds and log p(x) of such a run are of "
        "log p(x|y), which may lie above the same model's log p(x) by up to \N{MINUS SIGN}log p(y)."
    )


def of_grey_pixels(titles: Sequence[str], runs: int) -> str:
    """One line on Bernoulli runs of grey pixels, of so many `runs`: what their nats are."""
    whose = "These runs'" if len(titles) == runs > 1 else "Of " + listed(list(titles)) + ", the"
    return (
        f"{whose} pixels are grey: −log p(x|z) of a Bernoulli is then a cross-entropy, not a "
        "log-probability, and so are ELBO, bounds and log p(x); --binarize makes them log-probabilities."
    )


def lacking(rows: Sequence[Row]) -> list[str]:
    """Names of the runs that lack the metrics that take minutes."""
    return [row.name for row in rows if "importance_weighted_bound" not in row.metrics]


def missing(rows: Sequence[Row]) -> str:
    """One line on the metrics that runs lack, over the commands that give them; empty if they lack none."""
    names = lacking(rows)
    if not names:
        return ""
    runs = f"1 run of {len(rows)} lacks" if len(names) == 1 else f"{len(names)} runs of {len(rows)} lack"
    return (
        f"{runs} the figures that take minutes (bounds, log p(x), gap, Fréchet distances, each where it applies). "
        "In the folder of this project:"
    )
