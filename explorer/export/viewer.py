"""A file that holds no run and opens any: what explorer/web/hosts/viewer_contents.js has to know beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer import addresses, loader, quoted_code
from explorer.export.contents import Contents
from explorer.export.places import bar
from explorer.views.page_address import Page, parameters_in_browser, parse_address
from explorer.views.pages import INFER, PAGES, RECONSTRUCT, TOUR, TRAVERSE
from explorer.views.palette import PETROFF_10, value_colors
from explorer.views.parameters import DEFAULT_RUNS
from explorer.views.run_options import LOSSES
from explorer.views.runs import SENTENCES, TITLES
from training.measure.definitions import ACTIVE_VARIANCE, DEFINITIONS, DEFINITIONS_OF_CONTEXT

HOST = "hosts/viewer.js"
_ANY = "run"  # stands for the runs that will be there


def viewer(pages: Sequence[Page]) -> Contents:
    """The file's contents: the pages without their runs, and the words and colours for whatever runs there will be.

    Tour is left out: its scenes are laid out by Python, for runs that are known.
    """
    shown = [page for page in pages if page is not TOUR]
    data = {
        "places": bar(shown),
        "absent": [name for name in PAGES if PAGES[name] not in shown],
        "pages": {page.name: _page(page) for page in shown},
        "words": {"titles": TITLES, "sentences": SENTENCES},
        "objectives": list(LOSSES),
        "notes_runs": DEFAULT_RUNS,
        "without_label": loader.WITHOUT_LABEL,
        "class_colors": PETROFF_10,
        "value_colors": value_colors(),
        "definitions": DEFINITIONS,
        "metrics": [*DEFINITIONS, *DEFINITIONS_OF_CONTEXT],
    }
    return Contents([page.name for page in shown], data, {}, ())


def _page(page: Page) -> dict[str, Any]:
    state, _ = parse_address({}, page, {"": [_ANY]})
    return {
        "rules": {name: dict(parameter.rule) for name, parameter in page.parameters.items()},
        "expected": {name: parameter.expected for name, parameter in page.parameters.items()},
        "parameters": parameters_in_browser(page, [_ANY]),
        "defaults": state,
        "decodes": page.decodes,
        "fields": _fields().get(page.name, {}),
    }


def _fields() -> dict[str, dict[str, Any]]:
    """Of the payloads of some pages what is the same for all runs."""
    return {
        RECONSTRUCT.name: {"upload": addresses.UPLOAD, "lines": quoted_code.lines_by_step()},
        TRAVERSE.name: {"active_variance": ACTIVE_VARIANCE},
        INFER.name: {"upload": addresses.UPLOAD},
    }
