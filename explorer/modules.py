"""Which browser modules a page is made of: itself and all that it imports."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

WEB = Path(__file__).resolve().parent / "web"
HOST = "hosts/streamlit.js"
PAGES = "hosts/pages.js"
_IMPORTS = re.compile(r'\bfrom "(\.[\w/.]+\.js)"')
_PAGE = re.compile(r'(\w+): \(\) => import\("(\.[\w/.]+\.js)"\)')


@cache
def modules_by_page() -> dict[str, list[str]]:
    """Paths under web/ of the modules that each page of hosts/pages.js needs, the host's among them."""
    files = {str(file.relative_to(WEB)): file.read_text(encoding="utf-8") for file in WEB.rglob("*.js")}
    imports = {name: [_beside(name, other) for other in _IMPORTS.findall(text)] for name, text in files.items()}
    pages = {page: _beside(PAGES, module) for page, module in _PAGE.findall(files[PAGES])}
    return {page: sorted(_reached([HOST, module], imports)) for page, module in pages.items()}


def _beside(name: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), other))


def _reached(names: list[str], imports: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += imports[name]
    return found
