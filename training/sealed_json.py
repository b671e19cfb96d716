"""JSON files that carry the SHA-256 of their own bytes, so that no bit of them changes unseen.

The seal is the last field, `"seal"`: the SHA-256 of all that stands before the comma that sets it apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.regular_file import CheckpointError, read_file
from training.tensor_files import json_bytes, parse_json, sha256_of

FORMAT_VERSION = 2
UNSEALED = 1  # still read: what has this version has no seal
_BEFORE, _AFTER = b',\n  "seal": "', b'"\n}\n'


def sealed(value: Mapping[str, Any]) -> bytes:
    """An object as a sealed file of the present format version."""
    content = {name: item for name, item in value.items() if name not in ("format_version", "seal")}
    body = json_bytes({"format_version": FORMAT_VERSION, **content}).removesuffix(b"\n}\n")
    return body + _BEFORE + sha256_of(body).encode() + _AFTER


def read_sealed(file: Path, limit: int) -> dict[str, Any]:
    """The object in a sealed file, without its seal, or in an older one; raises CheckpointError in one line."""
    return unsealed(file, read_file(file, limit))


def unsealed(file: Path, data: bytes) -> dict[str, Any]:
    """The same of its bytes."""
    body, before, seal = data.rpartition(_BEFORE)
    if before and seal != sha256_of(body).encode() + _AFTER:
        raise CheckpointError(f"{file}: damaged or changed since it was written (its seal differs)")
    value = parse_json(file, data)
    if not isinstance(value, dict):
        raise CheckpointError(f"{file}: expected a JSON object")
    version = value.get("format_version")
    if version not in (UNSEALED, FORMAT_VERSION) or type(version) is not int:
        raise CheckpointError(
            f"{file}: format_version is {ascii(version)[:40]}, expected {FORMAT_VERSION}; "
            "make it anew or use the version of this project that wrote it"
        )
    if version == FORMAT_VERSION and not before:
        raise CheckpointError(f"{file}: damaged or changed since it was written (it has no seal)")
    value.pop("seal", None)
    return value
