"""Fields of a JSON object from a file: each of a kind and in a range, or refused in one line that names it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.regular_file import CheckpointError

LARGEST = 1e15  # of numbers that are counted, measured or drawn
DEEPEST = 8
_SHOWN = 40


@dataclass(frozen=True)
class Kind:
    """What a value may be: `words` say it after "expected"."""

    words: str
    fits: Callable[[Any], bool]


def number(low: float = -LARGEST, high: float = LARGEST) -> Kind:
    """A finite number from `low` to `high`."""
    words = "a number" if (low, high) == (-LARGEST, LARGEST) else f"a number from {low:g} to {high:g}"
    return Kind(words, lambda value: type(value) in (int, float) and low <= value <= high)


def whole(low: int, high: int = 2**63 - 1) -> Kind:
    """A whole number from `low` to `high`."""
    return Kind(f"a whole number from {low} up", lambda value: type(value) is int and low <= value <= high)


def null_or(kind: Kind) -> Kind:
    """The same, or null."""
    return Kind(f"{kind.words} or null", lambda value: value is None or kind.fits(value))


def list_of(kind: Kind, least: int = 0) -> Kind:
    """A list of at least `least` such values."""
    return Kind(
        f"a list of which each is {kind.words}",
        lambda value: isinstance(value, list) and len(value) >= least and all(map(kind.fits, value)),
    )


def by_name(kind: Kind, needed: Collection[str] = ()) -> Kind:
    """An object whose values are all of one kind; `needed`: names that it must have."""
    return Kind(
        f"an object of which each value is {kind.words}",
        lambda value: (
            isinstance(value, dict)
            and all(TEXT.fits(name) and kind.fits(item) for name, item in value.items())
            and all(name in value for name in needed)
        ),
    )


def record(kinds: Mapping[str, Kind]) -> Kind:
    """An object with these fields, and maybe others."""
    return Kind(
        f"an object with {', '.join(kinds)}",
        lambda value: (
            isinstance(value, dict) and all(name in value and kind.fits(value[name]) for name, kind in kinds.items())
        ),
    )


def _is_text(value: Any) -> bool:
    """Whether a value is a text that can be sent on: half of a surrogate pair cannot."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


def _is_plain(value: Any, depth: int = 0) -> bool:
    if isinstance(value, list | dict):
        items = value if isinstance(value, list) else [*value.keys(), *value.values()]
        return depth < DEEPEST and all(_is_plain(item, depth + 1) for item in items)
    if isinstance(value, str):
        return _is_text(value)
    return value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))


TEXT = Kind("a text", _is_text)
FLAG = Kind("true or false", lambda value: type(value) is bool)
SHA256 = Kind("a SHA-256", lambda value: isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None)
NUMBER = number()
SHARE = number(0, 1)
COUNT = whole(0, 10**15)
PLAIN = Kind("finite numbers and texts", _is_plain)  # what nobody here looks at


def check(
    file: Path, value: Any, kinds: Mapping[str, Kind], needed: Collection[str] | None = None, where: str = ""
) -> dict[str, Any]:
    """The object `value` of a file, of which every field is of its kind; raises CheckpointError for the first other.

    `needed`: fields that must be there, all in `kinds` if not given. `where`: the object's own name in its file.
    """
    prefix = f"{where}." if where else ""
    if not isinstance(value, dict):
        raise CheckpointError(f"{file}: {where + ' is not' if where else 'expected'} a JSON object")
    for name in kinds if needed is None else needed:
        if name not in value:
            raise CheckpointError(f"{file}: '{prefix}{name}' is missing, expected {kinds[name].words}")
    for name, item in value.items():
        kind = kinds.get(name, PLAIN)
        if not kind.fits(item):
            shown = ascii(item)
            shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
            raise CheckpointError(f"{file}: {prefix + name!a} is {shown}, expected {kind.words}")
    return value
