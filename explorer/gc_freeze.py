"""What stays for ever is kept out of the collection that Streamlit makes after each run."""

from __future__ import annotations

import gc
from functools import lru_cache


def settle() -> None:
    """Let later collections pass over all that is in memory now: imported modules, loaded models."""
    gc.collect()
    gc.freeze()


@lru_cache
def settle_once() -> None:
    """The same, after the first call only."""
    settle()
