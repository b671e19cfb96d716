"""The one door to checkpoints, for screens and routes: finds runs, loads them, packs them for the browser."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from explorer.run_folders import Signature, folders_in, refusals, shown_path, signature_of
from explorer.shared_parts import CLASSIFIER, SharedPart, classifier, pack_shared, packed
from explorer.shared_parts import Replaced as Replaced
from explorer.views.commands import Place
from explorer.views.latents import plane_arrays, trajectory_arrays
from explorer.views.network import NotInBrowser, arrays_of, browser_layers
from explorer.views.run_kind import RunKind, run_kind
from explorer.views.run_options import Options, options_of
from explorer.views.runs import RunText, run_order, run_text
from training import checkpoint, classifier_folder, run_notes
from training.checkpoint import CheckpointError, Config
from training.columns import Column
from training.data.binarize import has_grey
from training.data.image_data import NO_LABEL, UNLABELLED
from training.data.natural_order import natural_key
from training.model.architectures import decoder_layers, encoder_layers
from training.model.spec import ModelSpec
from training.run_notes import RunNotes
from training.shortcomings import stored_shortcomings

VARIABLE = "EXPLORER_CHECKPOINTS"
PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
INSTALLED = (PACKAGE / "checkpoints").is_dir()  # a wheel has the runs that ship inside the package: pyproject.toml
SHIPPED = (PACKAGE if INSTALLED else ROOT) / "checkpoints"
Part = Literal["decoder", "encoder", "latents", "trajectory"]
WITHOUT_LABEL = (UNLABELLED, NO_LABEL)  # classes of images that have none: the only one, the last


@dataclass(frozen=True)
class Run:
    """A run whose config.json was read; `metrics` are those of the test set, terms in nats per image.

    Two are equal while no file of theirs has changed, which `signature` tells, and they are called the same: what is
    made of a run can be kept by it. `called`: its own title where that is not its folder's, `notes` what a person notes
    of it.
    """

    name: str
    path: Path
    signature: Signature = field(repr=False)
    config: Config = field(compare=False)
    metrics: dict[str, Any] = field(compare=False)
    notes: RunNotes = field(default=RunNotes(), compare=False)
    called: str = ""

    @cached_property
    def words(self) -> RunText:
        """Its title, what it falls short in and what it optimises."""
        text = run_text(self.name, self.config.training, self.config.model.posterior)
        text = replace(text, title=self.called or text.title)
        lines = [f"{line[0].upper()}{line[1:]}." for line in stored_shortcomings(self.metrics)]
        return replace(text, sentence=" ".join([*lines, text.sentence]))

    @property
    def classes(self) -> tuple[str | None, ...]:
        """Its classes, None in place of the one of images without a label."""
        classes = tuple(self.config.dataset["classes"])
        if classes == (UNLABELLED,):
            return (None,)
        return tuple(None if name == NO_LABEL else name for name in classes)

    @property
    def place(self) -> Place:
        """Where commands find it."""
        inside = not INSTALLED and self.path.is_relative_to(ROOT)
        folder = self.path.relative_to(ROOT) if inside else self.path.absolute()
        named = self.config.training.get("dataset") or self.config.dataset["name"]
        return Place(folder.as_posix(), str(named))

    @cached_property
    def options(self) -> Options:
        """What it was made with."""
        return options_of(self.config.training, vars(self.config.model), self.config.dataset)

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
    """Runs by data set and name, in the order to show, and one line for each folder that cannot be opened.

    `classifiers`: the records of those there are, by data set. `hidden`: runs that a person does not want offered; of a
    data set that has no others none is. `families`: runs that the beta dial alone offers, likewise.
    """

    root: Path
    datasets: dict[str, dict[str, Run]]
    classifiers: dict[str, dict[str, Any]]
    problems: tuple[str, ...]
    hidden: dict[str, dict[str, Run]] = field(default_factory=dict)
    families: dict[str, dict[str, Run]] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, list[str]]:
        """Names of all runs by data set."""
        return {dataset: list(runs) for dataset, runs in self.datasets.items()}

    @property
    def decoding(self) -> dict[str, list[str]]:
        """The same of the runs that have a decoder, without data sets that have none of these."""
        named = {
            dataset: [name for name, run in runs.items() if run.config.model.has_decoder]
            for dataset, runs in self.datasets.items()
        }
        return {dataset: runs for dataset, runs in named.items() if runs}

    def find(self, dataset: str, run: str) -> Run | None:
        """The named run, hidden or not, or None: names are looked up, never joined to a path."""
        return self.all_of(dataset).get(run)

    def all_of(self, dataset: str) -> dict[str, Run]:
        """All runs of a data set, those first that are offered."""
        return {**self.datasets.get(dataset, {}), **self.hidden.get(dataset, {}), **self.families.get(dataset, {})}


def checkpoints_root() -> Path:
    """The checkpoints folder: $EXPLORER_CHECKPOINTS, or the runs that ship."""
    return _folder_of(VARIABLE) or SHIPPED


def _folder_of(variable: str) -> Path | None:
    """The folder that an environment variable names, `~` being the person's own; None where it is unset or empty."""
    named = os.environ.get(variable)
    return Path(os.path.expanduser(named)) if named else None  # noqa: PTH111, pathlib's may raise


