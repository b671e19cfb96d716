"""The lines of this project's code that Reconstruct and Train quote, read where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer.views.quoted_code import STEPS, TRAINING_STEPS, Statement, find_line

ROOT = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def lines_by_step() -> dict[str, dict[str, Any]]:
    """File, line number and code of each step from image to image."""
    return _lines(STEPS)


@lru_cache(maxsize=1)
def lines_of_training() -> dict[str, dict[str, Any]]:
    """The same of a step of training."""
    return _lines(TRAINING_STEPS)


def _lines(steps: Mapping[str, Statement]) -> dict[str, dict[str, Any]]:
    texts = {where.file: (ROOT / where.file).read_text(encoding="utf-8") for where in steps.values()}
    return {step: asdict(find_line(texts[where.file], where)) for step, where in steps.items()}
