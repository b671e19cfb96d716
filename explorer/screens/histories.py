"""The histories of runs, for the table: those that cannot be read are a line each."""

from __future__ import annotations

from collections.abc import Iterable

from explorer import loader
from explorer.screens import notice
from training.checkpoint import CheckpointError


def readable(runs: Iterable[loader.Run]) -> tuple[loader.Run, ...]:
    """Those whose history can be read."""
    found = []
    for run in runs:
        try:
            loader.history(run)
        except CheckpointError as error:
            notice.warning(str(error))
        else:
            found.append(run)
    return tuple(found)
