"""The folder of a data set's classifier: the one module that writes and reads it. Format: docs/checkpoint-format.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training import atomic
from training.checkpoint_fields import CLASSIFIER, CLASSIFIER_NEEDED
from training.checkpoint_tensors import LARGEST_WEIGHT
from training.data.natural_order import natural_key
from training.fields import check
from training.file_lock import held
from training.regular_file import CheckpointError, read_file, read_files
from training.sealed_json import FORMAT_VERSION, read_sealed, sealed
from training.tensor_files import (
    MAX_FILE_BYTES,
    MAX_HEADER_BYTES,
    expect,
    format_tensors,
    parse_tensors,
    sha256_of,
    widened,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

RECORD = "classifier.json"
WEIGHTS = "model.safetensors"
FILES = (RECORD, WEIGHTS)


def write_classifier(path: Path, weights: Arrays, record: dict[str, Any]) -> dict[str, Any]:
    """Write a classifier's folder whole; returns its record with format version and the SHA-256 of its weights."""
    data = format_tensors(weights)
    record = {"format_version": FORMAT_VERSION, "sha256": sha256_of(data), **record}
    atomic.write_folder(path, {WEIGHTS: data, RECORD: sealed(record)})
    return record


def seal(path: Path) -> None:
    """Seal the record of a classifier that an older version wrote."""
    with held(path):
        record, _ = load_classifier(path)
        atomic.write_folder(path, {**read_files(atomic.resolve(path)), RECORD: sealed(record)})


def is_classifier(path: Path) -> bool:
    """Whether a folder holds a classifier, not a run."""
    return os.path.lexists(atomic.resolve(path) / RECORD)


def load_classifier(path: str | Path) -> tuple[dict[str, Any], Arrays]:
    """Record and weights of a classifier's folder (docs/checkpoint-format.md); raises CheckpointError."""
    folder = atomic.resolve(Path(path))
    file = folder / RECORD
    record = read_sealed(file, MAX_HEADER_BYTES)
    check(file, record, CLASSIFIER, CLASSIFIER_NEEDED)
    data = read_file(folder / WEIGHTS, limit=MAX_FILE_BYTES)
    if sha256_of(data) != record.get("sha256"):
        raise CheckpointError(f"{folder / WEIGHTS}: damaged or changed (SHA-256 differs from {RECORD})")
    weights = widened(parse_tensors(folder / WEIGHTS, data))
    for name, array in weights.items():
        expect(path, WEIGHTS, name, array, np.float32, array.shape, LARGEST_WEIGHT)
    return record, weights


def channels(weights: Arrays) -> list[int]:
    """Of each convolution of a classifier, in order, by the shapes of its weights."""
    kernels = {name: array for name, array in weights.items() if array.ndim == 4}
    return [len(kernels[name]) for name in sorted(kernels, key=natural_key)]
