"""Text that is not ours, from a checkpoint or a file name, for what reads Markdown or formulas: it stays as it is."""

from __future__ import annotations

import re

_JOINER = "\N{WORD JOINER}"  # no one sees it: it keeps apart what would be taken for an icon, an emoji or a link
_MARKUP = re.compile(r"[\\`*\[\]<>~$]|(?<![^\W_])_|_(?![^\W_])|&(?=[#\w])")
_SPOKEN = re.compile(r":(?=[\w/+-])|(?<=www)(?=\.)|(?<=\S)(?=@\S)", re.IGNORECASE)
_OPENING = re.compile(r"^(\d*)([#+=.)-])")


def as_text(text: str) -> str:
    """Markdown, on one line, that shows just this text: no image, link, emphasis, icon, formula or heading."""
    line = _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
    return _OPENING.sub(r"\1\\\2", _SPOKEN.sub(rf"\g<0>{_JOINER}", line))


def as_cell(value: object) -> object:
    """A value of a CSV file; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(("=", "+", "-", "@")) else value
