"""Who may use the server: its own pages by its own names, and nobody else's; and nothing is asked outside."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import pytest
import streamlit as st
from playwright.sync_api import Browser

from explorer.allowed_hosts import is_allowed
from tests.opener import address_of, opener
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve


def _ask(
    app: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection(app.removeprefix("http://"), timeout=PATIENCE_S)
    connection.request(method, path, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    answer = response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode("latin-1")
    connection.close()
    return answer


@pytest.fixture
def address_option(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the address that the server listens on."""
    return lambda value: monkeypatch.setattr(st, "get_option", {"server.address": value}.get)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8501", "127.0.0.1:9", "[::1]:8501", "[::1]", "localhost."])
def test_names_of_this_machine_are_taken(host: str) -> None:
    assert is_allowed(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil@localhost", "localhost:x",
     "localhost/a", "10.1.2.3:8501", "localhost,evil.example", "::1", "[", "127.0.0.1:99999"],
)  # fmt: skip
def test_other_names_are_not(address_option: Callable[[str], None], host: str) -> None:
    address_option("localhost")
    assert not is_allowed(host)


def test_the_address_and_the_environment_add_names(
    address_option: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    address_option("10.1.2.3")
    monkeypatch.setenv("EXPLORER_HOSTS", "hub.example.org, *.cloud.example,")
    for host in ("10.1.2.3:8501", "hub.example.org", "HUB.example.org:443", "me.cloud.example"):
        assert is_allowed(host)
    for host in ("10.1.2.4", "ahub.example.org", "cloud.example", "evilcloud.example"):
        assert not is_allowed(host)
    monkeypatch.setenv("EXPLORER_HOSTS", "*")
    assert is_allowed("anything.example")


def test_a_server_for_all_takes_numbers_but_no_names(address_option: Callable[[str], None]) -> None:
    address_option("0.0.0.0")  # noqa: S104
    assert is_allowed("10.1.2.3:8501") and is_allowed("[fe80::1]:8501")
    assert not is_allowed("evil.example"), "which may be rebound to this machine's number"


@pytest.mark.parametrize(
    "path", ["/", "/_stcore/health", "/assets/dom/base.css", "/runs/mnist/elbo/decoder", "/films/gif"]
)
def test_a_foreign_host_is_refused_in_one_line(shipped_app: str, path: str) -> None:
    status, headers, text = _ask(shipped_app, path, Host="evil.example:8501")
    assert status == 403
    assert text.startswith("'evil.example:8501' is not a name of this server") and "EXPLORER_HOSTS" in text
    assert text.count("\n") == 1
    assert headers["x-content-type-options"] == "nosniff"


def test_every_answer_has_the_usual_headers(shipped_app: str) -> None:
    for path in (
        "/",
        "/compare",
        "/nowhere",
        "/_stcore/host-config",
        "/assets/dom/base.css",
        "/runs/a/b/c",
        "/films/gif",
    ):
        _, headers, _ = _ask(shipped_app, path, Accept="text/html")
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
        assert policy["frame-ancestors"] == policy["default-src"] == "'self'"
        assert "unsafe-inline" not in policy["script-src"]
        assert "http" not in headers["content-security-policy"]
    # Streamlit's own static files, too, whatever their folder.
    assert "access-control-allow-origin" not in headers


def test_explore_is_found_by_its_name_with_its_state(browser: Browser, shipped_app: str) -> None:
    with opener(browser, shipped_app) as open_page:
        page = open_page("explore?dataset=mnist&run=kl&z=0.5,-1")
        assert page.get_by_role("dialog").count() == 0
        assert address_of(page) == {"dataset": "mnist", "run": "kl", "z": "0.5,-1"}
        assert page.get_by_test_id("latent-plane").get_attribute("data-z") == "0.5,-1"


def test_make_explore_listens_on_this_machine_alone(tmp_path: Path) -> None:
    def command(*options: str) -> str:
        done = subprocess.run(
            ["make", "--no-print-directory", "--dry-run", "--always-make", "explore", *options],
            cwd=ROOT,
            env={**os.environ, "HOST": "x86_64-linux-gnu"},  # as compilers' environments have it
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        return done.stdout.splitlines()[-1]

    assert "--server.address localhost " in command()
    assert "--server.address 0.0.0.0 " in command("HOST=0.0.0.0")


def test_started_plainly_it_listens_on_this_machine_alone_and_looks_nothing_up(tmp_path: Path) -> None:
    # What opens a socket to elsewhere, or asks for a name, ends the process.
    watch = (
        "import socket, os\n"
        "def watched(name, take):\n"
        "    real = getattr(socket.socket, name)\n"
        "    def call(self, address, *rest):\n"
        "        if isinstance(address, tuple) and address[0] not in ('localhost', '127.0.0.1', '::1'):\n"
        "            os.write(2, f'{name} {address}'.encode()); os._exit(7)\n"
        "        return real(self, address, *rest)\n"
        "    setattr(socket.socket, name, call)\n"
        "watched('connect', None); watched('bind', None)\n"
    )
    (tmp_path / "sitecustomize.py").write_text(watch, encoding="utf-8")
    with serve(
        ROOT / "checkpoints",
        environment={"STREAMLIT_SERVER_ADDRESS": "localhost", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    ) as app:
        socket_headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
                          "Sec_WebSocket_Key": "x3JJHMbDL1EzLkh9GBhXDw=="}  # fmt: skip
        assert _ask(app, "/_stcore/stream", Origin="http://evil.example", **socket_headers)[0] == 403
        assert _ask(app, "/_stcore/health")[0] == 200
