"""Runs exported into one HTML file: what it holds, what is refused, how it reads its address, and it in a browser."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, FrameLocator, Page, expect
from safetensors.numpy import load, save
from starlette.testclient import TestClient

from explorer import addresses, app, loader
from explorer.export.__main__ import main
from explorer.export.arrays import compact
from explorer.export.places import OFFERED
from explorer.models import load_images
from explorer.routes import guard
from explorer.views import network
from explorer.views.page_address import parse_address
from explorer.views.pages import PAGES
from tests.javascript import JavaScript
from tests.opener import Open, next_frame
from tests.patience import PATIENCE_MS
from training import checkpoint
from training.measure.evaluation import as_pixels
from training.measure.true_posterior import true_posterior

PACKED = re.compile(
    r'<script type="text/plain" (?:id|data-arrays)="(.*?)" data-bytes="(\d+)">(.*?)</script>', re.DOTALL
)
NUMBERS = {"F32": "<f4", "F16": "<u2", "I32": "<i4", "U8": "u1"}  # of half precision the bits


def _text(content: bytes) -> str:
    """The file as a browser reads it: what HTML forbids or changes is not in it."""
    assert content.startswith(b"\xff\xfe")
    text = content.decode("utf-16")
    assert not set(text) & {"\0", "\r"}
    return text


def _packed(text: str) -> dict[str, bytes]:
    """What the file holds by name, unzipped: two bytes in each unit, some of which have 0xE000 before them."""
    found = {}
    for name, length, packed in PACKED.findall(text):
        units = iter(memoryview(packed.encode("utf-16-le")).cast("H"))
        kept = [next(units) ^ 0x8000 if unit == 0xE000 else unit for unit in units]
        found[name.replace("&amp;", "&")] = gzip.decompress(np.array(kept, "<u2").tobytes()[: int(length)])
    return found


def _data(text: str) -> Any:
    return json.loads(_packed(text)["lx-page"])["data"]


def _arrays(text: str) -> dict[str, dict[str, np.ndarray]]:
    return {url: _unpacked(content) for url, content in _packed(text).items() if url != "lx-page"}


def _header(content: bytes) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return header


def _unpacked(content: bytes) -> dict[str, np.ndarray]:
    """Arrays, of half precision those that are so: low bytes first, epochs as differences of bits."""
    length = int.from_bytes(content[:8], "little")
    arrays = {}
    for name, entry in _header(content).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        kind = np.dtype(NUMBERS[entry["dtype"]])
        planes = np.frombuffer(content[8 + length + begin : 8 + length + end], np.uint8).reshape(kind.itemsize, -1)
        array = planes.T.copy().view(kind).reshape(entry["shape"])
        array = np.cumsum(array, axis=0, dtype=kind) if entry.get("steps") else array
        arrays[name] = array.view(np.float16) if entry["dtype"] == "F16" else array
    return arrays


def test_a_shipped_run_takes_few_megabytes_and_every_number_is_the_server_s(tmp_path: Path) -> None:
    run = loader.catalog().datasets["mnist"]["elbo"]
    file = tmp_path / "demo.html"
    assert main([str(run.path), "--out", str(file), "--pages", "explore"]) == 0
    assert file.stat().st_size <= 3.2e6
    assert main([str(run.path), "--out", str(file)]) == 0
    assert file.stat().st_size <= 5.5e6
    text = _text(file.read_bytes())
    assert not re.search(r"<(?:link|img|script|iframe)\b[^>]*(?:src|href)=\"(?!data:)", text)
    found = _arrays(text)
    parts: tuple[loader.Part, ...] = ("latents", "decoder", "encoder", "trajectory")
    for part in parts:
        served = load(gzip.decompress(loader.load(run, part)))
        held = found[addresses.part_url(run, part)]
        assert served.keys() == held.keys()
        for name, array in served.items():
            np.testing.assert_array_equal(held[name], array, err_msg=f"{part} {name}")
    halves = {array.dtype for array in found[addresses.part_url(run, "decoder")].values()}
    assert halves == {np.dtype(np.float16)}
    assert addresses.gallery_url(run) in found


def test_all_that_the_payloads_name_is_in_the_file_but_for_images_that_are_left_out(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "demo.html"
    runs = [str(trained / "digits" / name) for name in ("kl", "elbo", "conv")]
    assert main([*runs, "--out", str(file), "--no-images"]) == 0
    assert re.fullmatch(
        rf"{re.escape(str(file))}: [\d.]+ MB, digits/kl, digits/elbo, digits/conv\n", capsys.readouterr().out
    )
    text = _text(file.read_bytes())
    held = set(_arrays(text))
    inside: dict[str, Any] = _data(text)
    shown = [page for page in OFFERED if page != "tour"]  # the project's own talk shows no digits
    assert list(inside["pages"]) == shown
    assert {page for place in inside["places"] for page in (view["page"] for view in place["views"])} == set(shown)
    named = set()
    for page in inside["pages"].values():
        payload = page["sets"]["digits"]["payload"]
        assert payload["gallery"] is None
        for run in payload["runs"].values():
            named |= {run[part] for part in ("latents", "decoder", "encoder", "trajectory") if run[part]}
    assert named == held
    assert "digits/autoencoder" not in text


def test_what_cannot_be_exported_is_refused_in_one_line(
    trained: Path, checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elbo, out = str(trained / "digits" / "elbo"), str(tmp_path / "demo.html")
    (tmp_path / "digits" / "empty").mkdir(parents=True)
    talk, lost = tmp_path / "talk.toml", tmp_path / "lost.toml"
    talk.write_text(TALK.replace('title = "The plane', 'titel = "The plane'), "utf-8")
    lost.write_text('title = "A talk"\n[[scene]]\ntitle = "A"\ntext = "B"\nshow = "/?dataset=moon"\n', "utf-8")
    broken = checkpoints / "digits" / "kl"
    (broken / "config.json").write_text("{")
    for arguments, expected in (
        ([str(tmp_path / "nowhere"), "--out", out], "nowhere: no such folder; name a run's"),
        ([str(tmp_path / "digits" / "empty"), "--out", out], "digits/empty"),
        ([str(broken), "--out", out], "digits/kl/config.json"),
        ([elbo, str(checkpoints / "digits" / "conv"), "--out", out], "another data set of the name digits"),
        ([elbo, "--out", out, "--pages", "explore", "gradients"], "gradients: it needs the explorer's server; choose"),
        ([elbo, "--out", out, "--talk", str(talk)], "talk.toml, line 4: 'titel' is none of title, text"),
        ([elbo, "--out", out, "--talk", str(lost)], "lost.toml: no scene of it can be shown by a file of these runs"),
        ([elbo, "--out", out, "--talk", str(tmp_path / "no.toml")], "no.toml: cannot be read as text"),
        ([elbo, "--out", out, "--pages", "nonsense"], "nonsense: there is no such page; choose among explore"),
    ):
        _refused(arguments, expected, capsys)
    for place in (tmp_path / "no" / "demo.html", tmp_path):
        assert main([elbo, "--out", str(place), "--pages", "explore"]) == 1
        assert re.fullmatch(rf"{re.escape(str(place))}: cannot be written \(.+\)\n", capsys.readouterr().err)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"talk.toml", "lost.toml"}


def test_a_run_that_only_the_server_decodes_is_not_exported(
    checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "MAX_WEIGHTS", 100)
    # Of a copy, as what is known of a run is kept.
    arguments = [str(checkpoints / "digits" / "elbo"), "--out", str(tmp_path / "demo.html")]
    _refused(arguments, "cannot be exported, as its images are decoded by the", capsys)


def _refused(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is exported, and one line says why."""
    assert main(arguments) == 1, arguments
    said = capsys.readouterr()
    assert expected in said.err and said.err.count("\n") == 1 and not said.out, said


