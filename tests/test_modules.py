"""Which browser modules are asked for: those of the page, all at once."""

from __future__ import annotations

import pytest

from explorer.modules import modules_by_page
from tests.opener import Open

FETCHED = """
() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
  .filter((path) => /^\\/assets\\/(?!plotly).+\\.js$/.test(path)).map((path) => path.replace("/assets/", ""))
"""


@pytest.mark.parametrize("name", ["explore", "prior"])
def test_a_page_fetches_its_own_modules_and_no_others(open_page: Open, name: str) -> None:
    page = open_page("" if name == "explore" else name)
    assert sorted(page.evaluate(FETCHED)) == modules_by_page()[name]
