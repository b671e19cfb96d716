"""A file that opens any run, in a browser: dropped, zipped, by address and from the Hub; and what it refuses."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer.export.__main__ import main
from tests.contents import damaged
from tests.hub import hub
from tests.opener import patient_page
from tests.static_host import static_host

FIELDS = ("reconstruction", "kl", "elbo")


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file."""
    file = tmp_path_factory.mktemp("viewer") / "explorer.html"
    assert main(["--viewer", "--out", str(file)]) == 0
    assert file.stat().st_size < 500_000
    return file


@contextmanager
def _opened(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what it asked for beside itself; its console stays clean."""
    page = patient_page(browser, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    remarks: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: remarks.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: remarks.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    yield page, requests
    page.close()
    # The browser's own line on a file that is not there, or that may not be read, cannot be kept from it.
    assert [remark for remark in remarks if not re.search("Failed to load resource|CORS policy", remark)] == []
    requests[:] = [url for url in requests if not url.startswith(("blob:", "data:", "file:"))]


def _ready(page: Page, name: str) -> None:
    expect(page.locator(f".lx-{name}").first).to_have_attribute("data-ready", "true")
    expect(page.locator(".lx-error:visible")).to_have_count(0)


def _drop(page: Page, *paths: Path) -> None:
    """As a person drops files and folders, who let go of them over the page."""
    expect(page.locator(".viewer-door")).to_be_attached()  # what is dropped before is the browser's
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})
    session.detach()


def _sight(page: Page) -> dict[str, Any]:
    """What Explore shows of a run: its readouts, and the decoded image to the bit."""
    _ready(page, "explore")
    page.wait_for_function("location.hash.includes('z=')")
    image = page.get_by_test_id("decoded-image").evaluate("(canvas) => canvas.toDataURL()")
    words = page.locator(".lx-explore [data-part]:visible").all_inner_texts()
    return {"image": image, "words": words, "hash": page.evaluate("location.hash.replace(/&open=.*/, '')")}


def _zip(folder: Path, file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                made.write(path, path.relative_to(folder.parent))
    return file


def test_a_run_is_shown_as_a_file_of_it_shows_it_however_it_is_opened(
    browser: Browser, viewer: Path, trained: Path, tmp_path: Path
) -> None:
    held = tmp_path / "held.html"
    root = tmp_path / "digits"  # a run and its images
    shutil.copytree(trained / "digits" / "elbo", root / "elbo")
    shutil.copy(trained / "digits" / "gallery.safetensors", root)
    assert main([str(root / "elbo"), "--out", str(held), "--pages", "explore"]) == 0
    with _opened(browser, held.as_uri()) as (page, _):
        expected = _sight(page)
    with _opened(browser, viewer.as_uri()) as (page, requests):
        assert page.evaluate("isSecureContext && Boolean(crypto.subtle)")
        _drop(page, root)
        assert _sight(page) == expected
    assert requests == []
    with _opened(browser, viewer.as_uri()) as (page, requests):
        page.get_by_test_id("zip").set_input_files(_zip(root, tmp_path / "runs.zip"))
        assert _sight(page) == expected
    assert requests == []
    with (
        static_host(tmp_path) as (host, asked),
        _opened(browser, f"{viewer.as_uri()}#run={host}/digits/elbo") as (page, _),
    ):
        assert _sight(page) == expected
        page.reload()
        assert _sight(page) == expected
        assert not any("history.jsonl" in path or "README" in path or "notes" in path for path in asked)
    assert {path for path in asked if "/digits/" in path} == {
        *(f"/digits/elbo/{name}" for name in ("config.json", "metrics.json")),
        *(f"/digits/elbo/{name}.safetensors" for name in ("model", "latents", "trajectory")),
        "/digits/gallery.safetensors",
    }


def test_a_page_that_is_not_in_a_secure_context_hashes_by_itself(
    browser: Browser, viewer: Path, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained / "digits" / "elbo", tmp_path / "digits" / "elbo")
    shutil.copy(viewer, tmp_path / "viewer.html")
    page = patient_page(browser)
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    with static_host(tmp_path) as (host, _):
        page.goto(f"{host}/viewer.html#run=./digits/elbo/config.json")
        _ready(page, "explore")
        assert page.evaluate("crypto.subtle === undefined")
    page.close()


def test_runs_of_the_hub_are_opened_by_their_repositories_and_further_ones_are_compared(
    browser: Browser, viewer: Path, trained: Path
) -> None:
    with hub() as it:
        for name in ("elbo", "kl"):
            folder = trained / "digits" / name
            it.files[f"me/digits-{name}"] = {file.name: file.read_bytes() for file in folder.iterdir()}
        start = f"{viewer.as_uri()}#run=me/digits-elbo&hub={it.address}"
        with _opened(browser, start) as (page, requests):
            _ready(page, "explore")
            page.get_by_test_id("open-run").click()
            page.get_by_test_id("run-address").fill("me/digits-kl")
            page.keyboard.press("Enter")
            page.wait_for_function("location.hash.includes('run=digits-kl')")
            _ready(page, "explore")
            page.get_by_test_id("to-compare").click()
            _ready(page, "compare")
            expect(page.get_by_test_id("run-digits-kl")).to_have_attribute("aria-pressed", "true")
            page.reload()
            _ready(page, "compare")
            expect(page.locator(".lx-compare [data-testid^=compare-plane]:visible")).to_have_count(2)
        assert requests
        assert {re.sub(r"digits-\w+/resolve/main/[\w.]+$", "", url) for url in requests} == {f"{it.address}/me/"}


def _without(name: str) -> Callable[[Path], object]:
    return lambda run: (run / name).unlink()


DROPS: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda run: shutil.rmtree(run) or run.mkdir(), "an empty folder: there is no run in it"),
    "no run": (
        lambda run: [file.unlink() for file in run.iterdir()] and (run / "a.txt").touch(),
        "kl: there is no run",
    ),
    "a run in training": (_without("config.json"), "kl: no config.json, so the run is still in training"),
    "no weights": (_without("model.safetensors"), "kl/model.safetensors: missing"),
    "another bit": (
        lambda run: (run / "latents.safetensors").write_bytes(damaged((run / "latents.safetensors").read_bytes())),
        "kl/latents.safetensors: damaged or changed since it was written (SHA-256 differs from config.json)",
    ),
}


def test_what_is_no_run_is_refused_in_one_line_and_the_page_goes_on(
    browser: Browser, viewer: Path, checkpoints: Path, tmp_path: Path
) -> None:
    good, kl = checkpoints / "digits" / "elbo", checkpoints / "digits" / "kl"
    with _opened(browser, viewer.as_uri()) as (page, requests):
        problems = page.get_by_test_id("viewer-problems")
        for what, (damage, line) in DROPS.items():
            run = Path(shutil.copytree(kl, tmp_path / what / "kl"))
            damage(run)
            _drop(page, run)
            expect(problems.locator("p")).to_have_count(1)
            expect(problems).to_contain_text(line)
        odd, text = tmp_path / "odd.zip", tmp_path / "text.zip"
        with zipfile.ZipFile(odd, "w") as made:
            made.writestr("../config.json", "{}")
        text.write_text("no zip", encoding="utf-8")
        for file, line in ((odd, "odd.zip: names a file '../config.json'"), (text, "text.zip: not a zip")):
            _drop(page, file)
            expect(problems).to_contain_text(line)
        # One that is broken among others is a line, and these are shown.
        _drop(page, tmp_path / "no weights" / "kl", good)
        _ready(page, "explore")
        expect(problems).to_contain_text("kl/model.safetensors: missing")
        problems.get_by_role("button").click()
        expect(problems).to_be_hidden()
        # A reload has no folder any more, and says so; dropped again, the run stands as it was left.
        page.goto(f"{viewer.as_uri()}#explore?dataset=digits&run=elbo&z=0.5,-1")
        page.reload()
        expect(problems).to_contain_text("which a page cannot keep: open it again")
        _drop(page, good)
        _ready(page, "explore")
        page.wait_for_function("location.hash === '#explore?dataset=digits&run=elbo&z=0.5,-1'")
    assert requests == []


def test_addresses_that_lead_to_no_run_are_refused_in_one_line(
    browser: Browser, viewer: Path, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained / "digits" / "elbo", tmp_path / "closed" / "elbo")
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "config.json").write_text("<!doctype html>", encoding="utf-8")
    with hub() as it, static_host(tmp_path) as (host, _):
        for place, line in (
            ("elbo", "elbo: no address of a run; name one as https://"),
            ("javascript:alert(1)", "no address of a run"),
            ("https://me:secret@example.org/run", "with no name or password"),
            ("./elbo", "by http or https alone"),
            (f"{host}/nowhere", "nowhere/config.json: missing"),
            (f"{host}/page", "page/config.json: not valid JSON"),
            (f"{host}/closed/elbo", "closed/elbo/config.json: cannot be fetched: no network, no such host, or it lets"),
            ("me/nothing", "me/nothing/config.json: not on the Hub, or private; look at its name"),
        ):
            page = patient_page(browser)
            page.goto(f"{viewer.as_uri()}#run={place}&hub={it.address}")
            problems = page.get_by_test_id("viewer-problems")
            expect(problems).to_contain_text(line)
            expect(problems.locator("p")).to_have_count(1)
            page.close()


@pytest.mark.parametrize("arguments", [[], ["--viewer", "checkpoints/mnist/elbo"], ["--viewer", "--no-images"]])
def test_a_viewer_is_not_written_with_runs_nor_a_file_without(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*arguments, "--out", str(tmp_path / "explorer.html")])
    assert "--viewer" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