def test_the_explorer_s_own_pages_have_their_runs_as_the_same_file(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "demo.html"
    assert main([str(trained / "digits" / name) for name in ("kl", "elbo")] + ["--out", str(file)]) == 0
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(trained))
    client = TestClient(app.app, base_url="http://localhost:8501")
    assert client.get("/export/digits?run=kl&run=elbo").status_code == 403
    client.headers[guard.HEADER] = client.get("/token").text
    answer = client.get("/export/digits?run=kl&run=elbo")
    assert answer.status_code == 200
    written = _text(file.read_bytes())
    assert _packed(_text(answer.content)) == _packed(written)
    for nothing in ("/export/digits?run=elbo&run=nowhere", "/export/nowhere?run=elbo", "/export/digits"):
        answer = client.get(nothing)
        assert (answer.status_code, answer.text) == (404, "no such run")
    monkeypatch.setattr(network, "MAX_WEIGHTS", 100)
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(shutil.copytree(trained, tmp_path / "copy")))
    answer = client.get("/export/digits?run=kl")
    assert answer.status_code == 409
    assert "cannot be exported, as its images are decoded by the server" in answer.text


def test_the_browser_has_every_number_of_the_arrays_that_were_packed(javascript: JavaScript) -> None:
    random = np.random.default_rng(5)
    half = random.normal(size=(4, 6, 2)).astype(np.float16).astype(np.float32)
    arrays = {
        "mu": half,
        "epoch": np.arange(4, dtype=np.int32),
        "same": half[-1].copy(),
        "xy": half[-1].copy(),
        "exact": random.normal(size=(5, 3)).astype(np.float32),
        "images": random.integers(0, 256, (3, 1, 2, 3)).astype(np.uint8),
        "none": np.zeros((0, 2), np.float32),
    }
    content = gzip.decompress(compact(gzip.compress(save(arrays, {"layers": "[]"}))))
    source = """async (bytes) => {
      const { restored } = await import("/assets/hosts/file_arrays.js");
      const { parseSafetensors } = await import("/assets/network/safetensors.js");
      const { tensors, metadata } = parseSafetensors(restored(Uint8Array.from(bytes).buffer));
      return [metadata, Object.entries(tensors).map(([name, { shape, data }]) => [name, shape, Array.from(data)])];
    }"""
    metadata, found = javascript.evaluate(source, list(content))
    assert metadata == {"layers": "[]"}
    assert {name for name, _, _ in found} == arrays.keys()
    for name, shape, values in found:
        assert tuple(shape) == arrays[name].shape
        np.testing.assert_array_equal(values, arrays[name].ravel(), err_msg=name)
    begins = [entry["data_offsets"][0] for entry in (_header(content)[name] for name in ("same", "xy"))]
    assert begins[0] == begins[1]


