"""The app's pages, a module for each by its name: it lays out widgets, calls a view and shows it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def screen(page: str) -> ModuleType:
    """The module of a page: `page()` lays it out; where it has a part in the browser, `payload(state)` is its data."""
    return import_module(f"{__name__}.{page}")
