"""Prior: what the decoder makes of the prior."""

from __future__ import annotations

from typing import Any

from explorer import fitted_priors
from explorer.screens import shell
from explorer.views.page_address import State
from explorer.views.pages import PRIOR


def page() -> None:
    """Lay out the page."""
    shell.show(PRIOR, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part."""
    return {**shell.payload(PRIOR, state), "fitted": fitted_priors.of_run(shell.runs_shown(state)[0])}
