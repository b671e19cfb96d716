"""Compare: runs side by side, their latent spaces linked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer import addresses, loader
from explorer.screens import shell
from explorer.screens.decoding import pictured
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
    there = loader.catalog().datasets[state["dataset"]]
    shown = [there[name] for name in state["runs"]]
    own = {run.name: run.classes for run in shown}
    classes, class_numbers = shared_classes(own, data["classes"])
    metrics = {name: run["metrics"] for name, run in data["runs"].items()}
    decoding = [run for run in shown if run.config.model.has_decoder]
    galleries = {run.name: addresses.gallery_url(run) for run in shown}
    gallery = galleries[pictured(shown).name]
    return {
        **data,
        "gallery": gallery,
        "pictured": [name for name, url in galleries.items() if gallery and url == gallery],
        "classes": classes,
        "class_colors": class_colors(len(classes)),
        "class_numbers": class_numbers,
        "verdicts": {name: _verdict(there[name], metrics[name], classes) for name in metrics},
        "missing": missing(
            metrics,
            {run.name: run.place for run in decoding},
            data["classifier"] is not None,
            max((len(run.classes) for run in decoding), default=0),
        ),
    }


def _verdict(run: loader.Run, metrics: dict[str, float | None], shared: Sequence[str]) -> str:
    if not run.config.model.has_decoder:
        return alone(run.classes, shared)
    model = run.config.model
    return verdict(metrics, len(run.classes), model.latent_dim, bool(model.condition))