RUNS = {"digits": ["autoencoder", "kl", "elbo", "a,b/c"]}
TEXTS = """
|kl |elbo:-1 1 -0.5 0.5|elbo:1 -1 -0.5 0.5|elbo:-1 1|nobody:-1 1 -1 1|elbo|kl,elbo|kl,kl|a/,b//c,elbo|two|ä|/|,
|autoencoder,kl,elbo,a/,b//c|autoencoder,kl,elbo,a/,b//c,x|0|7|-1|1.5|1e3|.5|5.|0x10|1e999|nan|inf|--1|+3|99999999999
|1000|1001|1,2|1,1|0.5,-1.2|2,1|1,2,3|1,2,3,4|2,1,3,4|0.5,-1,0.1,0.2,0|0.5,-1,0,0.2,0|h.1.2|h.0|zz.1|Zz|1.1.1.1|label
|column:age|rank:column:x|walk,neighbours|neighbours|linear,shortest|z|image|on|open|held-out|draw
""".replace("\n", "").split("|")  # the first of them is empty


def test_a_file_reads_its_address_as_python_does(javascript: JavaScript) -> None:
    source = """async ({ kind, rule, texts, runs }) => {
      const { read } = await import("/assets/hosts/read_address.js");
      return texts.map((text) => read(kind, rule, text, runs) ?? null);
    }"""
    for page in (PAGES[name] for name in OFFERED):
        for name, parameter in page.parameters.items():
            asked = {"kind": parameter.kind, "rule": parameter.rule, "texts": TEXTS, "runs": RUNS["digits"]}
            for text, found in zip(TEXTS, javascript.evaluate(source, asked), strict=True):
                state, notes = parse_address({name: text}, page, RUNS)
                assert found == (None if notes else state[name]), f"{page.name}: {name}={text!r}"