_seen: ContextVar[Catalog | None] = ContextVar("_seen", default=None)


@contextmanager
def one_look(shown: Catalog | None = None) -> Iterator[None]:
    """Within it, the catalog is what one look at the checkpoints folder found, or `shown`."""
    token = _seen.set(shown or catalog())
    try:
        yield
    finally:
        _seen.reset(token)


def catalog() -> Catalog:
    """All runs under the checkpoints folder, read anew only where files changed."""
    if seen := _seen.get():
        return seen
    root = checkpoints_root()
    problems: list[str] = []
    folders = [
        folder for dataset in folders_in(root, problems.append) for folder in folders_in(dataset, problems.append)
    ]
    looks = tuple((folder, signature := signature_of(folder), _broken.get((folder, signature))) for folder in folders)
    return _catalog(root, looks, tuple(problems))


def catalog_of(folders: Sequence[Path]) -> Catalog:
    """The runs and classifiers in some folders, wherever they lie."""
    return _catalog(checkpoints_root(), tuple((folder, signature_of(folder), None) for folder in folders), ())


# Runs whose arrays were found to be broken when they were to be shown, and why, as long as their files do not change.
_broken: dict[tuple[Path, Signature], str] = {}
MOST_BROKEN = 1000


def check(run: Run) -> None:
    """Load the arrays of a run that a page shows.

    Raises CheckpointError, and the catalog then has a line in its place.
    """
    try:
        load(run, "latents")
        load(run, "decoder")
    except CheckpointError as error:
        _broken[run.path, run.signature] = str(error)
        for oldest in list(_broken)[:-MOST_BROKEN]:
            _broken.pop(oldest, None)
        raise


def load(run: Run, part: Part) -> bytes:
    """A gzipped safetensors file for the browser; raises CheckpointError in one line when it cannot be had."""
    with refusals(run.path):
        return _pack(run, part)


def load_column(run: Run, place: int) -> bytes:
    """The values of one of a run's columns, by its place, packed alike; raises CheckpointError, or IndexError."""
    with refusals(run.path):
        return packed({"values": list(_columns(run).values())[place].values})


def load_shared(dataset: str, part: SharedPart, version: str | None = None) -> bytes:
    """The same for what all runs of a data set share: the held-out images, the classifier.

    `version`: the first 12 digits of its SHA-256, if it is to be that one; raises Replaced where it is another.
    """
    folder = checkpoints_root() / dataset
    with refusals(folder / part):
        return pack_shared(folder, part, version, signature_of(folder / CLASSIFIER))


def preload(run: Run) -> None:
    """Load what the first page shows of a run at once; a broken run is reported when it is shown."""
    with suppress(CheckpointError):
        load(run, "decoder")
        load(run, "latents")
    with suppress(CheckpointError):
        load_shared(run.path.parent.name, "gallery", gallery_sha256(run)[:12])


def why_by_server(run: Run) -> str:
    """Why the browser cannot decode a run, so that the server does; "" where it can. Raises CheckpointError."""
    with refusals(run.path):
        return _why_by_server(run)


def gallery_problem(run: Run) -> str | None:
    """Why a run's held-out images cannot be shown, or None if they can."""
    file = run.path.parent / checkpoint.GALLERY
    if not run.config.model.has_decoder and not run.config.dataset["gallery_sha256"]:
        return "This run has no decoder and came without pictures: points are shown by their numbers."
    if not os.path.lexists(file):
        return "no gallery.safetensors: held-out images are shown as the run decodes them"
    try:
        gallery_sha256(run)
    except CheckpointError as error:
        return str(error)
    return None


