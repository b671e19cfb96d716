"""Compare: runs side by side, their latent spaces linked."""

from __future__ import annotations

from typing import Any

from explorer import addresses
from explorer.screens import decoding, shell
from explorer.views.compare import alone, missing, shared_classes, verdict
from explorer.views.page_address import State
from explorer.views.pages import COMPARE
from explorer.views.palette import class_colors


def page() -> None:
    """Lay out the page."""
    shell.show(COMPARE, payload)


def payload(state: State) -> dict[str, Any]:
    """Data of the browser part: for each run a sentence on its metrics, and a line on how to get those missing.

    The runs need not have the same classes, and the pictures need not be of the images of all of them.
    """
    data = shell.payload(COMPARE, state)
    runs = shell.runs_shown(state)
    shown = {run.name: run for run in runs}
    own = {name: run.classes for name, run in shown.items()}
    classes, class_numbers = shared_classes(own, data["classes"])
    metrics = {name: run["metrics"] for name, run in data["runs"].items()}
    with_decoder = [name for name, run in shown.items() if run.config.model.has_decoder]
    galleries = {name: addresses.gallery_url(run) for name, run in shown.items()}
    gallery = galleries[decoding.pictured(runs).name]
    return {
        **data,
        "gallery": gallery,
        "pictured": [name for name, url in galleries.items() if gallery and url == gallery],
        "classes": classes,
        "class_colors": class_colors(len(classes)),
        "class_numbers": class_numbers,
        "verdicts": {
            name: verdict(metrics[name], len(own[name]), run.config.model.latent_dim)
            if name in with_decoder
            else alone(own[name], classes)
            for name, run in shown.items()
        },
        "missing": missing(
            state["dataset"],
            metrics,
            with_decoder,
            data["classifier"] is not None,
            max((len(own[name]) for name in with_decoder), default=0),
        ),
    }
