"""The runs that are to be exported, from their folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from explorer import loader
from explorer.shared_parts import CLASSIFIER
from training.checkpoint import CheckpointError

MOST = 12  # runs of one data set: every choice of four of them is laid out ahead


def runs_in(folders: Sequence[Path]) -> loader.Catalog:
    """The runs in these folders, as if there were no others; raises CheckpointError where one cannot be exported."""
    paths = list(dict.fromkeys(folder.absolute() for folder in folders))
    names: dict[tuple[str, str], Path] = {}
    for path in paths:
        if not path.is_dir():
            raise CheckpointError(f"{path}: no such folder; name a run's, as checkpoints/mnist/elbo")
        other = names.setdefault((path.parent.name, path.name), path)
        if other != path or any(
            path.parent != there.parent for (set_, _), there in names.items() if set_ == path.parent.name
        ):
            raise CheckpointError(f"{path}: another data set of the name {path.parent.name} is among the runs")
    classifiers = [folder for folder in {path.parent / CLASSIFIER for path in paths} if folder.is_dir()]
    found = loader.catalog_of([*paths, *classifiers])
    if found.problems:
        raise CheckpointError(found.problems[0])
    for path in paths:
        run = found.find(path.parent.name, path.name)
        if run is None:
            raise CheckpointError(f"{path}: no run, or one that is still in training")
        _check(run)
    datasets = {name: found.all_of(name) for name in found.datasets}
    for name, runs in datasets.items():
        if len(runs) > MOST:
            raise CheckpointError(f"{len(runs)} runs of {name}: a file holds at most {MOST} of one data set")
    return replace(found, datasets=datasets, hidden={}, families={})


def _check(run: loader.Run) -> None:
    """Raise CheckpointError where a file without a server cannot show a run."""
    loader.load(run, "latents")
    loader.load(run, "decoder")
    if why := loader.why_by_server(run):
        raise CheckpointError(f"{run.path}: cannot be exported, as its images are decoded by the server: {why}")