TALK = """
title = "A talk in a file"
[[scene]]
title = "The plane"
text = "A plane of digits."
show = "/?dataset=digits&run=kl&z=0.5,0.5"
[[scene]]
title = "Two estimators"
text = "Only the server draws these."
show = "/gradients?dataset=digits&run=elbo"
[[scene]]
title = "Another run"
text = "It is not in the file."
show = "/?dataset=digits&run=autoencoder"
[[scene]]
title = "Half a digit"
text = "What its upper half says."
show = "/infer?dataset=digits&run=elbo&image=3"
"""


@pytest.fixture(scope="module")
def exported(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two small runs with all places."""
    file = tmp_path_factory.mktemp("exported") / "demo.html"
    talk = file.with_name("talk.toml")
    talk.write_text(TALK, "utf-8")
    runs = [str(trained / "digits" / name) for name in ("kl", "elbo")]
    assert main([*runs, "--out", str(file), "--talk", str(talk)]) == 0
    return file


def _ready(place: Page | FrameLocator, page: str) -> None:
    expect(place.locator(f".lx-{page}").first).to_have_attribute("data-ready", "true")
    expect(place.locator(".lx-error:visible")).to_have_count(0)


def _integrates(place: Page | FrameLocator, run: Path) -> None:
    """Probability integrates Eq. 4 in the page: log p(x) is the adaptive integrator's, in torch."""
    _ready(place, "probability")
    shown = place.locator(".lx-probability [data-part=evidence]")
    expect(shown).to_have_text(re.compile(r"^−\d+\.\d{3}$"))
    index = int(place.get_by_test_id("probability-plane").get_attribute("data-image") or "")
    x = as_pixels(torch.from_numpy(load_images(run, checkpoint.load_config(run).version)[index : index + 1]))
    found = true_posterior(checkpoint.load_model(run), x)
    assert float(shown.inner_text().replace("−", "-")) == pytest.approx(found.log_evidence, abs=0.05)
    expect(place.locator(".lx-probability [data-part=residual]")).to_have_text(re.compile(r"0\.0\d\d$|< 0\.001"))


def _infers(place: Page | FrameLocator) -> None:
    """Infer's worker answers, whose modules a page by file:// or in a sandbox may not hand it as they are."""
    _ready(place, "infer")
    expect(place.locator(".lx-infer [data-settled=true]")).to_have_count(1)
    expect(place.get_by_test_id("infer-evidence")).to_have_text(re.compile(r"^−?\d[\d.]* nats$"))


def _talks(place: Page | FrameLocator) -> None:
    """Learn shows the scenes that the file can show, and says how many it has not."""
    _ready(place, "tour")
    expect(place.get_by_test_id("scene-title")).to_have_text("The plane")
    expect(place.get_by_test_id("left-out")).to_have_text(re.compile("2 of the talk's 4 scenes are left out"))
    expect(place.locator(".lx-scene > .lx-explore[data-ready=true]")).to_be_visible()
    place.get_by_test_id("scene-next").click()
    expect(place.get_by_test_id("scene-title")).to_have_text("Half a digit")
    expect(place.locator(".lx-scene [data-settled=true]")).to_have_count(1)
    expect(place.get_by_test_id("scene-next")).to_be_disabled()
    expect(place.get_by_test_id("scene-code")).to_be_hidden()
    expect(place.locator(".lx-error:visible")).to_have_count(0)


def _drag(page: Page, place: Page | FrameLocator) -> None:
    """Drag the handle to the right and up; the image that is decoded changes."""
    decoded = "(canvas) => canvas.toDataURL()"
    image = place.get_by_test_id("decoded-image")
    before = image.evaluate(decoded)
    box = place.locator("[data-testid=latent-plane] [role=slider]").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 5):
        page.mouse.move(x + 30 * step, y - 20 * step)
        next_frame(page)
    page.mouse.up()
    assert image.evaluate(decoded) != before


