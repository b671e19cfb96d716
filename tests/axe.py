"""Asks axe-core's rules of a page; its half a megabyte of script is sent to a page once."""

from __future__ import annotations

import json

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# What a theme can break; all other rules look at what is there, not at its colours.
OF_COLOURS = ("color-contrast", "link-in-text-block")


def violations(page: Page, context: str, rules: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Each rule that the elements of a selector break, all or only these, with the first element that does."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found: list[tuple[str, str]] = page.evaluate(
        "async ([context, options]) => (await axe.run(context, JSON.parse(options))).violations"
        ".map(({ id, nodes }) => [id, nodes[0].html])",
        [context, json.dumps(options)],
    )
    return found
