"""The one door to checkpoints, for screens and routes: finds runs, loads them, packs them for the browser."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from safetensors.numpy import save as format_safetensors

from explorer.views.latents import plane_arrays
from explorer.views.network import NotInBrowser, arrays_of, browser_layers
from explorer.views.run_kind import RunKind, run_kind
from explorer.views.runs import RunText, run_order, run_text
from training import checkpoint, classifier_folder
from training.checkpoint import CheckpointError, Config
from training.model.architectures import classifier_layers, decoder_layers, encoder_layers
from training.model.spec import ModelSpec

ROOT = Path(__file__).resolve().parent.parent
Part = Literal["decoder", "encoder", "latents"]
SharedPart = Literal["gallery", "classifier"]
Signature = tuple[tuple[str, int, int], ...]
CLASSIFIER = "classifier"


@dataclass(frozen=True)
class Run:
    """A run whose config.json was read; `metrics` are those of the test set, terms in nats per image.

    Two are equal while no file of theirs has changed, which `signature` tells: what is made of a run can be kept by it.
    """

    name: str
    path: Path
    signature: Signature = field(repr=False)
    config: Config = field(compare=False)
    metrics: dict[str, Any] = field(compare=False)

    @cached_property
    def words(self) -> RunText:
        """Its title and what it optimises."""
        return run_text(self.name, self.config.training, self.config.model.posterior)

    @cached_property
    def kind(self) -> RunKind:
        """What its figures depend on."""
        model = self.config.model
        return run_kind(
            self.config.dataset,
            model.image_shape,
            model.likelihood,
            model.latent_dim,
            model.posterior,
            self.config.training,
        )


@dataclass(frozen=True)
class Catalog:
    """Runs by data set and name, in the order to show, and one line for each folder that cannot be opened."""

    root: Path
    datasets: dict[str, dict[str, Run]]
    problems: tuple[str, ...]

    @property
    def names(self) -> dict[str, list[str]]:
        """Names of all runs by data set."""
        return {dataset: list(runs) for dataset, runs in self.datasets.items()}

    def find(self, dataset: str, run: str) -> Run | None:
        """The named run, or None: names are looked up, never joined to a path."""
        return self.datasets.get(dataset, {}).get(run)


def checkpoints_root() -> Path:
    """The checkpoints folder: $EXPLORER_CHECKPOINTS, or `checkpoints` of this project."""
    return Path(os.environ.get("EXPLORER_CHECKPOINTS", ROOT / "checkpoints"))


_seen: ContextVar[Catalog | None] = ContextVar("_seen", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Within it, all that is asked of the catalog is answered from one look at the checkpoints folder."""
    token = _seen.set(catalog())
    try:
        yield
    finally:
        _seen.reset(token)


def catalog() -> Catalog:
    """All runs under the checkpoints folder, read anew only where files changed."""
    if seen := _seen.get():
        return seen
    root = checkpoints_root()
    folders = [folder for dataset in _folders(root) for folder in _folders(dataset)]
    return _catalog(root, tuple((folder, _signature(folder)) for folder in folders))


def load(run: Run, part: Part) -> bytes:
    """A gzipped safetensors file for the browser; raises CheckpointError in one line when it cannot be had."""
    try:
        return _pack(run, part)
    except ValueError as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{run.path}: {error}") from error


def load_shared(dataset: str, part: SharedPart) -> bytes:
    """The same for what all runs of a data set share: the held-out images, the classifier."""
    folder = checkpoints_root() / dataset
    try:
        return _pack_shared(folder, part, _signature(folder / CLASSIFIER))
    except ValueError as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{folder / part}: {error}") from error


def preload(run: Run) -> None:
    """Load what the first page shows of a run at once; a broken run is reported when it is shown."""
    with suppress(CheckpointError):
        load(run, "decoder")
        load(run, "latents")
    with suppress(CheckpointError):
        load_shared(run.path.parent.name, "gallery")


def why_by_server(run: Run) -> str:
    """Why the browser cannot decode a run, so that the server does; "" where it can. Raises CheckpointError."""
    try:
        return _why_by_server(run)
    except ValueError as error:
        raise CheckpointError(f"{run.path}: {error}") from error


def gallery_problem(run: Run) -> str | None:
    """Why a run's held-out images cannot be shown, or None if they can."""
    file = run.path.parent / checkpoint.GALLERY
    if not file.exists():
        return "no gallery.safetensors: held-out images are shown as the run decodes them"
    try:
        _check_gallery(file, run.signature, run.config.dataset["gallery_sha256"])
    except CheckpointError as error:
        return str(error)
    return None


def classifier_record(dataset: str) -> dict[str, Any] | None:
    """The record of a data set's classifier (accuracy, SHA-256, ...), or None without one; raises CheckpointError."""
    folder = checkpoints_root() / dataset / CLASSIFIER
    if not classifier_folder.is_classifier(folder):
        return None
    return dict(_classifier(folder, _signature(folder))[0])


def history(run: Run) -> list[dict[str, Any]]:
    """Each epoch's record of a run's training; raises CheckpointError."""
    return _history(run)


