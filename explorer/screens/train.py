"""Train: runs in the making, and the form that begins one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from explorer import addresses, component, gc_freeze, loader, quoted_code, session, training_choices, training_limits
from explorer import training_rights as rights
from explorer.screens import notice
from explorer.views.page_address import State
from explorer.views.pages import TRAIN


def page() -> None:
    """Lay out the page, also where there is no run yet."""
    names = loader.catalog().names or {"": []}
    for note in session.open_page(TRAIN, names):
        notice.toast(note)
    state = session.current(TRAIN)
    component.show(TRAIN, _payload(state, rights.why_not()), session.address(TRAIN, names))
    gc_freeze.settle_once(TRAIN.name)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part where it is a scene: what is under way is shown, and nothing can be begun."""
    return _payload(state, "Open the Train page to train.")


def _payload(state: State, why_not: str) -> dict[str, Any]:
    return {
        "page": TRAIN.name,
        "assets": addresses.assets(),
        "state": state,
        "why_not": why_not,
        "datasets": [] if why_not else training_choices.offered(),
        "networks": [{"name": name, "title": found.title} for name, found in training_choices.NETWORKS.items()],
        "limits": asdict(training_limits.limits_or_defaults()),
        "runs": loader.catalog().names,
        "lines": quoted_code.lines_of_training(),
    }
