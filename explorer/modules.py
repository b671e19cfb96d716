"""Which browser modules a page is made of: itself and all that it imports."""

from __future__ import annotations

import re

from explorer.assets import WEB

HOST = "streamlit_host.js"
PAGES = "pages.js"
_IMPORTS = re.compile(r'\bfrom "\./(\w+\.js)"')
_PAGE = re.compile(r'(\w+): \(\) => import\("\./(\w+\.js)"\)')


def modules_by_page() -> dict[str, list[str]]:
    """File names of the modules that each page of pages.js needs, the host's among them."""
    imports = {file.name: _IMPORTS.findall(file.read_text()) for file in WEB.glob("*.js")}
    pages = dict(_PAGE.findall((WEB / PAGES).read_text()))
    return {page: sorted(_reached([HOST, module], imports)) for page, module in pages.items()}


def _reached(names: list[str], imports: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += imports[name]
    return found
