"""The checkpoint folder: the one module that writes and reads it. Format: docs/checkpoint-format.md.

Nothing is ever unpickled. Reading needs NumPy only; torch is imported by `load_model` alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from dataclasses import fields as fields_of
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training import atomic
from training import checkpoint_fields as fields
from training.checkpoint_tensors import check_latents, check_weights
from training.columns import (
    Categories,
    Column,
    Columns,
    columns_of_tensors,
    described,
    parse_description,
    tensors_of,
)
from training.errors import UserError, one_line
from training.fields import check
from training.file_lock import held
from training.model.spec import ModelSpec
from training.regular_file import CheckpointError as CheckpointError
from training.regular_file import read_file, read_files
from training.run_notes import NOTES, load_notes
from training.sealed_json import read_sealed, sealed
from training.tensor_files import (
    MAX_FILE_BYTES,
    MAX_HEADER_BYTES,
    MAX_HISTORY_BYTES,
    MAX_RECORD_BYTES,
    expect,
    format_tensors,
    json_bytes,
    parse_json,
    parse_tensors,
    require,
    sha256_of,
    widened,
)
from training.tensor_files import json_line as json_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.model.vae import VAE

    Arrays = dict[str, NDArray[Any]]

CONFIG = "config.json"
GALLERY = "gallery.safetensors"
COLUMNS = "columns.safetensors"  # optional
HISTORY = "history.jsonl"
RESUME = "resume.safetensors"  # while it is trained
HASHED_FILES = (
    "model.safetensors",
    "latents.safetensors",
    "trajectory.safetensors",
    HISTORY,
    "metrics.json",
    "README.md",
)
FILES = (CONFIG, *HASHED_FILES, COLUMNS, NOTES)
MOST_BYTES = {
    HISTORY: MAX_HISTORY_BYTES,
    "metrics.json": MAX_RECORD_BYTES,
    "README.md": MAX_RECORD_BYTES,
}


@dataclass(frozen=True)
class Config:
    """`config.json`. `dataset` has name, classes, source, licence, split and `gallery_sha256` (or None).

    `columns`: the categories of each column by name, in the order of their tensors; None for a column of numbers.
    """

    dataset: dict[str, Any]
    model: ModelSpec
    training: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, str]
    columns: Categories = field(default_factory=dict)

    @property
    def binarize(self) -> str:
        """How the run's images were made black and white: `--binarize`, "none" in runs of an older version."""
        return str(self.training.get("binarize", "none"))

    @cached_property
    def version(self) -> str:
        """Changes with all that is shown of a run but its metrics: its data set, network, weights, latents, columns.

        It does not change when networks come to have another option, which older runs leave at its default.
        """
        files = {name: sha256 for name, sha256 in self.files.items() if name.endswith(".safetensors")}
        defaults = {one.name: one.default for one in fields_of(self.model)}
        model = {name: value for name, value in asdict(self.model).items() if value != defaults[name]}
        what = [self.dataset, model, files, self.columns]
        return sha256_of(json.dumps(what, sort_keys=True).encode())[:16]


@dataclass(frozen=True)
class Contents:
    """Everything a finished run holds, ready to be written.

    `weights`: the model's state dict; `latents`, `trajectory`: arrays as in docs/checkpoint-format.md;
    `history`: one record an epoch; `metrics`: metrics.json; `card`: the README's text; `columns`: what is known of
    each held-out image.
    """

    dataset: dict[str, Any]
    model: ModelSpec
    training: dict[str, Any]
    versions: dict[str, str]
    weights: Arrays
    latents: Arrays
    trajectory: Arrays
    history: list[dict[str, Any]]
    metrics: dict[str, Any]
    card: str
    columns: Columns = field(default_factory=dict)


# ---- writing


