"""Probability: evidence, ELBO and the gap between them, with the true posterior beside the approximate one."""

from __future__ import annotations

from typing import Any

from explorer import addresses, loader
from explorer.screens import shell
from explorer.views.page_address import State
from explorer.views.pages import PROBABILITY
from explorer.views.posterior import held_out_metrics


def page() -> None:
    """Lay out the page."""
    shell.show(PROBABILITY, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part: for each run where its answers are had, and its metrics of all held-out images."""
    page_data = shell.payload(PROBABILITY, state)
    runs = {name: run for name, run in loader.catalog().datasets[state["dataset"]].items() if name in page_data["runs"]}
    return {
        **page_data,
        "answers": {
            name: {"posterior": addresses.answer_url(run, "posterior"), "bound": addresses.answer_url(run, "bound")}
            for name, run in runs.items()
        },
        "held_out": {name: held_out_metrics(run.metrics) for name, run in runs.items()},
    }
