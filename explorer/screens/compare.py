"""Compare: runs side by side, their latent spaces linked."""

from __future__ import annotations

from typing import Any

from explorer.screens import shell
from explorer.views.compare import missing, verdict
from explorer.views.page_address import State
from explorer.views.pages import COMPARE


def page() -> None:
    """Lay out the page."""
    shell.show(COMPARE, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part: for each run a sentence on its metrics, and a line on how to get those missing."""
    data = shell.payload(COMPARE, state)
    metrics = {name: run["metrics"] for name, run in data["runs"].items()}
    return {
        **data,
        "verdicts": {name: verdict(values, len(data["classes"])) for name, values in metrics.items()},
        "missing": missing(
            state["dataset"], metrics, state["runs"], data["classifier"] is not None, len(data["classes"])
        ),
    }