def test_a_file_works_by_itself_and_in_a_sandbox(
    browser: Browser, exported: Path, trained: Path, tmp_path: Path
) -> None:
    # As for who is here for the first time, whom the handle would show that it moves; a frame would keep nothing of it.
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE_MS)
    remarks: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: remarks.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: remarks.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(exported.as_uri())
    _ready(page, "explore")
    _drag(page, page)
    page.wait_for_function("/z=[^0][^&]*/.test(location.hash)")
    dragged = page.evaluate("location.hash")
    page.get_by_test_id("run-kl").click()
    page.wait_for_function("location.hash.includes('run=kl')")
    page.get_by_test_id("run-elbo").click()
    page.wait_for_function("location.hash.includes('run=elbo')")
    page.get_by_test_id("to-compare").click()
    _ready(page, "compare")
    page.get_by_test_id("to-reconstruct").click()
    _ready(page, "reconstruct")
    page.locator("[data-source=draw]").click()
    expect(page.get_by_test_id("drawing-pad")).to_be_visible()
    expect(page.get_by_role("button", name="Upload an image")).to_have_count(0)
    page.wait_for_function("location.hash.includes('source=draw')")
    page.reload()
    _ready(page, "reconstruct")
    expect(page.get_by_test_id("drawing-pad")).to_be_visible()
    page.go_back()
    _ready(page, "compare")
    page.get_by_test_id("to-probability").click()
    _integrates(page, trained / "digits" / "elbo")
    page.get_by_test_id("to-infer").click()
    _infers(page)
    page.get_by_test_id("to-tour").click()
    _talks(page)
    page.wait_for_function("/^#tour[?]dataset=digits&scene=2$/.test(location.hash)")
    page.reload()
    expect(page.get_by_test_id("scene-title")).to_have_text("Half a digit")
    page.goto(f"{exported.as_uri()}{dragged}&image=99999")
    _ready(page, "explore")
    expect(page.get_by_role("status").filter(has_text="image=99999: there are images 0 to")).to_be_visible()
    page.wait_for_function("(hash) => location.hash === hash", arg=dragged)

    outside = tmp_path / "outside.html"
    srcdoc = escape(_text(exported.read_bytes()))
    outside.write_text(
        '<!doctype html><meta charset="utf-8"><title>Outside</title>'
        f'<iframe sandbox="allow-scripts" srcdoc="{srcdoc}" width="1200" height="760"></iframe>',
        "utf-8",
    )
    page.goto(outside.as_uri())
    frame = page.frame_locator("iframe")
    _ready(frame, "explore")
    _drag(page, frame)
    frame.get_by_test_id("to-compare").click()
    _ready(frame, "compare")
    frame.get_by_test_id("to-reconstruct").click()
    _ready(frame, "reconstruct")
    frame.get_by_test_id("to-probability").click()
    _integrates(frame, trained / "digits" / "elbo")
    frame.get_by_test_id("to-infer").click()
    _infers(frame)
    frame.get_by_test_id("to-tour").click()
    _talks(frame)
    page.close()
    assert remarks == []
    assert [
        url for url in requests if not url.startswith(("blob:", "data:", exported.as_uri(), outside.as_uri(), "about:"))
    ] == []


@pytest.mark.parametrize(
    ("address", "name"),
    [("?dataset=ujipen&run=elbo", "ujipen-elbo"), ("compare?dataset=mnist&runs=elbo,kl", "mnist-elbo-kl")],
)
def test_explore_and_compare_save_the_file_of_the_runs_that_they_show(open_page: Open, address: str, name: str) -> None:
    page = open_page(address)
    page.locator("[data-testid=share]:visible").first.locator("summary").click()
    with page.expect_download() as file:
        page.locator("[data-testid=share-file]:visible").click()
    assert file.value.suggested_filename == f"{name}.html"
    inside = _data(_text(Path(file.value.path()).read_bytes()))
    dataset, *runs = name.split("-")
    assert sorted(inside["pages"]["explore"]["sets"][dataset]["runs"]) == sorted(runs)
