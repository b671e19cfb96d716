"""The Table's door to what a run falls short in: one diagnosis at a time, kept as long as the run stays as it is.

torch is imported by the first, and by nothing before it.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from explorer import gc_freeze, loader, models
from explorer.run_folders import refusals
from explorer.views import finding_pictures as drawn
from explorer.views.findings import Finding
from training.measure.own_prior import why_no_prior

if TYPE_CHECKING:
    from training.diagnosis_pictures import Picture

KEPT = 32  # runs
_kept: dict[tuple[Path, str], tuple[Finding, ...]] = {}
_one_at_a_time = Lock()  # each takes a processor for up to a minute


def why_none(run: loader.Run) -> str | None:
    """Why a run cannot be diagnosed, as the end of a line; None of one that can."""
    return why_no_prior(run.config.model)


def known(run: loader.Run) -> tuple[Finding, ...] | None:
    """What was found of a run as it is now, if it was asked before."""
    return _kept.get((run.path, run.config.version))


def diagnosed(run: loader.Run) -> tuple[Finding, ...]:
    """Its findings, worst first, in up to a minute; raises UserError in one line."""
    with _one_at_a_time:
        if found := known(run):
            return found
        models.need_torch()
        from training.diagnosis import diagnose

        with refusals(run.path):
            found = tuple(Finding(one.title, one.number, one.advice, _drawn(one.picture)) for one in diagnose(run.path))
        gc_freeze.settle()
        _kept[run.path, run.config.version] = found
        for oldest in list(_kept)[:-KEPT]:
            del _kept[oldest]
        return found


def _drawn(picture: Picture | None) -> str:
    """As HTML."""
    from training.diagnosis_pictures import Bars, Clouds, Lines, Strips

    match picture:
        case Strips(words, rows):
            return drawn.strips(words, rows)
        case Bars(words, values):
            return drawn.bars(words, values)
        case Lines(words, lines):
            return drawn.lines(words, lines)
        case Clouds(words, clouds):
            return drawn.clouds(words, clouds)
    return ""
