"""Beta dial: a family of runs that differ by beta, moved through by one slider."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from explorer import addresses, component, gc_freeze, loader, session
from explorer.screens import shell
from explorer.views.families import About, families
from explorer.views.page_address import State
from explorer.views.pages import DIAL
from explorer.views.payload import page_payload
from training.checkpoint import CheckpointError
from training.measure.definitions import DEFINITIONS


def page() -> None:
    """Lay out the page."""
    state = shell.enter(DIAL, arrays=False)
    if state is None:
        return
    component.show(DIAL, payload(state), session.address(DIAL, loader.catalog().names))
    gc_freeze.settle_once(DIAL.name)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part: the families of the data set, the runs of all of them, and what is broken of these."""
    runs = loader.catalog().all_of(state["dataset"])
    about = {
        name: About(run.config.training, vars(run.config.model), run.config.dataset)
        for name, run in runs.items()
        if run.config.model.has_decoder
    }
    found = families(about)
    members = {name: runs[name] for family in found for name in family.runs}
    broken = [line for run in members.values() if (line := _problem(run))]
    first = next(iter(members.values()), None)
    classes = first.config.dataset["classes"] if first else ()
    return {
        **page_payload(
            DIAL.name,
            state,
            {name: shell.view_of(run) for name, run in members.items()},
            classes,
            addresses.gallery_url(first) if first else None,
            None,
            addresses.assets(),
            DEFINITIONS,
        ),
        "families": [
            {**asdict(family), "active": [members[name].metrics.get("active_units") for name in family.runs]}
            for family in found
        ],
        "broken": broken,
    }


def _problem(run: loader.Run) -> str | None:
    """Why a run cannot be shown here."""
    try:
        loader.check(run)
        why = loader.why_by_server(run)
    except CheckpointError as error:
        return str(error)
    return f"{run.words.title}: {why}" if why else None