def image_count(run: Run) -> int:
    """How many held-out images a run has latents of; raises CheckpointError."""
    return _image_count(run)


def _folders(root: Path) -> list[Path]:
    """The folders in a folder by name, hidden ones left out; none where it cannot be read."""
    with suppress(OSError), os.scandir(root) as entries:
        return sorted(root / entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    return []


def _signature(folder: Path) -> Signature:
    """Changes whenever a file of the run or its gallery does."""
    stats = []
    with suppress(OSError), os.scandir(folder) as entries:
        stats = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    with suppress(FileNotFoundError):
        stats.append((checkpoint.GALLERY, (folder.parent / checkpoint.GALLERY).stat()))
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


@lru_cache(maxsize=4)
def _catalog(root: Path, folders: tuple[tuple[Path, Signature], ...]) -> Catalog:
    found: dict[str, dict[str, Run]] = {}
    problems = []
    for folder, signature in folders:
        if checkpoint.is_in_training(folder) or classifier_folder.is_classifier(folder):
            continue
        try:
            found.setdefault(folder.parent.name, {})[folder.name] = _run(folder, signature)
        except CheckpointError as error:
            problems.append(str(error))
    datasets = {name: {run: runs[run] for run in run_order(list(runs))} for name, runs in found.items()}
    # MNIST is what the notes show; other data sets follow by name.
    order = sorted(datasets, key=lambda name: (name != "mnist", name))
    return Catalog(root, {name: datasets[name] for name in order}, tuple(problems))


@lru_cache(maxsize=256)
def _run(folder: Path, signature: Signature) -> Run:
    return Run(folder.name, folder, signature, checkpoint.load_config(folder), checkpoint.load_metrics(folder))


@lru_cache(maxsize=64)
def _image_count(run: Run) -> int:
    return len(checkpoint.load_latents(run.path)["label"])


@lru_cache(maxsize=64)
def _history(run: Run) -> list[dict[str, Any]]:
    return checkpoint.load_history(run.path)


@lru_cache(maxsize=48)
def _pack(run: Run, part: Part) -> bytes:
    if part == "latents":
        latents = checkpoint.load_latents(run.path)
        return _packed(plane_arrays(latents, checkpoint.scale_tril(latents)), level=0)
    spec = run.config.model
    weights = checkpoint.load_weights(run.path)
    arrays = arrays_of(weights, part)
    metadata = {
        "image_shape": json.dumps(spec.image_shape),
        "likelihood": spec.likelihood,
        "posterior": spec.posterior,
    }
    if spec.likelihood == "gaussian":
        metadata["log_sigma"] = str(float(weights["log_sigma"]))
    if part == "decoder" and (why := _why_by_server(run)):
        return _packed({}, {**metadata, "server": why})
    return _packed(arrays, {**metadata, "layers": json.dumps(_layers(spec, arrays, part))}, level=0)


@lru_cache(maxsize=64)
def _why_by_server(run: Run) -> str:
    try:
        _layers(run.config.model, arrays_of(checkpoint.load_weights(run.path), "decoder"), "decoder")
    except NotInBrowser as error:
        return str(error)
    return ""


def _layers(spec: ModelSpec, arrays: dict[str, Any], part: Part) -> list[dict[str, Any]]:
    code, head = (spec.latent_dim,), (spec.posterior_parameters,)
    if part == "decoder":
        return browser_layers(decoder_layers(spec), arrays, part, code, spec.image_shape)
    return browser_layers(encoder_layers(spec), arrays, part, spec.image_shape, head)


@lru_cache(maxsize=8)
def _pack_shared(folder: Path, part: SharedPart, signature: Signature) -> bytes:
    if part == "gallery":
        return _packed({"images": checkpoint.load_gallery(folder / checkpoint.GALLERY)["images"]})
    record, weights = _classifier(folder / CLASSIFIER, signature)
    arrays = arrays_of(weights, "layers")
    shape, classes = tuple(record["image_shape"]), len(record["classes"])
    layers = browser_layers(classifier_layers(shape, classes), arrays, "network", shape, (classes + 1,))
    return _packed(arrays, {"layers": json.dumps(layers), "image_shape": json.dumps(record["image_shape"])}, level=0)


def _packed(arrays: dict[str, Any], metadata: dict[str, str] | None = None, level: int = 1) -> bytes:
    # Weights and latents hardly compress; images do, five to one, even at the fastest level.
    return gzip.compress(format_safetensors(arrays, metadata), compresslevel=level)


@lru_cache(maxsize=8)
def _classifier(folder: Path, signature: Signature) -> tuple[dict[str, Any], dict[str, Any]]:
    return classifier_folder.load_classifier(folder)


@lru_cache(maxsize=64)
def _check_gallery(file: Path, signature: Signature, sha256: str | None) -> None:
    checkpoint.load_gallery(file, sha256)


def tour_files() -> dict[str, Path]:
    """The tours there are, by name: the project's own, and those of the folder $EXPLORER_TOURS."""
    folders = [ROOT / "explorer" / "tours", *map(Path, filter(None, [os.environ.get("EXPLORER_TOURS")]))]
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.toml"))}
