"""What the browser is told to fetch: the page's modules and first arrays, with Streamlit's own page, and once."""

from __future__ import annotations

from collections import Counter
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Browser

from explorer.modules import modules_by_page
from tests.opener import Open, wait_until_ready

FETCHED = """
() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
  .filter((path) => /^\\/assets\\/(?!plotly).+\\.js$/.test(path)).map((path) => path.replace("/assets/", ""))
"""


@pytest.mark.parametrize("name", ["explore", "prior"])
def test_a_page_fetches_its_own_modules_and_no_others(open_page: Open, name: str) -> None:
    page = open_page("" if name == "explore" else name)
    assert sorted(page.evaluate(FETCHED)) == modules_by_page()[name]


FETCHES = """
() => performance.getEntriesByType("resource").map(({ name, startTime, transferSize }) =>
  [new URL(name).pathname, startTime, transferSize]).filter(([path]) => /^\\/(assets|runs)\\//.test(path))
"""


def test_all_of_explore_is_under_way_with_the_first_byte_and_comes_once(browser: Browser, shipped_app: str) -> None:
    page = browser.new_page()
    page.goto(f"{shipped_app}/?dataset=mnist&run=kl")
    wait_until_ready(page)
    page.wait_for_selector(".lx-plotly")
    fetches = page.evaluate(FETCHES)
    mounted = page.evaluate("performance.getEntriesByName('running')[0].startTime")
    page.close()
    early = {path for path, start, _ in fetches if start < mounted}
    assert {f"/assets/{module}" for module in modules_by_page()["explore"]} <= early
    arrays = {"/runs/mnist/kl/latents", "/runs/mnist/kl/decoder", "/runs/mnist/gallery"}
    assert arrays | {"/assets/plotly/plotly.min.js", "/assets/dom/base.css", "/assets/plane/plane.css"} <= early
    times = Counter(path for path, _, size in fetches if size > 0)
    assert {path: count for path, count in times.items() if count > 1} == {}


@pytest.mark.parametrize("place", ["/", "/compare?runs=kl,elbo", "/metrics", "/nowhere"])
def test_streamlit_s_page_is_whole_however_it_is_asked_for(shipped_app: str, place: str) -> None:
    def ask(method: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(shipped_app.removeprefix("http://"), timeout=10)
        connection.request(method, place, headers={"Accept": "text/html", **headers})
        response = connection.getresponse()
        answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        connection.close()
        return answer

    status, headers, body = ask("GET")
    assert status == 200
    assert b"BACKEND_BASE_URL" in body and body.rstrip().endswith(b"</html>")
    assert int(headers["content-length"]) == len(body)
    assert (b'rel="modulepreload" as="script" href="assets/' in body) is (place in ("/", "/compare?runs=kl,elbo"))
    assert (b"runs/mnist/elbo/decoder" in body) is (place == "/")
    # A part of it, or "not modified", would be of Streamlit's own file.
    assert ask("GET", **{"Range": "bytes=0-99", "If-None-Match": headers.get("etag", "*")})[::2] == (200, body)
    status, headers, body = ask("HEAD")
    assert (status, body) == (200, b"")
    assert "etag" not in headers
