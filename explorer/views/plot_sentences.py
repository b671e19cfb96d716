"""What the plots of the table's page show, in sentences chosen by the runs and their figures."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.views.metric_columns import Row
from explorer.views.metric_plots import TERMS, History, term_of
from explorer.views.number_text import fixed, listed, significant
from explorer.views.run_kind import why_apart

Histories = Sequence[tuple[Row, History]]


def curves_text(histories: Histories, term: str, split: str) -> str:
    """Which run ends best, if that can be said of this term, and which have no curve."""
    part = "train" if split == "train" else "validation"
    if term == "loss" and part == "train":
        return "The loss is recorded on validation images only."
    drawn: list[tuple[Row, list[tuple[int, float]]]] = []
    none: list[tuple[Row, History]] = []
    for row, history in histories:
        values = [(record["epoch"], value) for record in history if (value := term_of(record, term, part)) is not None]
        if values:
            drawn.append((row, values))
        else:
            none.append((row, history))
    if not drawn:
        return f"None of these runs has a {TERMS[term]} to draw: {_why_none(none, term)}."
    text = _ends(drawn, part) if term == "kl" else _best(drawn, term, part)
    if none:
        text += f" Not drawn: {listed([row.title for row, _ in none])}, {_why_none(none, term)}."
    return text


def _best(drawn: Sequence[tuple[Row, list[tuple[int, float]]]], term: str, part: str) -> str:
    images = "training" if part == "train" else "validation"
    sign = -1 if term == "elbo" else 1
    best = [(row, *min(values, key=lambda at: sign * at[1])) for row, values in drawn]
    if len(best) == 1:
        row, epoch, value = best[0]
        return f"{row.title} is best after epoch {epoch}: {fixed(value)} nats on {images} images."
    kinds = [row.kind for row, _ in drawn]
    why = why_apart(kinds)
    objectives = list(dict.fromkeys(kind.objective for kind in kinds))
    if term == "loss" and len(objectives) > 1:
        why = f"they minimise different things ({', '.join(objectives)})"
    if why:
        return f"The curves show how each run learns, not which is best: {why}."
    first = fixed(sign * min(sign * value for _, _, value in best))
    leading = [(row.title, epoch) for row, epoch, value in best if fixed(value) == first]
    if len(leading) > 1:
        return f"Best on {images} images: {listed([title for title, _ in leading])}, {first} nats."
    title, epoch = leading[0]
    return f"Best on {images} images: {title}, {first} nats after epoch {epoch}."


def _ends(drawn: Sequence[tuple[Row, list[tuple[int, float]]]], part: str) -> str:
    """A KL has no best: it is a price, and pays for reconstruction."""
    images = "training" if part == "train" else "validation"
    ends = sorted((values[-1][1], row.title) for row, values in drawn)
    (low, least), (high, most) = ends[0], ends[-1]
    if fixed(low) == fixed(high):
        return f"KL after the last epoch, on {images} images: {fixed(low)} nats ({listed([t for _, t in ends])})."
    return (
        f"KL after the last epoch, on {images} images: from {fixed(low)} nats ({least}) to {fixed(high)} ({most}); "
        "by itself neither is better."
    )


def _why_none(none: Histories, term: str) -> str:
    """Why runs have no curve."""
    reasons = []
    if any(history and row.kind.deterministic and term in ("elbo", "kl") for row, history in none):
        reasons.append("a code without noise has no KL")
    if any(not history for _, history in none):
        reasons.append("trained elsewhere and imported, without epochs")
    if any(history and not (row.kind.deterministic and term in ("elbo", "kl")) for row, history in none):
        reasons.append("written before this was recorded")
    return ", or ".join(reasons)


def gap_text(rows: Sequence[Row]) -> str:
    """How far half of the images lie from log p(x); a small gap is no merit of a run that ignores its images."""
    medians = {row.title: row.metrics["gap"]["quantiles"]["0.5"] for row in rows if row.metrics.get("gap")}
    if not medians:
        return "No run shown has gaps: " + "; ".join(dict.fromkeys(_why_no_gap(row) for row in rows)) + "."
    images = {f"{row.metrics['gap']['images']:,} held-out images" for row in rows if row.metrics.get("gap")}
    of = images.pop() if len(images) == 1 else "the held-out images"
    order = sorted(medians, key=lambda title: medians[title])
    least, most = (f"{significant(medians[title])} nats" for title in (order[0], order[-1]))
    if len(order) == 1:
        text = f"Half of {of} of {order[0]} lie within {least} of log p(x) (Eq. 10)"
    elif least == most:
        text = f"Half of {of} lie within {least} of log p(x) in each run (Eq. 10)"
    else:
        text = f"Half of {of} lie within {least} ({order[0]}) to {most} ({order[-1]}) of log p(x) (Eq. 10)"
    collapsed = [row.title for row in rows if row.metrics.get("collapsed") and row.title in medians]
    if not collapsed:
        return f"{text}."
    has = "has" if len(collapsed) == 1 else "have"
    return f"{text}; {listed(collapsed)} {has} collapsed: a small gap is no merit where q(z|x) ignores the image."


def _why_no_gap(row: Row) -> str:
    if row.kind.deterministic:
        return "a code without noise has no q(z|x)"
    if "gap" not in row.metrics:
        return "they take minutes and are not computed yet"
    return f"log p(x) is not integrated over {row.kind.latent_dim} latent dimensions"


def kl_text(rows: Sequence[Row]) -> str:
    """Which latent dimensions the runs leave idle."""
    kl = {row.title: row.metrics["kl_per_dimension"] for row in rows if row.metrics.get("kl_per_dimension")}
    if not kl:
        return "No run shown has a KL of each dimension" + (
            ": a code without noise has none." if all(row.kind.deterministic for row in rows) else "."
        )
    active = {row.title: row.metrics.get("active_units") for row in rows if row.title in kl}
    known = {title: count for title, count in active.items() if count is not None}
    if not known:
        return "Which latent dimensions are active is not known of these runs."
    idle = [title for title, count in known.items() if count < len(kl[title])]
    if not idle:
        of = next(iter(known)) if len(known) == 1 else "every run" if len(known) == len(kl) else listed(list(known))
        return f"Every latent dimension of {of} is active: the variance of its posterior means is above 0.01."
    named = ", ".join(f"{title} ({known[title]} of {len(kl[title])} active)" for title in idle[:3])
    more = f" and {len(idle) - 3} more" if len(idle) > 3 else ""
    return f"Some latent dimensions carry nothing of the image, their posterior means hardly vary: {named}{more}."