def gallery_sha256(run: Run) -> str:
    """SHA-256 of the file of a run's held-out images; raises CheckpointError where these cannot be shown."""
    with refusals(run.path.parent / checkpoint.GALLERY):
        return _gallery_sha256(run)


def classifier_record(dataset: str) -> dict[str, Any] | None:
    """The record of a data set's classifier (accuracy, SHA-256, ...), or None without one that can be used."""
    return catalog().classifiers.get(dataset)


def history(run: Run) -> list[dict[str, Any]]:
    """Each epoch's record of a run's training; raises CheckpointError."""
    with refusals(run.path):
        return _history(run)


def image_count(run: Run) -> int:
    """How many held-out images a run has latents of; raises CheckpointError."""
    with refusals(run.path):
        return _image_count(run)


@lru_cache(maxsize=4)
def _catalog(root: Path, looks: tuple[tuple[Path, Signature, str | None], ...], listing: tuple[str, ...]) -> Catalog:
    found: dict[str, dict[str, Run]] = {}
    classifiers: dict[str, dict[str, Any]] = {}
    problems = list(listing)
    for folder, signature, why in looks:
        dataset, name = folder.parent.name, folder.name
        try:
            with refusals(folder):
                if why:
                    raise CheckpointError(why)
                if not _is_text(f"{dataset}/{name}"):
                    raise CheckpointError(f"{folder}: its name is not UTF-8, and no page could ask for it; rename it")
                if classifier_folder.is_classifier(folder):
                    classifiers[dataset] = classifier(folder, signature)[0]
                elif not checkpoint.is_in_training(folder):
                    run = _run(folder, signature)
                    found.setdefault(dataset, {})[name] = replace(run, notes=_notes(folder, problems))
        except CheckpointError as error:
            if os.path.lexists(folder):  # not renamed since it was listed
                problems.append(shown_path(str(error)))
    # MNIST is what the notes show; other data sets follow by name.
    order = sorted(found, key=lambda name: (name != "mnist", natural_key(name)))
    ordered = {dataset: _called(found[dataset]) for dataset in order}
    families = {name: _families(runs) for name, runs in ordered.items()}
    others = {name: _without(runs, families[name]) for name, runs in ordered.items()}
    datasets = {
        dataset: {name: run for name, run in runs.items() if not run.notes.hidden} or runs
        for dataset, runs in others.items()
    }
    hidden = {dataset: _without(runs, datasets[dataset]) for dataset, runs in others.items()}
    return Catalog(root, datasets, classifiers, tuple(problems), hidden, families)


def _families(runs: dict[str, Run]) -> dict[str, Run]:
    """The runs of families, if there are others."""
    found = {name: run for name, run in runs.items() if run.config.training.get("family")}
    return found if len(found) < len(runs) else {}


def _without(runs: dict[str, Run], others: dict[str, Run]) -> dict[str, Run]:
    return {name: run for name, run in runs.items() if name not in others}


def _notes(folder: Path, problems: list[str]) -> RunNotes:
    """What a person notes of a run; where that cannot be read, a line says so and the run is shown without."""
    try:
        return run_notes.load_notes(folder)
    except CheckpointError as error:
        problems.append(shown_path(str(error)))
        return RunNotes()


def _called(runs: dict[str, Run]) -> dict[str, Run]:
    """The runs of a data set in the order to show, each by a title that no other one has."""
    titles = {name: run.notes.name or run.words.title for name, run in runs.items()}
    shared = Counter(title.casefold() for title in titles.values())
    called = {
        name: f"{title} ({name})" if shared[title.casefold()] > 1 else runs[name].notes.name
        for name, title in titles.items()
    }
    return {name: replace(runs[name], called=called[name]) for name in run_order(list(runs))}


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=256)
def _run(folder: Path, signature: Signature) -> Run:
    config = checkpoint.load_config(folder)
    run = Run(folder.name, folder, signature, config, checkpoint.load_metrics(folder, config))
    _ = run.words
    return run


@lru_cache(maxsize=4)
def _columns(run: Run) -> dict[str, Column]:
    return checkpoint.load_columns(run.path, run.config)


@lru_cache(maxsize=64)
def _image_count(run: Run) -> int:
    return len(checkpoint.load_latents(run.path, run.config)["label"])


@lru_cache(maxsize=64)
def _history(run: Run) -> list[dict[str, Any]]:
    return checkpoint.load_history(run.path, run.config)


