"""A job of the Train page as the browser knows it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def job_view(
    name: str, state: str, message: str, command: str, status: Mapping[str, Any], resumable: bool, deletable: bool
) -> dict[str, Any]:
    """The JSON object; see `Job` in explorer/web/pages/train/jobs.js. Figures that the trainer has not given are null.

    `name`: its id; `status`: the trainer's own word, from a file that anyone may have written.
    """
    folder, _, run = name.rpartition("/")
    dataset = status.get("dataset")
    said = dataset if isinstance(dataset, Mapping) else {}
    return {
        "id": name,
        "folder": folder,
        "name": run,
        "state": state,
        "message": message,
        "command": command,
        "data": _text(said.get("name")) or folder,
        "epoch": _number(status.get("epoch")),
        "epochs": _number(status.get("epochs")),
        "step": _number(status.get("step")),
        "steps_per_epoch": _number(status.get("steps_per_epoch")),
        "beta": "inf" if status.get("beta") == "inf" else _number(status.get("beta")),
        "images_per_second": _number(status.get("images_per_second")),
        "remaining_seconds": _number(status.get("remaining_seconds")),
        "frame": _number(status.get("frame")),
        "started": _number(status.get("started")),
        "resumable": resumable,
        "deletable": deletable,
    }


def _number(value: Any) -> float | int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if is_number else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
