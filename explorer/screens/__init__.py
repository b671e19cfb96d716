"""The app's pages, a module for each by its name: it lays out widgets, calls a view and shows it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType


def screen(page: str) -> ModuleType:
    """The module of a page: `page()` lays it out; where it has a part in the browser, `payload(state)` is its data."""
    return import_module(f"{__name__}.{page}")


def show(page: str) -> Callable[[], None]:
    """What lays a page out; its module is imported only then, so that the first page waits for no other."""

    def lay_out() -> None:
        screen(page).page()

    return lay_out
