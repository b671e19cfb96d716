"""Which browser modules a page is made of: itself and all that it imports; and which version of them this is."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path

WEB = Path(__file__).resolve().parent / "web"
HOST = "hosts/streamlit.js"
PAGES = "hosts/pages.js"
_IMPORTS = re.compile(r'\bfrom "(\.[\w/.]+\.js)"')
_PAGE = re.compile(r'(\w+): \(\) => import\("(\.[\w/.]+\.js)"\)')
_WORKER = re.compile(r'new URL\("(\.[\w/.]+\.js)", import\.meta\.url\), \{ type: "module" \}')
_LINK = re.compile(r'(?P<before>\bfrom |\bimport\()"(?P<path>\.[\w/.]+\.js)"')


@cache
def modules_by_page() -> dict[str, list[str]]:
    """Paths under web/ of the modules that each page of hosts/pages.js needs, the host's among them."""
    files = {str(file.relative_to(WEB)): file.read_text(encoding="utf-8") for file in WEB.rglob("*.js")}
    imports = {name: [_beside(name, other) for other in _IMPORTS.findall(text)] for name, text in files.items()}
    pages = {page: _beside(PAGES, module) for page, module in _PAGE.findall(files[PAGES])}
    return {page: sorted(_reached([HOST, module], imports)) for page, module in pages.items()}


@cache
def version() -> str:
    """12 hex digits of all that is served from web/, as it was at the last look, and of plotly.js."""
    return _digest(tuple(_changed(file) for file in _files()))


def look_again() -> None:
    """Take notice of files that were edited while the server runs; for each page that is opened."""
    version.cache_clear()


@cache
def _files() -> list[Path]:
    return sorted(file for file in WEB.rglob("*") if file.is_file())


def _changed(file: Path) -> int:
    """When, in ns since 1970; 0 where it is gone."""
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=1)
def _digest(changed: tuple[int, ...]) -> str:
    digest = hashlib.sha256(metadata.version("plotly").encode())
    for file, when in zip(_files(), changed, strict=True):
        if when:
            digest.update(file.relative_to(WEB).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def linked_modules(host: str, pages: Sequence[str]) -> list[tuple[str, str]]:
    """Names and texts of the modules of a host and some pages, each after all that it imports.

    Where a text names another module it has `"module:NAME"`, and where it starts one as a worker `"worker:NAME"`, for
    explorer/web/hosts/file_boot.js.
    """
    texts = {str(file.relative_to(WEB)): file.read_text(encoding="utf-8") for file in WEB.rglob("*.js")}
    left_out = {_beside(PAGES, module) for page, module in _PAGE.findall(texts[PAGES]) if page not in pages}
    linked: dict[str, str] = {}

    def link(name: str) -> None:
        needs = [_beside(name, path) for kind in (_IMPORTS, _WORKER) for path in kind.findall(texts[name])]
        needs += [_beside(name, path) for _, path in _PAGE.findall(texts[name])]
        for other in needs:
            if other not in linked and other not in left_out:
                link(other)
        text = _WORKER.sub(lambda found: f'"worker:{_beside(name, found[1])}"', texts[name])
        linked[name] = _LINK.sub(lambda found: f'{found["before"]}"module:{_beside(name, found["path"])}"', text)

    link(host)
    return list(linked.items())


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
