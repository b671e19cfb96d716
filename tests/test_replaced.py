"""A run that is replaced while a page shows it: no address gives another run, and the page takes the new one whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Response as Fetched
from starlette.requests import Request
from starlette.responses import Response

from explorer import addresses, loader, models
from explorer.routes.answers import answer
from explorer.routes.arrays import part, shared_part
from tests.contents import contents_of
from tests.javascript import JavaScript
from tests.opener import patient_page, wait_until_ready
from tests.server import serve
from training import checkpoint


@pytest.fixture
def root(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    return checkpoints


def _run(name: str = "elbo") -> loader.Run:
    return loader.catalog().datasets["digits"][name]


def _replace(root: Path) -> None:
    checkpoint.write_checkpoint(root / "digits" / "elbo", contents_of(root / "digits" / "reconstruction"))


def _get(url: str, names: Mapping[str, str], more: str = "") -> Request:
    query = urlsplit(url + more).query
    assert "v" in dict(parse_qsl(query))
    scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": [], "query_string": query.encode()}
    scope |= {"path": urlsplit(url).path, "path_params": {"dataset": "digits", "run": "elbo", **names}}
    return Request(scope, _stays)


async def _stays() -> dict[str, str]:
    """What a server hears of an asker who waits for the answer."""
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


def _is_gone(response: Response) -> bool:
    return response.status_code == 410 and response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["decoder", "encoder", "latents"])
def test_an_old_address_of_a_run_gives_nothing_and_is_not_kept(root: Path, name: Any) -> None:
    old = addresses.part_url(_run(), name)
    found = part(_get(old, {"part": name}))
    assert found.status_code == 200
    assert "immutable" in found.headers["cache-control"]
    _replace(root)
    new = addresses.part_url(_run(), name)
    assert new != old
    assert _is_gone(part(_get(old, {"part": name})))
    assert part(_get(new, {"part": name})).body != found.body
    (root / "digits" / "elbo").rename(root / "elsewhere")
    gone = part(_get(new, {"part": name}))
    assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")


def test_a_change_of_the_metrics_alone_is_no_other_version(root: Path) -> None:
    before, run = addresses.part_url(_run(), "decoder"), root / "digits" / "elbo"
    checkpoint.rewrite_metrics(run, {**checkpoint.load_metrics(run), "elbo": -1.0}, "card")
    assert _run().metrics["elbo"] == -1
    assert addresses.part_url(_run(), "decoder") == before


@pytest.mark.parametrize("name", ["decoder", "latents"])
def test_files_that_are_replaced_between_look_and_reading_are_not_taken(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: Any
) -> None:
    old, looks = _run(), [loader.catalog()]
    url = addresses.part_url(old, name)
    _replace(root)
    look = loader.catalog
    monkeypatch.setattr(loader, "catalog", lambda: looks.pop() if looks else look())
    assert _is_gone(part(_get(url, {"part": name})))


def test_other_images_are_gone_too(root: Path) -> None:
    url = addresses.gallery_url(_run())
    assert url
    assert shared_part(_get(url, {"part": "gallery"})).status_code == 200
    file = root / "digits" / "gallery.safetensors"
    images = checkpoint.load_gallery(file)
    file.write_bytes(checkpoint.format_gallery(255 - images["images"], images["label"])[0])
    assert _is_gone(shared_part(_get(url, {"part": "gallery"})))
    assert addresses.gallery_url(_run()) is None


def _done(response: Coroutine[Any, Any, Response]) -> Response:
    """In a thread of its own: the browser's may have a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, response).result()


def test_an_old_question_gets_no_answer(root: Path) -> None:
    old = addresses.answer_url(_run(), "posterior")
    names, version = {"question": "posterior"}, _run().config.version
    found = _done(answer(_get(old, names, "3")))
    assert found.status_code == 200
    _replace(root)
    assert _is_gone(_done(answer(_get(old, names, "3"))))
    new = _done(answer(_get(addresses.answer_url(_run(), "posterior"), names, "3")))
    assert new.status_code == 200
    assert new.body != found.body
    models.load_model.cache_clear()
    with pytest.raises(loader.Replaced):
        models.load_model(root / "digits" / "elbo", version)


GONE = """
async ({ statuses }) => {
  const { fetchSafetensors, versions } = await import("/assets/network/safetensors.js");
  const real = globalThis.fetch;
  let told = 0;
  versions.addEventListener("gone", () => told++);
  const counts = [];
  for (const status of statuses) {
    globalThis.fetch = () => Promise.resolve(new Response("a line", { status }));
    await fetchSafetensors("x").catch(() => {});
    counts.push(told);
  }
  globalThis.fetch = real;
  return counts;
}
"""


def test_the_browser_tells_what_is_gone_from_what_is_refused(javascript: JavaScript) -> None:
    assert javascript.evaluate(GONE, {"statuses": [409, 410, 404, 500]}) == [0, 1, 2, 2]


RENEW = """
async ({ payloads }) => {
  globalThis.location = { pathname: "/", search: "", hash: "", href: "http://localhost/" };
  globalThis.history = { state: null, replaceState: () => {} };
  const { show } = await import("/assets/hosts/streamlit.js");
  const { tellGone } = await import("/assets/network/safetensors.js");
  const asked = [];
  const component = { parentElement: {}, setTriggerValue: (name) => asked.push(name) };
  const counts = [];
  let cleanup;
  for (const data of payloads) {
    cleanup = show({ ...component, data });
    tellGone();
    tellGone();
    counts.push(asked.length);
  }
  cleanup();
  tellGone();
  return { counts, ended: asked.length, asked: [...new Set(asked)] };
}
"""


def test_what_is_gone_is_asked_for_once_and_again_only_when_something_else_is_shown(javascript: JavaScript) -> None:
    shown = {"page": "metrics", "assets": "/assets", "shows": False, "state": {"dataset": "mnist"}}
    address = {"opening": "first", "asked": {}, "parameters": {}}
    payloads = [{**shown, "address": address, "runs": version} for version in ("a", "a", "b")]
    found = javascript.evaluate(RENEW, {"payloads": payloads})
    assert found == {"counts": [1, 1, 2], "ended": 2, "asked": ["renew"]}


def test_a_page_takes_the_new_run_whole(checkpoints: Path, browser: Browser) -> None:
    answers: list[tuple[int, str]] = []

    replaced = 0.0

    def note(response: Fetched) -> None:  # may be told of late: of what was asked for before the run was replaced
        if "?v=" in response.url and response.request.timing["startTime"] > replaced:
            answers.append((response.status, response.url.split("?v=")[1][:16]))

    with serve(checkpoints) as address:
        page = patient_page(browser)
        page.on("response", note)
        page.goto(f"{address}/probability?dataset=digits&run=elbo&image=3")
        wait_until_ready(page)
        page.wait_for_load_state("networkidle")
        old = checkpoint.load_config(checkpoints / "digits" / "elbo").version
        assert {version for _, version in answers if len(version) == 16} == {old}
        _replace(checkpoints)
        new = checkpoint.load_config(checkpoints / "digits" / "elbo").version
        answers.clear()
        replaced = time.time() * 1000
        wait = {"timeout": 60_000}
        with (
            page.expect_response(lambda response: f"posterior?v={new}" in response.url, **wait),
            page.expect_response(lambda response: f"latents?v={new}" in response.url, **wait),
        ):
            page.get_by_test_id("another-image").click()
        assert (410, old) in answers
        assert not [version for status, version in answers if status == 200 and version == old]
        expect(page.locator(".lx-error")).to_be_hidden()
        page.close()
