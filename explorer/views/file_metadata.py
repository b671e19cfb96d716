"""The metadata of a safetensors file, for what passes such files on."""

from __future__ import annotations

import json
from typing import Any

MOST_HEADER = 1_000_000


def metadata_of(data: bytes) -> dict[str, Any]:
    """What the file's header has under `__metadata__`, strings by name; {} without it."""
    length = min(int.from_bytes(data[:8], "little"), MOST_HEADER)
    found: dict[str, Any] = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    return found
