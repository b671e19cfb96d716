"""The explorer's one door to checkpoints: finds runs, loads them, packs them for the browser."""

from __future__ import annotations

import gzip
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from safetensors.numpy import save as format_safetensors

from explorer.views.decoder import decoder_arrays, decoder_layers
from explorer.views.latents import plane_arrays
from explorer.views.runs import run_order
from training import checkpoint
from training.checkpoint import CheckpointError, Config

ROOT = Path(__file__).resolve().parent.parent
Part = Literal["decoder", "latents", "gallery"]


@dataclass(frozen=True)
class Run:
    """A run whose config.json was read; `metrics` are its test figures in nats per image."""

    name: str
    path: Path
    config: Config
    metrics: dict[str, Any]


@dataclass(frozen=True)
class Catalog:
    """Runs by data set and name, in the order to show, and one line for each folder that cannot be opened."""

    root: Path
    datasets: dict[str, dict[str, Run]]
    problems: tuple[str, ...]

    def find(self, dataset: str, run: str) -> Run | None:
        """The named run, or None: names are looked up, never joined to a path."""
        return self.datasets.get(dataset, {}).get(run)


def checkpoints_root() -> Path:
    """The checkpoints folder: $EXPLORER_CHECKPOINTS, or `checkpoints` of this project."""
    return Path(os.environ.get("EXPLORER_CHECKPOINTS", ROOT / "checkpoints"))


def catalog() -> Catalog:
    """All runs under the checkpoints folder, read anew only where files changed."""
    root = checkpoints_root()
    folders = sorted(folder for folder in root.glob("*/*") if folder.is_dir() and _shown(folder, root))
    return _catalog(root, tuple((folder, _signature(folder)) for folder in folders))


def load(run: Run, part: Part) -> bytes:
    """A gzipped safetensors file for the browser; raises CheckpointError in one line when it cannot be had."""
    try:
        return _pack(run.path, part, _signature(run.path), run.config.dataset.get("gallery_sha256"))
    except ValueError as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{run.path}: {error}") from error


def preload(run: Run) -> None:
    """Load a run's parts, so that the first page has them at once; a broken run is reported when it is shown."""
    for part in get_args(Part):
        with suppress(CheckpointError):
            load(run, part)


def gallery_problem(run: Run) -> str | None:
    """Why a run's held-out images cannot be shown, or None if they can."""
    if not (run.path.parent / checkpoint.GALLERY).exists():
        return "no gallery.safetensors: held-out images are shown as the run decodes them"
    try:
        load(run, "gallery")
    except CheckpointError as error:
        return str(error)
    return None


def image_count(run: Run) -> int:
    """How many held-out images a run has latents of; raises CheckpointError."""
    return _image_count(run.path, _signature(run.path))


def _shown(folder: Path, root: Path) -> bool:
    return not any(part.startswith(".") for part in folder.relative_to(root).parts)


def _signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes whenever a file of the run or its gallery does."""
    files = [*folder.iterdir(), folder.parent / checkpoint.GALLERY]
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


@lru_cache(maxsize=4)
def _catalog(root: Path, folders: tuple[tuple[Path, Any], ...]) -> Catalog:
    found: dict[str, dict[str, Run]] = {}
    problems = []
    for folder, _ in folders:
        if checkpoint.is_in_training(folder):
            continue
        try:
            config = checkpoint.load_config(folder)
            metrics = checkpoint.load_metrics(folder)
            found.setdefault(folder.parent.name, {})[folder.name] = Run(folder.name, folder, config, metrics)
        except CheckpointError as error:
            problems.append(str(error))
    datasets = {name: {run: runs[run] for run in run_order(list(runs))} for name, runs in found.items()}
    # MNIST is what the notes show; other data sets follow by name.
    order = sorted(datasets, key=lambda name: (name != "mnist", name))
    return Catalog(root, {name: datasets[name] for name in order}, tuple(problems))


@lru_cache(maxsize=64)
def _image_count(path: Path, signature: Any) -> int:
    return len(checkpoint.load_latents(path)["label"])


@lru_cache(maxsize=32)
def _pack(path: Path, part: Part, signature: Any, gallery_sha256: str | None) -> bytes:
    metadata: dict[str, str] = {}
    if part == "latents":
        arrays = plane_arrays(checkpoint.load_latents(path))
    elif part == "decoder":
        config = checkpoint.load_config(path)
        arrays = decoder_arrays(checkpoint.load_weights(path))
        layers = decoder_layers(arrays, config.model.activation, config.model.image_shape)
        metadata = {
            "layers": json.dumps(layers),
            "image_shape": json.dumps(config.model.image_shape),
            "likelihood": config.model.likelihood,
        }
    else:
        arrays = checkpoint.load_gallery(path.parent / checkpoint.GALLERY, gallery_sha256)
        arrays = {"images": arrays["images"]}
    # Weights hardly compress; images do, five to one, even at the fastest level.
    return gzip.compress(format_safetensors(arrays, metadata), compresslevel=0 if part == "decoder" else 1)
