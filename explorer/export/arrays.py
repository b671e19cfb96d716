"""Arrays as small as they can be without another value: half precision where that is exact, and well compressed."""

from __future__ import annotations

import gzip
import json

import numpy as np
from safetensors.numpy import load, save


def compact(packed: bytes) -> bytes:
    """A gzipped safetensors file with the same values, smaller."""
    content = gzip.decompress(packed)
    arrays = {name: _halved(array) for name, array in load(content).items()}
    return gzip.compress(save(arrays, _metadata(content)), 9, mtime=0)


def _halved(array: np.ndarray) -> np.ndarray:
    """The same numbers in half precision, where they have no more digits: shipped weights were stored so."""
    if array.dtype != np.float32:
        return array
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.array_equal(half.astype(np.float32), array, equal_nan=True) else array


def _metadata(content: bytes) -> dict[str, str]:
    length = int.from_bytes(content[:8], "little")
    found: dict[str, str] = json.loads(content[8 : 8 + length]).get("__metadata__", {})
    return found
