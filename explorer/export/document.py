"""The HTML file itself: style sheets, browser modules, data and arrays, all inline."""

from __future__ import annotations

import codecs
import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import numpy as np

from explorer.export.arrays import gzipped
from explorer.export.contents import Contents
from explorer.modules import WEB, linked_modules

HOST = "hosts/file.js"
SHARED = ("dom/base.css", "plane/plane.css", "plane/taking_along.css", "hosts/file.css", "hosts/viewer.css")

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:image/svg+xml;base64,{icon}">
</head>
<body>
<noscript>This page decodes images by JavaScript, which this browser does not run.</noscript>
{packed}
<script>{boot}</script>
</body>
</html>
"""

ESCAPE = 0xE000  # before a unit that HTML would not keep, or that would end the element; that has its first bit flipped


def document(inside: Contents, host: str = HOST) -> bytes:
    """The file: UTF-16, of which each unit holds two bytes of an array, where base 64 would make a third more of it.

    Its byte order mark says so to every browser, also over a server that calls all HTML UTF-8.
    """
    return codecs.BOM_UTF16_LE + _text(inside, host, _packed).encode("utf-16-le")


def framed(inside: Contents, host: str) -> str:
    """The same for a text in UTF-8, as a notebook is: there those units would take half as much again, base 64 less."""
    return _text(inside, host, _in_base_64)


def _text(inside: Contents, host: str, packed_in: Callable[[str, bytes], str]) -> str:
    page = {
        "style": "\n".join(sheet.read_text(encoding="utf-8") for sheet in _sheets(inside.pages)),
        "data": inside.data,
        "modules": linked_modules(host, inside.pages),
    }
    packed = [
        packed_in('id="lx-page"', gzipped(json.dumps(page, allow_nan=False, separators=(",", ":")).encode())),
        *(packed_in(f'data-arrays="{escape(url)}"', content) for url, content in inside.arrays.items()),
    ]
    return PAGE.format(
        title=escape(" · ".join([*([", ".join(inside.titles)] if inside.titles else []), "Latent-space explorer"])),
        icon=b64encode((WEB / "dom" / "icon.svg").read_bytes()).decode(),
        packed="\n".join(packed),
        boot=(WEB / "hosts" / "file_boot.js").read_text(encoding="utf-8"),
    )


def _in_base_64(name: str, content: bytes) -> str:
    return f'<script type="text/plain" {name}>{b64encode(content).decode()}</script>'


def _packed(name: str, content: bytes) -> str:
    """An element with two bytes in each UTF-16 unit, for explorer/web/hosts/file_boot.js."""
    units = np.frombuffer(content + b"\0"[: len(content) % 2], "<u2")
    surrogate = (units >= 0xD800) & (units < ESCAPE)
    escaped = surrogate | np.isin(units, [ESCAPE, *map(ord, "\0\r<")])
    places = np.flatnonzero(escaped)
    kept = np.insert(np.where(escaped, units ^ 0x8000, units), places, ESCAPE).astype("<u2")
    return f'<script type="text/plain" {name} data-bytes="{len(content)}">{kept.tobytes().decode("utf-16-le")}</script>'


def _sheets(pages: Sequence[str]) -> list[Path]:
    own = [sheet for page in pages for sheet in sorted((WEB / "pages" / page).glob("*.css"))]
    return [*(WEB / name for name in SHARED), *own]
