"""The view that is shown becomes a scene of one's own talk: a file, or the end of one at the server's own machine."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from explorer import app, talk_changes
from explorer.routes import guard
from explorer.views.tour import TourError, parse_tour
from tests.javascript import JavaScript
from tests.opener import Open, opener
from tests.server import ROOT, serve
from tests.test_tour import GOOD

ONE = 'title = "Talk"\n\n[[scene]]\ntitle = "Seven"\ntext = "See it."\nshow = "/?dataset=mnist&run=elbo&z=0.5,-1"\n'
LOCAL = {"host": "localhost:8501", "origin": "http://localhost:8501", "content-type": guard.BODY_TYPE}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_TOURS", str(tmp_path))
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    return tmp_path


def test_a_scene_begins_a_talk_and_ends_one(folder: Path) -> None:
    assert talk_changes.add("mine", ONE) == 1
    assert talk_changes.add("mine", ONE.replace("Seven", "Eight")) == 2
    (folder / "given.toml").write_text(GOOD)
    assert talk_changes.add("given", ONE) == 3
    talk = parse_tour((folder / "given.toml").read_text(), "given.toml")
    assert [scene.title for scene in talk.scenes] == ["One", "Two", "Seven"]
    assert (talk.title, talk.scenes[2].show) == ("A talk", "/?dataset=mnist&run=elbo&z=0.5,-1")
    assert talk_changes.talks() == {"given": "A talk", "mine": "Talk"}


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("../mine", ONE, "letters, digits"),
        ("mine", ONE.replace("run=elbo", "run=gan"), "there is no such run"),
        ("mine", GOOD, "expected one scene"),
        ("mine", "title = 3", "the scene"),
        ("broken", ONE, "broken.toml"),
    ],
)
def test_what_is_no_scene_changes_nothing(folder: Path, name: str, source: str, message: str) -> None:
    (folder / "broken.toml").write_text("title = ")
    with pytest.raises(TourError, match=message):
        talk_changes.add(name, source)
    assert [file.name for file in folder.iterdir()] == ["broken.toml"]
    assert (folder / "broken.toml").read_text() == "title = "


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"x-explorer-token": "wrong"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"x-forwarded-for": "10.0.0.1"}, 403),
        ({"origin": "https://hub.example.org"}, 403),
    ],
)
def test_only_at_the_server_s_own_machine(folder: Path, headers: dict[str, str], status: int) -> None:
    client = TestClient(app.app, base_url="http://localhost:8501", client=("127.0.0.1", 5000))
    token = client.get("/token").text
    send = {**LOCAL, guard.HEADER: token, **headers}
    assert client.post("/talks/mine", content=ONE.encode(), headers=send).status_code == status
    assert (folder / "mine.toml").exists() == (status == 200)


def test_a_visitor_is_told_of_no_talk(folder: Path) -> None:
    client = TestClient(app.app, base_url="http://localhost:8501", client=("10.1.2.3", 5000))
    send = {**LOCAL, guard.HEADER: client.get("/token").text}
    assert client.post("/talks", headers=send).json() == {"talks": None}
    assert client.post("/talks/mine", content=ONE.encode(), headers=send).status_code == 403
    assert not list(folder.iterdir())


@pytest.mark.parametrize("text", ['"; show = "/x', "a\nb\\n", "\u2028é 🙂", "tab\t\x7f\x00end", "'''\"\"\""])
def test_any_words_are_written_as_toml(javascript: JavaScript, text: str) -> None:
    write = (
        "async (text) => (await import('/assets/plane/scene_dialog.js'))"
        ".talkOf({talk: 'T', title: 'A', text, show: '/?z=1,2'})"
    )
    [scene] = parse_tour(javascript.evaluate(write, text), "x.toml").scenes
    clean = "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in text)
    assert scene.text == " ".join(clean.split())
    assert scene.show == "/?z=1,2"


def _fill(page: Page, title: str) -> None:
    page.get_by_test_id("scene-name").fill(title)
    page.get_by_test_id("scene-words").fill("What one sees here.")


def test_from_explore_into_a_file_that_learn_opens(open_page: Open, tmp_path: Path) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.5,-1&image=17&background=prior")
    page.get_by_test_id("share").locator("summary").click()
    page.get_by_test_id("share-scene").click()
    _fill(page, "My seven")
    with page.expect_download() as file:
        page.get_by_test_id("scene-add").click()
    source = Path(file.value.path()).read_text(encoding="utf-8")
    assert tomllib.loads(source)["scene"][0]["show"] == "/" + page.url.partition("/?")[2].join(["?", ""])
    page.get_by_role("button", name="Close").click()
    page.goto(page.url.partition("?")[0] + "tour")
    expect(page.locator(".lx-scene > .lx")).to_have_attribute("data-ready", "true")
    page.get_by_role("button", name="Open a talk").click()
    files = {"name": "mine.toml", "mimeType": "application/toml", "buffer": source.encode()}
    page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    expect(page.get_by_test_id("scene-title")).to_have_text("My seven")
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-z", "0.5,-1")


def test_from_compare_into_a_talk_of_this_machine(browser: Browser, tmp_path: Path, checkpoints: Path) -> None:
    with (
        serve(checkpoints, environment={"EXPLORER_TOURS": str(tmp_path)}) as address,
        opener(browser, address) as open_it,
    ):
        page = open_it("compare?dataset=digits&runs=kl,elbo&image=3")
        page.get_by_test_id("share").click()
        page.get_by_test_id("share-scene").click()
        _fill(page, "Two runs")
        page.get_by_test_id("scene-where").select_option("a new talk")
        page.get_by_test_id("scene-add").click()
        expect(page.get_by_test_id("scene-said")).to_contain_text("It is scene 1 of mine")
        page.goto(f"{address}/tour?talk=mine")
        expect(page.get_by_test_id("scene-title")).to_have_text("Two runs")
        expect(page.locator(".lx-scene .lx-panel")).to_have_count(2)
