"""The order that people expect of names with numbers in them: 2 before 10."""

from __future__ import annotations

import re

NaturalKey = tuple[list[tuple[str | int, str]], str]


def natural_key(text: str) -> NaturalKey:
    """Sorts names with their runs of digits by value, and their letters whether capital or not.

    Digits are compared by their count and then as text: a name may have more of them than int() takes.
    """
    parts = re.split("([0-9]+)", text)
    letters = [("", part.casefold()) for part in parts[::2]]
    numbers = [(len(part.lstrip("0")), part.lstrip("0")) for part in parts[1::2]]
    key: list[tuple[str | int, str]] = [("", "")] * len(parts)
    key[::2], key[1::2] = letters, numbers
    return key, text