def write_checkpoint(path: Path, contents: Contents) -> None:
    """Write a whole checkpoint folder at `path`, replacing what was there only once the new one is complete.

    Raises OSError (disk full), and CheckpointError for what no reader would take, with the old one intact.
    """
    check_weights(path, contents.model, widened(contents.weights))
    check_latents(path, contents.model, len(contents.dataset["classes"]), widened_latents(contents.latents))
    check(path / "metrics.json", json.loads(json_bytes(contents.metrics)), fields.METRICS, fields.METRICS_NEEDED)
    files = {
        "model.safetensors": format_tensors(contents.weights),
        "latents.safetensors": format_tensors(contents.latents),
        "trajectory.safetensors": format_tensors(contents.trajectory),
        HISTORY: "".join(json_line(record) for record in contents.history).encode(),
        "metrics.json": json_bytes(contents.metrics),
        "README.md": contents.card.encode(errors="backslashreplace"),
    }
    if contents.columns:
        files[COLUMNS] = format_tensors(tensors_of(contents.columns))
    config = {
        "dataset": contents.dataset,
        "model": asdict(contents.model),
        "training": contents.training,
        "versions": contents.versions,
        "columns": described(contents.columns),
        "files": {name: sha256_of(data) for name, data in files.items()},
    }
    files[CONFIG] = sealed(config)
    atomic.write_folder(path, files)


def rewrite_metrics(
    path: Path, metrics: dict[str, Any], card: str, measured: Config | None = None, latents: Arrays | None = None
) -> None:
    """Give a finished checkpoint new metrics and a new model card; every other file keeps its bytes.

    `measured`: the run that they are of, if it may be another one by now; `latents`: arrays that its latents get
    besides. The folder is replaced whole. Raises CheckpointError for one that is damaged, that holds a folder, or that
    is another run.
    """
    with held(path):
        if verify(path) != (measured or load_config(path)):
            raise CheckpointError(f"{path}: another run has taken its place; nothing was written")
        new = {"metrics.json": json_bytes(metrics), "README.md": card.encode(errors="backslashreplace")}
        if latents:
            new["latents.safetensors"] = format_tensors({**load_latents(path), **latents})
        _rewrite(path, new)


def seal(path: Path) -> None:
    """Seal the config.json of a checkpoint that an older version wrote; every other file keeps its bytes."""
    with held(path):
        verify(path)
        _rewrite(path, {})


def _rewrite(path: Path, new: Mapping[str, bytes]) -> None:
    path = atomic.resolve(path)
    files = read_files(path)
    config = json.loads(files[CONFIG])
    config["files"] |= {name: sha256_of(data) for name, data in new.items()}
    atomic.write_folder(path, {**files, **new, CONFIG: sealed(config)})


def format_gallery(images: NDArray[np.uint8], label: NDArray[np.int64]) -> tuple[bytes, str]:
    """The gallery file of held-out `images` (N, C, H, W) with `label` (N,), and its SHA-256."""
    data = format_tensors({"images": np.ascontiguousarray(images), "label": np.ascontiguousarray(label)})
    return data, sha256_of(data)


def write_gallery(path: Path, data: bytes) -> bool:
    """Write a gallery file's `data` to `path` unless there is one; returns whether it now holds just these bytes."""
    if not path.exists():
        atomic.write_file(path, data)
    return data == read_file(path, limit=MAX_FILE_BYTES)


def is_finished(path: Path) -> bool:
    """Whether a folder holds a finished checkpoint (its config.json is written last)."""
    return os.path.lexists(atomic.resolve(path) / CONFIG)


def refuse_taken(out: Path, overwrite: bool, growing: Sequence[str] = ()) -> None:
    """Raise UserError where a command's --out holds what would be lost, or a finished checkpoint that is to stay.

    `growing`: names of what a run has there while it is trained, beside its history.
    """
    atomic.refuse_foreign(out, (*(FILES if is_finished(out) else (HISTORY, NOTES)), *growing))
    if is_finished(out) and not overwrite:
        raise UserError(f"--out {out}: holds a finished checkpoint; name another folder or pass --overwrite")


def is_in_training(path: Path) -> bool:
    """Whether a folder holds a run that is being trained or was interrupted: it has a history but no config.json."""
    return os.path.lexists(path / HISTORY) and not is_finished(path)


# ---- reading


def load_config(path: str | Path) -> Config:
    """Read and check `config.json` of the checkpoint folder `path`; raises CheckpointError."""
    file = atomic.resolve(Path(path)) / CONFIG
    value = read_sealed(file, MAX_HEADER_BYTES)
    check(file, value, fields.CONFIG)
    check(file, value["dataset"], fields.DATASET, fields.DATASET_NEEDED, "dataset")
    check(file, value["training"], fields.TRAINING, (), "training")
    for name in HASHED_FILES:
        if name not in value["files"]:
            raise CheckpointError(f"{file}: 'files' has no SHA-256 of {name}")
    try:
        model = ModelSpec.from_json(value["model"])
    except (TypeError, ValueError, KeyError) as error:
        raise CheckpointError(f"{file}: 'model' does not describe a network: {one_line(error)}") from error
    try:
        columns = parse_description(value.get("columns", []))  # older ones say nothing of them
    except ValueError as error:
        raise CheckpointError(f"{file}: {error}") from error
    if columns and not isinstance(value["files"].get(COLUMNS), str):
        raise CheckpointError(f"{file}: 'files' has no SHA-256 of {COLUMNS}")
    return Config(value["dataset"], model, value["training"], value["versions"], value["files"], columns)


