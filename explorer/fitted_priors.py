"""The door to the priors that were fitted to a run's codes afterwards, for the Prior page."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer import loader
from explorer.run_folders import refusals, shown_path
from explorer.views.commands import fit_prior
from training.checkpoint import CheckpointError
from training.measure.own_prior import why_no_prior
from training.measure.prior_files import PRIORS_FILE, conclusions, load_fitted_priors


def of_run(run: loader.Run) -> dict[str, Any]:
    """What the page shows of them, as Fitted in explorer/web/pages/prior/fitted.js.

    `priors`: None where there are none. `why`: a line on that, "" where they were just never fitted; `command` is what
    fits them, None of a run to which none can be. Of the file's figures nothing is copied: only read them.
    """
    none: dict[str, Any] = {"priors": None, "conclusions": [], "images": 0, "judged": 0, "draws": 0}
    if why := why_no_prior(run.config.model):
        return {**none, "command": None, "why": f"No prior can be fitted to this run: {why}"}
    command = fit_prior(run.place)
    try:
        found = _in_file(run.path.resolve().parent / PRIORS_FILE).get(run.path.resolve().name)
    except CheckpointError as error:
        return {**none, "command": command, "why": shown_path(str(error))}
    if found is None:
        return {**none, "command": command, "why": ""}
    if found["version"] != run.config.version:
        return {**none, "command": command, "why": "the run was made anew since priors were fitted to it"}
    shown = {"priors": found["priors"], "conclusions": conclusions(found["priors"]), "images": found["fitted_images"]}
    return {**shown, "judged": found["judged_images"], "draws": found["draws"], "command": command, "why": ""}


def exported(fitted: dict[str, Any]) -> dict[str, Any]:
    """The same for a file that leaves this machine: without its folders, and without a line that nobody can run."""
    none = fitted["priors"] is None and fitted["command"] is not None
    why = "No priors had been fitted to this run when this file was written" if none else fitted["why"]
    return {**fitted, "command": None, "why": why}


def _in_file(file: Path) -> dict[str, dict[str, Any]]:
    if not os.path.lexists(file):
        return {}
    with refusals(file):
        stat = file.stat()
        return _read(file, stat.st_mtime_ns, stat.st_size, stat.st_ino)


@lru_cache(maxsize=4)
def _read(file: Path, *_signature: int) -> dict[str, dict[str, Any]]:
    return load_fitted_priors(file)
