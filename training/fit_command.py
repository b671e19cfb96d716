"""The command line that gives the options of a run: what differs from the defaults, in the options' own order."""

from __future__ import annotations

import dataclasses
import shlex
from typing import Any

from training.options import FitOptions, flag


def fit_words(options: FitOptions) -> list[str]:
    """The words after `python -m training` that start this run anew, which --resume is none of."""
    words = ["fit"]
    for field in dataclasses.fields(options):
        value = getattr(options, field.name)
        if field.name == "resume" or value == field.default:
            continue
        words += option_words(field.name, value)
    return words


def option_words(name: str, value: Any) -> list[str]:
    """One option with its value as a command line has it; a switch has none."""
    if isinstance(value, bool):
        return [flag(name)] if value else [flag(name).replace("--", "--no-", 1)]
    return [flag(name), *map(str, value if isinstance(value, tuple) else (value,))]


def fit_command(options: FitOptions) -> str:
    """The same as a line to be copied into a shell."""
    return shlex.join(["python", "-m", "training", *fit_words(options)])