def verify(path: str | Path) -> Config:
    """Check every file of a checkpoint against its hash and its contract; raises CheckpointError."""
    config = load_config(path)
    _read_hashed(path, config, "README.md")
    load_weights(path, config)
    load_latents(path, config)
    load_trajectory(path, config)
    load_history(path, config)
    load_metrics(path, config)
    load_columns(path, config)
    load_notes(Path(path))
    return config


# What follows takes the `config` that has been read, so that all is of one run though another takes its place: then
# the hashes differ. Without one it is read anew.


def load_model(path: str | Path, config: Config | None = None) -> VAE:
    """The run's network in evaluation mode, on the CPU, with `encode(x) -> (mu, log_var)` and `decode(z) -> logits`.

    Raises CheckpointError when the folder breaks the format.
    """
    import torch

    from training.model.vae import VAE

    config = config or load_config(path)
    if not config.model.has_decoder:
        raise CheckpointError(f"{path}: latents alone, without a model")
    try:
        with torch.device("meta"):  # shapes only: a size in config.json takes no memory until a tensor has it
            model = VAE(config.model)
    except (ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{Path(path) / CONFIG}: 'model' does not describe a network: {one_line(error)}"
        ) from error
    state = {name: torch.from_numpy(array) for name, array in load_weights(path, config).items()}
    if misfit := state_misfit(state, model.state_dict()):
        raise CheckpointError(f"{Path(path) / 'model.safetensors'}: {misfit}")
    model.load_state_dict(state, assign=True)
    return model.eval()


def state_misfit(state: Mapping[str, Any], expected: Mapping[str, Any]) -> str | None:
    """What keeps tensors by name from being a model's state dict, in words; None if they fit."""
    for name, tensor in expected.items():
        if name not in state:
            return f"tensor {name!r} is missing"
        if state[name].shape != tensor.shape:
            return f"tensor {name!r} has shape {tuple(state[name].shape)}, expected {tuple(tensor.shape)}"
    extra = sorted(set(state) - set(expected))
    return f"tensor {extra[0]!r} does not belong to this model" if extra else None


def load_weights(path: str | Path, config: Config | None = None) -> Arrays:
    """All tensors of `model.safetensors`, finite, by their state-dict names: float32, also where stored as float16."""
    config, file = config or load_config(path), "model.safetensors"
    arrays = widened(_load_tensors(path, config, file))
    check_weights(path, config.model, arrays)
    return arrays


def load_latents(path: str | Path, config: Config | None = None) -> Arrays:
    """Arrays of the N held-out images, without importing torch.

    Always: `mu` (N, D) float32, `label` (N,) int64, and of a run with a decoder `reconstruction` (N,) float32, nats per
    image. For a Gaussian posterior also `kl` (N,) float32 and `log_var` (N, D) or, for a full covariance, `scale_tril`
    (N, D, D). For D > 2 also `pca` (N, 2), `pca_mean` (D,), `pca_components` (2, D) and, once the run is
    measured, `umap` (N, 2).
    """
    config = config or load_config(path)
    arrays = widened_latents(_load_tensors(path, config, "latents.safetensors"))
    check_latents(path, config.model, len(config.dataset["classes"]), arrays)
    return arrays


def widened_latents(arrays: Arrays) -> Arrays:
    """Latents as they are read: of a family's run, float32 in place of float16, and `label` int64 in place of uint8."""
    label = arrays.get("label")
    small = label is not None and label.dtype == np.uint8
    return widened({**arrays, "label": label.astype(np.int64)} if label is not None and small else arrays)


def spread(latents: Arrays) -> NDArray[np.float64] | None:
    """Of each q(z|x), the standard deviations (N, D) where its covariance is diagonal, else its Cholesky factor.

    That is L (N, D, D) of Sigma = L L^T; None for deterministic codes.
    """
    if "scale_tril" in latents:
        return latents["scale_tril"].astype(np.float64)
    return np.exp(0.5 * latents["log_var"].astype(np.float64)) if "log_var" in latents else None


