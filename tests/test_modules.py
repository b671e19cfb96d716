"""What the browser is told to fetch: the page's modules and first arrays, with Streamlit's own page, and once."""

from __future__ import annotations

import gzip
import re
import shutil
from collections import Counter
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from explorer import modules
from explorer.modules import modules_by_page, version
from explorer.routes.table import PLOTLY
from tests.opener import Open, patient_page, wait_until_ready
from tests.patience import PATIENCE_S

FETCHED = """
() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
  .map((path) => path.match(/^\\/assets\\/v-\\w+\\/((?!plotly).+\\.js)$/)?.[1]).filter(Boolean)
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
    page = patient_page(browser)
    page.goto(f"{shipped_app}/?dataset=mnist&run=kl")
    wait_until_ready(page)
    page.wait_for_selector(".lx-plotly")
    fetches = page.evaluate(FETCHES)
    mounted = page.evaluate("performance.getEntriesByName('running')[0].startTime")
    page.close()
    early = {path for path, start, _ in fetches if start < mounted}
    assets = f"/assets/v-{version()}"
    assert {f"{assets}/{module}" for module in modules_by_page()["explore"]} <= early
    arrays = {"/runs/mnist/kl/latents", "/runs/mnist/kl/decoder", "/runs/mnist/gallery"}
    others = {f"{assets}/{name}" for name in ("plotly/plotly.min.js", "dom/base.css", "plane/plane.css")}
    assert arrays | others <= early
    times = Counter(path for path, _, size in fetches if size > 0)
    assert {path: count for path, count in times.items() if count > 1} == {}


def _ask(app: str, place: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by their names in small letters, and body."""
    connection = HTTPConnection(app.removeprefix("http://"), timeout=PATIENCE_S)
    connection.request(method, place, headers=headers)
    response = connection.getresponse()
    answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    connection.close()
    return answer


@pytest.mark.parametrize("place", ["/", "/compare?runs=kl,elbo", "/metrics", "/nowhere"])
def test_streamlit_s_page_is_whole_however_it_is_asked_for(shipped_app: str, place: str) -> None:
    ask = partial(_ask, shipped_app, place, Accept="text/html")
    status, headers, body = ask()
    assert status == 200
    assert b"BACKEND_BASE_URL" in body and body.rstrip().endswith(b"</html>")
    assert int(headers["content-length"]) == len(body)
    assert (b'rel="modulepreload" as="script" href="assets/v-' in body) is (place in ("/", "/compare?runs=kl,elbo"))
    assert (b"runs/mnist/elbo/decoder" in body) is (place == "/")
    ahead = re.findall(rb'<link [^>]*href="(?:assets|runs)/[^>]*>', body)
    assert all(b'fetchpriority="low"' in link for link in ahead), "Streamlit's own first requests go before them"
    # A part of it, or "not modified", would be of Streamlit's own file.
    assert ask(**{"Range": "bytes=0-99", "If-None-Match": headers.get("etag", "*")})[::2] == (200, body)
    status, headers, body = ask(method="HEAD")
    assert (status, body) == (200, b"")
    assert "etag" not in headers


@pytest.mark.parametrize("name", ["dom/theme.js", "plane/plane.css", "plotly/plotly.min.js"])
def test_a_file_comes_whole_compressed_or_in_part(shipped_app: str, name: str) -> None:
    ask = partial(_ask, shipped_app, f"/assets/v-{version()}/{name}")
    file = PLOTLY / "plotly.min.js" if name.startswith("plotly") else modules.WEB / name
    whole = ask(**{"Accept-Encoding": "identity"})
    assert (whole[0], whole[2]) == (200, file.read_bytes())
    assert "content-encoding" not in whole[1]
    for _ in range(2):  # read, and from memory
        status, headers, body = ask(**{"Accept-Encoding": "br, gzip"})
        assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
        assert int(headers["content-length"]) == len(body) < len(whole[2]) / 1.2
        assert gzip.decompress(body) == whole[2]
        assert headers["content-type"] == whole[1]["content-type"]
    status, headers, body = ask(Range="bytes=10-19")
    assert (status, body) == (206, whole[2][10:20])
    status, headers, body = ask("HEAD")
    assert (status, body, int(headers["content-length"])) == (200, b"", len(whole[2]))
    assert ask("POST")[0] == 405
    assert _ask(shipped_app, f"/assets/v-{version()}/{name}x")[0] == 404


def test_modules_of_another_version_are_not_taken(
    shipped_app: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("dom/theme.js", "plotly/plotly.min.js"):
        for version_of_it, kept in ((f"v-{version()}/", "private, max-age=31536000, immutable"), ("", "no-cache")):
            status, headers, _ = _ask(shipped_app, f"/assets/{version_of_it}{name}")
            assert (status, headers["cache-control"]) == (200, kept)
        assert _ask(shipped_app, f"/assets/v-{'0' * 12}/{name}")[0] == 404
    copied = Path(shutil.copytree(modules.WEB, tmp_path / "web"))
    monkeypatch.setattr(modules, "WEB", copied)
    monkeypatch.setattr(modules, "_files", lambda: sorted(file for file in copied.rglob("*") if file.is_file()))
    found = [version()]
    for edited in ("dom/theme.js", "plane/plane.css"):
        with (copied / edited).open("a", encoding="utf-8") as file:
            file.write(" ")
        assert version() == found[-1], "as it was when the page was opened"
        modules.look_again()
        found.append(version())
    (copied / "plane" / "plane.css").unlink()
    modules.look_again()
    assert len({*found, version()}) == 4
    monkeypatch.undo()
    modules.look_again()
    assert version() == found[0], "by the content, not by the place or the time"
