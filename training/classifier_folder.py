"""The folder of a data set's classifier: the one module that writes and reads it. Format: docs/checkpoint-format.md."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training import atomic
from training.checkpoint import FORMAT_VERSION
from training.tensor_files import (
    MAX_FILE_BYTES,
    MAX_HEADER_BYTES,
    CheckpointError,
    expect,
    format_tensors,
    json_bytes,
    parse_json,
    parse_tensors,
    read_file,
    sha256_of,
    widened,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

RECORD = "classifier.json"
WEIGHTS = "model.safetensors"


def write_classifier(path: Path, weights: Arrays, record: dict[str, Any]) -> dict[str, Any]:
    """Write a classifier's folder whole; returns its record with format version and the SHA-256 of its weights."""
    data = format_tensors(weights)
    record = {"format_version": FORMAT_VERSION, "sha256": sha256_of(data), **record}
    atomic.write_folder(path, {WEIGHTS: data, RECORD: json_bytes(record)})
    return record


def is_classifier(path: Path) -> bool:
    """Whether a folder holds a classifier, not a run."""
    return (atomic.resolve(path) / RECORD).exists()


def load_classifier(path: str | Path) -> tuple[dict[str, Any], Arrays]:
    """Record and weights of a classifier's folder (docs/checkpoint-format.md); raises CheckpointError."""
    folder = atomic.resolve(Path(path))
    file = folder / RECORD
    record = parse_json(file, read_file(file, limit=MAX_HEADER_BYTES))
    if not isinstance(record, dict) or record.get("format_version") != FORMAT_VERSION:
        raise CheckpointError(f"{file}: expected a JSON object with format_version {FORMAT_VERSION}")
    classes, shape = record.get("classes"), record.get("image_shape")
    if not isinstance(classes, list) or not classes or not all(isinstance(name, str) for name in classes):
        raise CheckpointError(f"{file}: no list of 'classes'")
    if not isinstance(shape, list) or len(shape) != 3 or not all(type(n) is int and 0 < n < 2**15 for n in shape):
        raise CheckpointError(f"{file}: 'image_shape' must be [C, H, W]")
    data = read_file(folder / WEIGHTS, limit=MAX_FILE_BYTES)
    if sha256_of(data) != record.get("sha256"):
        raise CheckpointError(f"{folder / WEIGHTS}: damaged or changed (SHA-256 differs from {RECORD})")
    weights = widened(parse_tensors(folder / WEIGHTS, data))
    for name, array in weights.items():
        expect(path, WEIGHTS, name, array, np.float32, array.shape)
    return record, weights