def load_trajectory(path: str | Path, config: Config | None = None) -> Arrays:
    """`epoch` (T,) int64 and `mu` (T, N, D) float32: the held-out images' means after each saved epoch."""
    config = config or load_config(path)
    file = "trajectory.safetensors"
    arrays = widened(_load_tensors(path, config, file))
    for name in ("epoch", "mu"):
        require(path, file, arrays, name)
    shape = arrays["mu"].shape
    if len(shape) != 3 or shape[2] != config.model.latent_dim:
        raise CheckpointError(f"{Path(path) / file}: tensor 'mu' has shape {shape}, expected (T, N, D)")
    expect(path, file, "mu", arrays["mu"], np.float32, shape)
    expect(path, file, "epoch", arrays["epoch"], np.int64, (shape[0],))
    return arrays


def load_columns(path: str | Path, config: Config | None = None) -> dict[str, Column]:
    """The columns of the N held-out images, by name; none where the run carries none."""
    config = config or load_config(path)
    if not config.columns:
        return {}
    try:
        return columns_of_tensors(_load_tensors(path, config, COLUMNS), config.columns)
    except CheckpointError:
        raise
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{Path(path) / COLUMNS}: {error}") from error


def load_history(path: str | Path, config: Config | None = None) -> list[dict[str, Any]]:
    """One record an epoch: epoch, learning_rate, seconds, and each term on training and validation images."""
    file = Path(path) / HISTORY
    data = _read_hashed(path, config or load_config(path), file.name)
    return [check(file, parse_json(file, line), fields.EPOCH, fields.EPOCH_NEEDED) for line in data.splitlines()]


def load_metrics(path: str | Path, config: Config | None = None) -> dict[str, Any]:
    """Metrics of the finished run, with their definitions."""
    config, file = config or load_config(path), Path(path) / "metrics.json"
    value = parse_json(file, _read_hashed(path, config, file.name))
    metrics = check(file, value, fields.METRICS, fields.METRICS_NEEDED)
    kl, gap = metrics.get("kl_per_dimension"), metrics.get("gap")
    if kl is not None and len(kl) != config.model.latent_dim:
        raise CheckpointError(f"{file}: 'kl_per_dimension' has {len(kl)} numbers, expected {config.model.latent_dim}")
    if gap is not None and len(gap["edges"]) != len(gap["counts"]) + 1:
        raise CheckpointError(f"{file}: 'gap' has {len(gap['counts'])} counts between {len(gap['edges'])} edges")
    return metrics


def gallery_sha256(path: Path) -> str:
    """The SHA-256 of a gallery file."""
    return sha256_of(read_file(path, limit=MAX_FILE_BYTES))


def load_gallery(path: str | Path, sha256: str | None = None) -> Arrays:
    """`images` uint8 (N, C, H, W) and `label` int64 (N,) of a gallery file; checked against `sha256` if given."""
    file = Path(path)
    data = read_file(file, limit=MAX_FILE_BYTES)
    if sha256 is not None and sha256_of(data) != sha256:
        raise CheckpointError(f"{file}: these are not the images that the run was evaluated on (SHA-256 differs)")
    arrays = parse_tensors(file, data)
    for name in ("images", "label"):
        if name not in arrays:
            raise CheckpointError(f"{file}: tensor {name!r} is missing")
    images, label = arrays["images"], arrays["label"]
    if images.dtype != np.uint8 or images.ndim != 4 or label.shape != (len(images),):
        raise CheckpointError(f"{file}: 'images' must be uint8 (N, C, H, W) and 'label' (N,)")
    return arrays


def _read_hashed(path: str | Path, config: Config, name: str) -> bytes:
    file = atomic.resolve(Path(path)) / name
    data = read_file(file, MOST_BYTES.get(name, MAX_FILE_BYTES))
    if sha256_of(data) != config.files[name]:
        raise CheckpointError(f"{file}: damaged or changed since it was written (SHA-256 differs from {CONFIG})")
    return data


def _load_tensors(path: str | Path, config: Config, name: str) -> Arrays:
    return parse_tensors(atomic.resolve(Path(path)) / name, _read_hashed(path, config, name))
