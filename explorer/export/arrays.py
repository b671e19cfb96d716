"""Arrays as small as they can be without another value: half precision where that is exact, and well compressed."""

from __future__ import annotations

import gzip
import json
import zlib

import numpy as np
from safetensors.numpy import load

from explorer.views.file_metadata import metadata_of

DTYPES = {"float32": "F32", "float16": "F16", "int32": "I32", "uint8": "U8"}
STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY)  # numbers of a network repeat nothing: only Huffman helps


def compact(packed: bytes) -> bytes:
    """A gzipped safetensors file with the same values, smaller, for explorer/web/hosts/file_arrays.js.

    It differs from that format so: of an array first all lowest bytes stand, then all next ones, as high bytes are much
    alike; of numbers over epochs (three axes, half precision) each epoch has the differences from the one before, of
    the bits modulo 2^16, and `steps` in its entry; arrays that are the same are there once.
    """
    content = gzip.decompress(packed)
    header: dict[str, object] = {"__metadata__": metadata_of(content)}
    body: dict[tuple[str, bytes], int] = {}
    end = 0
    for name, array in sorted(load(content).items()):
        halved = _halved(array)
        steps = halved.dtype == np.float16 and halved.ndim == 3
        data = _planes(_steps(halved) if steps else halved)
        dtype = DTYPES[halved.dtype.name]
        begin = body.setdefault((dtype, data), end)
        end = max(end, begin + len(data))
        entry = {"dtype": dtype, "shape": halved.shape, "data_offsets": [begin, begin + len(data)]}
        header[name] = {**entry, "steps": True} if steps else entry
    start = json.dumps(header, separators=(",", ":")).encode()
    return gzipped(len(start).to_bytes(8, "little") + start + b"".join(data for _, data in body))


def gzipped(content: bytes) -> bytes:
    """The smallest gzip stream of it that zlib makes."""
    return min((_compressed(content, strategy) for strategy in STRATEGIES), key=len)


def _compressed(content: bytes, strategy: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31, 9, strategy)  # 31: with gzip's header and check
    return compressor.compress(content) + compressor.flush()


def _halved(array: np.ndarray) -> np.ndarray:
    """The same numbers in half precision, where they have no more digits: shipped weights were stored so."""
    if array.dtype != np.float32:
        return array
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.array_equal(half.astype(np.float32), array, equal_nan=True) else array


def _steps(array: np.ndarray) -> np.ndarray:
    """Bits of half-precision numbers as differences along the first axis, modulo 2^16."""
    bits = array.view(np.uint16)
    return np.concatenate([bits[:1], bits[1:] - bits[:-1]])


def _planes(array: np.ndarray) -> bytes:
    """All lowest bytes, then all next ones."""
    return np.ascontiguousarray(array).reshape(-1, 1).view(np.uint8).T.tobytes()
