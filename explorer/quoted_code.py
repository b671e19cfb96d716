"""The lines of this project's code that the Reconstruct page quotes, read where they stand."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer.views.quoted_code import STEPS, find_line

ROOT = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def lines_by_step() -> dict[str, dict[str, Any]]:
    """File, line number and code of each step from image to image."""
    texts = {where.file: (ROOT / where.file).read_text(encoding="utf-8") for where in STEPS.values()}
    return {step: asdict(find_line(texts[where.file], where)) for step, where in STEPS.items()}
