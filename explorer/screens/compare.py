"""Compare: runs side by side, their latent spaces linked."""

from __future__ import annotations

from typing import Any

from explorer import loader
from explorer.screens import shell
from explorer.views.compare import missing, verdict
from explorer.views.page_address import State
from explorer.views.pages import COMPARE

ALONE = "Latents alone: there is no decoder and no prior, so that only the points can be compared."


def page() -> None:
    """Lay out the page."""
    shell.show(COMPARE, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part: for each run a sentence on its metrics, and a line on how to get those missing."""
    data = shell.payload(COMPARE, state)
    runs = loader.catalog().datasets[state["dataset"]]
    metrics = {name: run["metrics"] for name, run in data["runs"].items()}
    alone = {run.name for run in shell.runs_shown(state) if not run.config.model.has_decoder}
    verdicts = {
        name: verdict(values, len(data["classes"]), runs[name].config.model.latent_dim)
        for name, values in metrics.items()
    }
    decoding = [name for name in state["runs"] if name not in alone]
    return {
        **data,
        "verdicts": {**verdicts, **dict.fromkeys(alone, ALONE)},
        "missing": missing(state["dataset"], metrics, decoding, data["classifier"] is not None, len(data["classes"])),
    }
