"""Style sheets of pages: they all stay loaded, so none may reach what another page, or every page, has."""

from __future__ import annotations

import re

import pytest

from explorer.views.pages import PAGES
from tests.test_rules import WEB

CLASS = re.compile(r"(?<![\w-])lx-[a-z0-9-]+")
OWN_STATES = ("[data-how", "lx-latents-alone")  # of a page's root or of its own parts


def _classes(*folders: str) -> set[str]:
    return {
        name for folder in folders for file in (WEB / folder).rglob("*.js") for name in CLASS.findall(file.read_text())
    }


def _selectors(css: str) -> list[str]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules = [rule for rule in re.findall(r"([^{};]+)\{", css) if not rule.strip().startswith("@")]
    # commas inside of :is(...) part no selectors
    return [one.strip() for rule in rules for one in re.split(r",(?![^(]*\))", rule)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_styles_no_element_of_another_one(page: str) -> None:
    elsewhere = _classes("dom", "plane", "run", *(f"pages/{other}" for other in PAGES if other != page))
    for sheet in (WEB / "pages" / page).glob("*.css"):
        for selector in _selectors(sheet.read_text()):
            names = set(CLASS.findall(selector))
            free = f"lx-{page}" in names or not names or any(state in selector for state in OWN_STATES)
            assert free or not names <= elsewhere, f"{sheet.name}: {selector} needs :where(.lx-{page}) before it"
