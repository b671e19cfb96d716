"""The HTML file itself: style sheets, browser modules, data and arrays, all inline."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

from explorer.export.contents import Contents
from explorer.modules import WEB, linked_modules

HOST = "hosts/file.js"
SHARED = ("dom/base.css", "plane/plane.css", "plane/taking_along.css", "hosts/file.css")

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:image/svg+xml;base64,{icon}">
<style>{style}</style>
</head>
<body>
<noscript>This page decodes images by JavaScript, which this browser does not run.</noscript>
<script type="application/json" id="lx-data">{data}</script>
{arrays}
<script type="text/plain" id="lx-modules">{modules}</script>
<script>{boot}</script>
</body>
</html>
"""


def document(inside: Contents) -> str:
    """The file's text."""
    return PAGE.format(
        title=escape(f"{', '.join(inside.titles)} · Latent-space explorer"),
        icon=b64encode((WEB / "dom" / "icon.svg").read_bytes()).decode(),
        style="\n".join(sheet.read_text(encoding="utf-8") for sheet in _sheets(inside.pages)),
        # No text in it ends a script element.
        data=json.dumps(inside.data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"),
        arrays="\n".join(
            f'<script type="text/plain" data-arrays="{escape(url)}">{b64encode(content).decode()}</script>'
            for url, content in inside.arrays.items()
        ),
        modules=b64encode(gzip.compress(json.dumps(linked_modules(HOST, inside.pages)).encode(), 9, mtime=0)).decode(),
        boot=(WEB / "hosts" / "file_boot.js").read_text(encoding="utf-8"),
    )


def _sheets(pages: Sequence[str]) -> list[Path]:
    own = [sheet for page in pages for sheet in sorted((WEB / "pages" / page).glob("*.css"))]
    return [*(WEB / name for name in SHARED), *own]
