"""For every screen: what stays for ever is kept out of the collection that Streamlit makes after each run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache


def settle() -> None:
    """Let later collections pass over all that is in memory now: imported modules, loaded models, kept answers."""
    gc.collect()
    gc.freeze()


@lru_cache
def settle_once(use: str) -> None:
    """The same, after the first use of its kind in this process only: by then all is imported that it needs."""
    settle()


@contextmanager
def passed_over() -> Iterator[None]:
    """Let collections look at nothing meanwhile: for an import of seconds, in which pages run and collect.

    Else each would look through all that the import has made so far. What becomes garbage meanwhile stays, too.
    """
    gc.callbacks.append(_freeze)
    try:
        yield
    finally:
        gc.callbacks.remove(_freeze)
        settle()


def _freeze(phase: str, info: dict[str, int]) -> None:
    """Called by a collection that is about to begin."""
    if phase == "start":
        gc.freeze()
