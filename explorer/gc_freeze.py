"""For every screen: what stays for ever is kept out of the collection that Streamlit makes after each run."""

from __future__ import annotations

import gc
from functools import lru_cache


def settle() -> None:
    """Let later collections pass over all that is in memory now: imported modules, loaded models, kept answers."""
    gc.collect()
    gc.freeze()


@lru_cache
def settle_once(use: str) -> None:
    """The same, after the first use of its kind in this process only: by then all is imported that it needs."""
    settle()
