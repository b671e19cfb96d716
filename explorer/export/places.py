"""Which pages an exported file has: those that need no server."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.views.page_address import Page
from explorer.views.pages import PAGES, PLACES

OFFERED = tuple(name for name, page in PAGES.items() if page.in_file)


class Unknown(ValueError):
    """A page that there is not, or not without a server."""


def chosen_pages(names: Sequence[str] | None) -> list[Page]:
    """The pages by their names, in the order of the bar; all that there are, if none are named."""
    for name in names or ():
        if name not in OFFERED:
            why = "it needs the explorer's server" if name in PAGES else "there is no such page"
            raise Unknown(f"{name}: {why}; choose among {', '.join(OFFERED)}")
    return [PAGES[name] for name in OFFERED if not names or name in names]


def bar(pages: Sequence[Page]) -> list[dict[str, object]]:
    """The places with those of their views that the file has, for explorer/web/hosts/file_bar.js."""
    there = {page.name for page in pages}
    places = {
        place: [{"page": page.name, "label": label} for page, label in views if page.name in there]
        for place, views in PLACES.items()
    }
    return [{"name": place, "views": views} for place, views in places.items() if views]
