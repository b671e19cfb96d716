"""What costs is done for the explorer's own pages only, one at a time, and not for whoever has gone away."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.from_thread
import pytest
from playwright.sync_api import Browser
from starlette.requests import Request

from explorer.routes import body
from explorer.routes.turns import Busy, Gone, Turns
from explorer.views.upload import MAX_BYTES
from tests.asker import headers_of
from tests.opener import patient_page
from tests.patience import PATIENCE_S
from tests.server import serve

FILM = "/films/gif?frames=2&height=8&width=8&channels=1&fps=24"
POSTERIOR = "/answers/digits/elbo/posterior?image=3"
COSTLY = [("POST", FILM, bytes(128)), ("POST", "/upload", b"GIF89a"), ("GET", POSTERIOR, None)]


@pytest.fixture(scope="module")
def app(trained: Path) -> Iterator[str]:
    with serve(trained) as address:
        yield address


def _ask(app: str, method: str, path: str, sent: bytes | None, headers: dict[str, str]) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(app).netloc, timeout=PATIENCE_S)
    connection.request(method, path, sent, headers)
    response = connection.getresponse()
    answer = response.status, response.read().decode("latin-1")
    connection.close()
    return answer


@pytest.mark.parametrize(("method", "path", "sent"), COSTLY)
def test_it_is_done_for_our_own_pages(app: str, method: str, path: str, sent: bytes | None) -> None:
    status, _ = _ask(app, method, path, sent, {**headers_of(app), "Sec-Fetch-Site": "same-origin"})
    assert status in (200, 422)


@pytest.mark.parametrize(("method", "path", "sent"), COSTLY)
@pytest.mark.parametrize(
    "change",
    [
        {"X-Explorer-Token": ""},
        {"X-Explorer-Token": "guessed"},
        {"X-Explorer-Token": "gu\u00e9ssed"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ],
)
def test_it_is_done_for_nobody_else(
    app: str, method: str, path: str, sent: bytes | None, change: dict[str, str]
) -> None:
    if method == "GET" and "Content-Type" in change:
        change = {"X-Explorer-Token": ""}
    status, line = _ask(app, method, path, sent, {**headers_of(app), **change})
    assert (status, line) in (
        (403, "only the explorer's own pages may ask for this\n"),
        (415, "the body must be of type application/octet-stream\n"),
    )


def test_a_page_of_another_site_can_do_none_of_it(app: str, browser: Browser) -> None:
    page = patient_page(browser)
    page.route("http://evil.example/**", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    page.goto("http://evil.example/")
    done = page.evaluate(
        """async (app) => {
          const tried = [
            fetch(app + "/token").then((response) => response.text()),
            fetch(app + "/films/gif?frames=2&height=8&width=8&channels=1&fps=24",
              { method: "POST", body: new Uint8Array(128), headers: { "X-Explorer-Token": "x" } }),
            fetch(app + "/answers/digits/elbo/posterior?image=3"),
            new Promise((open, refused) => {
              const socket = new WebSocket(app.replace("http", "ws") + "/_stcore/stream");
              socket.onopen = open;
              socket.onerror = refused;
            }),
          ];
          return (await Promise.allSettled(tried)).map(({ status }) => status);
        }""",
        app,
    )
    page.close()
    assert done == ["rejected"] * 4


@pytest.mark.parametrize(("path", "most"), [(FILM, 128), ("/upload", MAX_BYTES)])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(app: str, path: str, most: int) -> None:
    headers = {**headers_of(app), "Content-Length": str(most + 1)}
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(app).netloc}", *(f"{k}: {v}" for k, v in headers.items())]
    with socket.create_connection((urlsplit(app).hostname, urlsplit(app).port), timeout=PATIENCE_S) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        assert b" 400 " in (told := line.recv(4096)) or b" 413 " in told


def _run(scene: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
    """Run it in a thread of its own: the browser's may have a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, scene, *arguments).result()


class _Asker:
    """Requests whose bodies come as the test says."""

    def __init__(self) -> None:
        self.gone = anyio.Event()

    def request(self, parts: list[bytes], stalls: bool = False) -> Request:
        rest = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

        async def receive() -> dict[str, object]:
            if rest:
                return rest.pop(0)
            if stalls or self.finished:
                await self.gone.wait()
                return {"type": "http.disconnect"}
            self.finished = True
            return {"type": "http.request", "body": b"", "more_body": False}

        self.finished = False
        return Request({"type": "http", "method": "POST", "headers": []}, receive)


def test_a_body_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PATIENCE_SECONDS", 0.05)

    async def read(parts: list[bytes], stalls: bool) -> bytes:
        return await body.read_body(_Asker().request(parts, stalls), 10)

    assert _run(read, [b"abc", b"de"], False) == b"abcde"
    with pytest.raises(body.NotArrived):
        _run(read, [b"abc"], True)
    with pytest.raises(body.TooLarge):
        _run(read, [b"abcdef", b"ghijkl"], False)


def test_one_job_at_a_time_few_wait_and_who_leaves_is_forgotten() -> None:
    done: list[str] = []
    may_end = threading.Event()

    def job(name: str) -> str:
        while not may_end.wait(0.005):
            anyio.from_thread.check_cancelled()
        done.append(name)
        return name

    async def scene() -> None:
        turns = Turns(3)
        askers = {name: _Asker() for name in "abc"}
        ended: dict[str, object] = {}

        async def ask(name: str) -> None:
            try:
                async with turns.place():
                    request = askers[name].request([])
                    await request.body()
                    ended[name] = await turns.run(request, partial(job, name))
            except Gone:
                ended[name] = Gone

        async with anyio.create_task_group() as group:
            for name in askers:
                group.start_soon(ask, name)
                await anyio.wait_all_tasks_blocked()
            with pytest.raises(Busy):
                async with turns.place():
                    pass
            askers["a"].gone.set()  # which has begun
            askers["b"].gone.set()  # which waits
            while len(ended) < 2:
                await anyio.sleep(0.005)
            may_end.set()
        assert ended == {"a": Gone, "b": Gone, "c": "c"}

    _run(scene)
    assert done == ["c"]


def test_what_a_job_raises_reaches_the_asker() -> None:
    async def scene() -> None:
        with pytest.raises(json.JSONDecodeError):
            await Turns(1).run(_Asker().request([]), partial(json.loads, "{"))

    _run(scene)


def test_sixty_askers_that_leave_delay_nobody(app: str) -> None:
    headers = {k: v for k, v in headers_of(app).items() if k != "Content-Type"}
    asked = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    began = time.monotonic()
    assert _ask(app, "GET", "/answers/digits/elbo/posterior?image=400", None, headers)[0] == 200
    alone = time.monotonic() - began
    for image in range(60):
        with socket.create_connection((urlsplit(app).hostname, urlsplit(app).port)) as line:
            start = f"GET /answers/digits/elbo/posterior?image={image} HTTP/1.1\r\nHost: {urlsplit(app).netloc}\r\n"
            line.sendall(f"{start}{asked}\r\n".encode())
    status = 503
    while status == 503:  # the server has yet to hear that they have left
        status, _ = _ask(app, "GET", "/answers/digits/elbo/posterior?image=401", None, headers)
    assert status == 200
    print(f"alone {alone:.2f} s, after 60 that left {time.monotonic() - began - alone:.2f} s")