@lru_cache(maxsize=48)
def _pack(run: Run, part: Part) -> bytes:
    if part == "latents":
        latents = checkpoint.load_latents(run.path, run.config)
        return packed(plane_arrays(latents, checkpoint.spread(latents)), level=0)
    if part == "trajectory":
        return packed(trajectory_arrays(checkpoint.load_trajectory(run.path, run.config)))
    spec = run.config.model
    if not spec.has_decoder:
        return packed({}, {"image_shape": json.dumps(spec.image_shape), "none": "true"})
    weights = checkpoint.load_weights(run.path, run.config)
    arrays = arrays_of(weights, part)
    metadata = model_metadata(spec)
    if run.config.binarize != "none":
        metadata["binarize"] = "true"
    if is_cross_entropy(run):
        metadata["cross_entropy"] = "true"
    if spec.prior != "standard":
        parts = {name: weights[f"prior.{name}"].tolist() for name in ("logits", "mean", "log_var")}
        metadata |= {"prior": json.dumps(parts), "prior_kind": spec.prior}
    if spec.likelihood == "gaussian":
        metadata["log_sigma"] = str(float(weights["log_sigma"]))
    if part == "decoder" and (why := _why_by_server(run)):
        return packed({}, {**metadata, "server": why})
    return packed(arrays, {**metadata, "layers": json.dumps(model_layers(spec, arrays, part))}, level=0)


def is_cross_entropy(run: Run) -> bool:
    """Whether a run's Bernoulli is of grey pixels, so that its -log p(x|z) is a cross-entropy, no log-probability.

    Pixels that are not here are taken for grey ones.
    """
    config = run.config
    if not config.model.has_decoder or config.model.likelihood != "bernoulli" or config.binarize != "none":
        return False
    return _is_grey(run.path.parent / checkpoint.GALLERY, config.dataset["gallery_sha256"])


@lru_cache(maxsize=16)
def _is_grey(gallery: Path, sha256: str | None) -> bool:
    try:
        images = checkpoint.load_gallery(gallery, sha256)["images"]
    except CheckpointError:
        return True
    return has_grey(images)


@lru_cache(maxsize=64)
def _why_by_server(run: Run) -> str:
    if not run.config.model.has_decoder:
        return ""
    try:
        model_layers(run.config.model, arrays_of(checkpoint.load_weights(run.path, run.config), "decoder"), "decoder")
    except NotInBrowser as error:
        return str(error)
    return ""


def model_metadata(spec: ModelSpec) -> dict[str, str]:
    """What goes along with the arrays of a run's decoder or encoder, as texts."""
    return {
        "image_shape": json.dumps(spec.image_shape),
        "likelihood": spec.likelihood,
        "posterior": spec.posterior,
        "latent_dim": str(spec.latent_dim),
        "classes": str(spec.condition),
    }


def model_layers(spec: ModelSpec, arrays: dict[str, Any], part: Literal["decoder", "encoder"]) -> list[dict[str, Any]]:
    """The layers of a run's decoder or encoder for the browser; raises as `browser_layers` does."""
    code, head = (spec.latent_dim,), (spec.posterior_parameters,)
    if part == "decoder":
        return browser_layers(decoder_layers(spec), arrays, part, code, spec.image_shape, spec.condition)
    return browser_layers(encoder_layers(spec), arrays, part, spec.image_shape, head, spec.condition)


@lru_cache(maxsize=64)
def _gallery_sha256(run: Run) -> str:
    file = run.path.parent / checkpoint.GALLERY
    sha256 = run.config.dataset["gallery_sha256"] or checkpoint.gallery_sha256(file)
    found = checkpoint.load_gallery(file, sha256)["images"].shape
    expected = (_image_count(run), *run.config.model.image_shape)
    if found != expected:
        raise CheckpointError(f"{file}: images of shape {found}, expected {expected} for {run.name}")
    return str(sha256)


def tour_files() -> dict[str, Path]:
    """The tours there are, by name: the project's own, and those of one's own folder."""
    return {file.stem: file for file in [*_in_order((ROOT / "explorer" / "tours").glob("*.toml")), *own_talks()]}


def own_tours() -> Path | None:
    """The folder of tours that $EXPLORER_TOURS names."""
    return _folder_of("EXPLORER_TOURS")


def own_talks() -> list[Path]:
    """The files in it."""
    folder = own_tours()
    return _in_order(folder.glob("*.toml")) if folder else []


def _in_order(files: Iterable[Path]) -> list[Path]:
    return sorted(files, key=lambda file: natural_key(file.stem))
