"""Files as a checkpoint's reader meets them: JSON and tensors, refused in one line that names what was expected.

For checkpoint.py and classifier_folder.py; needs NumPy and safetensors only.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import load as parse_safetensors
from safetensors.numpy import save as format_safetensors

from training.errors import one_line
from training.regular_file import CheckpointError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

MAX_HEADER_BYTES = 1_000_000
MAX_FILE_BYTES = 2_000_000_000
MAX_RECORD_BYTES = 4_000_000  # of metrics.json and the model card
MAX_HISTORY_BYTES = 16_000_000  # 60,000 epochs
LARGEST = 1e12


def format_tensors(arrays: Arrays, metadata: dict[str, str] | None = None) -> bytes:
    """A safetensors file, `metadata` in its header."""
    return bytes(format_safetensors(arrays, metadata))


def json_line(record: Mapping[str, Any]) -> str:
    """One line of history.jsonl; numbers that are not finite become null."""
    return json.dumps(_finite(record), allow_nan=False) + "\n"


def json_bytes(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(_finite(value), indent=2, allow_nan=False) + "\n").encode()


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def sha256_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def parse_tensors(file: Path, data: bytes) -> Arrays:
    header = int.from_bytes(data[:8], "little")
    if header > MAX_HEADER_BYTES:
        raise CheckpointError(f"{file}: header of {header:,} bytes, expected at most {MAX_HEADER_BYTES:,}")
    try:
        return parse_safetensors(data) if b'"BF16"' not in data[8 : 8 + header] else _with_bfloat16(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"{file}: not a safetensors file ({one_line(error, 120)})") from error


def _with_bfloat16(data: bytes) -> Arrays:
    """All tensors, bfloat16 as float32: NumPy has no such type, whose bits are the first half of a float32's."""
    tensors: list[tuple[str, dict[str, Any]]] = deserialize(data)  # type: ignore[no-untyped-call]
    arrays: Arrays = {}
    for name, tensor in tensors:
        kind, size = tensor["dtype"][0].lower(), tensor["dtype"][1:]
        if tensor["dtype"] == "BF16":
            flat = (np.frombuffer(tensor["data"], "<u2").astype("<u4") << 16).view("<f4")
        else:
            flat = np.frombuffer(tensor["data"], f"<{kind}{int(size) // 8}")
        arrays[name] = flat.reshape(tensor["shape"])
    return arrays


def widened(arrays: Arrays) -> Arrays:
    return {name: array.astype(np.float32) if array.dtype == np.float16 else array for name, array in arrays.items()}


def parse_json(file: Path, data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{file}: not valid JSON ({one_line(error)})") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def require(path: str | Path, file: str, arrays: Arrays, name: str) -> None:
    if name not in arrays:
        raise CheckpointError(f"{Path(path) / file}: tensor {name!r} is missing")


def expect(
    path: str | Path,
    file: str,
    name: str,
    array: NDArray[Any],
    dtype: type[np.generic],
    shape: tuple[int, ...],
    largest: float = LARGEST,
) -> None:
    """Refuse a tensor of another type or shape, and numbers that are not finite or beyond +-`largest`."""
    where = f"{Path(path) / file}: tensor {name!r}"
    if array.dtype != dtype:
        raise CheckpointError(f"{where} is {array.dtype}, expected {np.dtype(dtype)}")
    if array.shape != shape:
        raise CheckpointError(f"{where} has shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        raise CheckpointError(f"{where} holds a number that is not finite")
    if array.size and np.abs(array).max() > largest:
        raise CheckpointError(f"{where} holds {np.abs(array).max():.3g}, expected numbers up to {largest:g}")
