"""Behind a proxy, which takes its prefix away or leaves it, every page and all that it fetches is had."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer.addresses import ASSETS
from tests import nginx
from tests.opener import address_of, opener, wait_until_ready
from tests.server import ROOT, serve

pytestmark = pytest.mark.skipif(not nginx.find(), reason="no nginx: install it, or run python -m tests.nginx as root")


def _use(browser: Browser, address: str) -> None:
    """Open the first page, drag, go to another by the bar and back, open an address and have films and answers."""
    with opener(browser, address) as open_page:
        page = open_page("explore?dataset=mnist&run=kl", webgl=True)
        assert page.url.startswith(f"{address}/?")
        assert {"dataset": "mnist", "run": "kl"}.items() <= address_of(page).items()  # and z, once reported
        page.wait_for_selector(".lx-plotly")
        page.get_by_role("link", name="Compare").click()
        expect(page.locator(".lx-compare")).to_have_attribute("data-ready", "true")
        assert page.url.startswith(f"{address}/compare?")
        page.reload()
        wait_until_ready(page)
        _is_all_below(page, address)

        page = open_page("interpolate/?dataset=mnist&run=elbo&steps=5")
        with page.expect_download() as film:
            page.get_by_role("button", name="GIF").click()
        assert film.value.path().read_bytes().startswith(b"GIF8")
        page = open_page("reconstruct?dataset=mnist&runs=elbo&source=draw")
        picture = {"name": "two.png", "mimeType": "image/png", "buffer": b"GIF89a not a picture"}
        page.get_by_test_id("upload").set_input_files(picture)  # type: ignore[arg-type]
        expect(page.locator(".lx-reconstruct [role=alert]:visible").first).to_contain_text("PNG")
        page = open_page("probability?dataset=mnist&run=elbo&image=17")
        expect(page.get_by_test_id("evidence-bar")).to_have_attribute("data-residual", re.compile(r"\d"))
        _is_all_below(page, address)


def _is_all_below(page: Page, address: str) -> None:
    """Nothing that the page has fetched comes from elsewhere than below the address."""
    names = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert [name for name in names if name.startswith(f"{address}/{ASSETS}/")]
    assert [name for name in names if not name.startswith((f"{address}/", "data:", "blob:"))] == []


def test_behind_a_proxy_that_takes_its_prefix_away(browser: Browser, shipped_app: str, tmp_path: Path) -> None:
    with nginx.proxied("/user/me/proxy/8501/", f"{shipped_app}/", tmp_path) as address:
        _use(browser, address)


def test_behind_a_proxy_that_leaves_the_prefix(browser: Browser, tmp_path: Path) -> None:
    variables = {"STREAMLIT_SERVER_BASE_URL_PATH": "keeps/it"}
    with (
        serve(ROOT / "checkpoints", environment=variables) as app,
        nginx.proxied("/keeps/it/", app, tmp_path, "proxy_set_header Host $http_host;") as address,
    ):
        _use(browser, address)


def test_behind_the_proxy_of_compose_which_keeps_each_browser_to_one_of_two_replicas(
    browser: Browser, shipped_app: str, tmp_path: Path
) -> None:
    written = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    with serve(ROOT / "checkpoints") as other:
        replicas = " ".join(f"server {app.removeprefix('http://')};" for app in (shipped_app, other))
        port = nginx.free_port()
        config = written.replace("server explorer:8501;", replicas).replace("listen 80;", f"listen 127.0.0.1:{port};")
        assert config.count("127.0.0.1") == 3
        with nginx.serving(config, port, tmp_path), opener(browser, f"http://127.0.0.1:{port}/vae") as open_page:
            page = open_page("probability?dataset=mnist&run=elbo&image=17")
            expect(page.get_by_test_id("evidence-bar")).to_have_attribute("data-residual", re.compile(r"\d"))
            page.goto(f"http://127.0.0.1:{port}/")  # the address without the path leads there
            wait_until_ready(page)
            assert page.url.startswith(f"http://127.0.0.1:{port}/vae/")
