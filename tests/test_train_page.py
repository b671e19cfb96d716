"""Train in a browser, with the real trainer: start, watch, turn beta, step, stop, resume, delete, undo; who may not."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from safetensors.numpy import load_file

from explorer import job_queue
from tests.axe import violations
from tests.opener import address_of, opener, patient_page, wait_until_ready
from tests.server import restartable, serve
from tests.test_jobs import end_trainers, until
from training import live_files
from training.aevb import Diverged
from training.options import FitOptions
from training.run import fit

PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
FRAME = "number => Number(document.querySelector('[data-testid=train-plane]').dataset.frame) >= number"


@pytest.fixture
def root(checkpoints: Path) -> Iterator[Path]:
    """A checkpoints folder with a few runs, whose trainers end with the test."""
    yield checkpoints
    end_trainers(checkpoints)


def _start(page: Page, name: str, epochs: int = 500) -> None:
    page.get_by_test_id("train-dataset").select_option("digits")
    page.get_by_test_id("train-network").select_option("small")
    page.get_by_test_id("train-epochs").fill(str(epochs))
    page.get_by_test_id("train-name").fill(name)
    expect(page.get_by_test_id("train-command")).to_contain_text(f"/{name} ")
    page.get_by_test_id("train-start").click()


def _status(root: Path, name: str) -> dict[str, Any]:
    return live_files.read_status(root / "digits" / name) or {}


def _words(page: Page) -> Any:
    return expect(page.get_by_test_id("train-state"))


def test_a_run_forms_is_turned_stepped_stopped_resumed_deleted_and_put_back(browser: Browser, root: Path) -> None:
    with serve(root) as address, opener(browser, address) as open_page:
        page = open_page("train")
        expect(page.get_by_test_id("train-empty")).to_contain_text("will form")
        _start(page, "forming")
        page.wait_for_function(FRAME, arg=2)
        assert address_of(page)["job"] == "digits/forming"
        assert "--epochs 500" in _status(root, "forming")["command"]
        page.get_by_test_id("train-pause").click()  # or it might be over before all is tried
        _words(page).to_have_text(re.compile("paused, epoch"))

        other = open_page("train?job=digits/forming")  # a second tab sees the same
        other.wait_for_function(FRAME, arg=0)
        _words(other).to_have_text(re.compile("paused, epoch"))
        other.get_by_test_id("share").locator("summary").click()
        with other.expect_download() as saved:
            other.get_by_test_id("share-svg").click()
        picture = Path(saved.value.path()).read_text(encoding="utf-8")
        assert '"Dataset":"digits","Run":"forming"' in picture
        assert picture.count("<circle") > 400, "the cloud of 500 images"

        slider = page.get_by_test_id("train-beta")
        slider.press("End")
        slider.press("Home")
        until(lambda: (found := live_files.read_control(root / "digits" / "forming")) is not None and found.beta == 0)
        seen = int(str(page.get_by_test_id("train-plane").get_attribute("data-frame")))
        page.get_by_test_id("train-step").click()
        expect(page.get_by_test_id("train-step-view").locator(".lx-batch button").first).to_be_visible()
        page.wait_for_function(FRAME, arg=seen + 1)
        assert _status(root, "forming")["beta"] == 0
        assert [mark["beta"] for mark in live_files.read_marks(root / "digits" / "forming")] == [1, 0]
        assert _pulls(page) == {"reconstruction": True, "kl": False}  # a term without weight does not pull
        newest = max((root / "digits" / "forming" / live_files.LIVE).glob("step-*.safetensors"))
        step = load_file(newest)
        for i in (0, 5):  # an image of the minibatch over what its z decodes to
            drawn = np.array(page.locator(".lx-batch canvas").nth(i).evaluate(PIXELS)).reshape(16, 8, 4)
            both = np.vstack([step["x"][i, 0], step["decoded"][i, 0]])
            assert np.array_equal(drawn[..., :3], np.stack([both] * 3, 2))
        assert violations(page, ".lx") == []
        page.get_by_test_id("train-speed").select_option("10")
        _words(page).to_have_text(re.compile("running, epoch"))
        page.wait_for_function(FRAME, arg=seen + 4)

        place = page.get_by_test_id("train-plane").bounding_box()
        page.get_by_test_id("train-stop").click()
        _words(page).to_have_text(re.compile("stopped after"))
        expect(page.get_by_test_id("train-beta")).to_be_hidden()
        assert page.get_by_test_id("train-plane").bounding_box() == place, "the plane moves when the run ends"
        _words(other).to_have_text(re.compile("stopped after"))
        expect(page.get_by_test_id("train-pause")).to_be_hidden()
        epoch = _status(root, "forming")["epoch"]
        page.get_by_test_id("train-resume").click()
        _words(page).to_have_text(re.compile("running|measuring|finished"))
        assert _status(root, "forming").get("epoch", 500) >= epoch
        page.get_by_test_id("train-stop").click()
        _words(page).to_have_text(re.compile("stopped|finished"))

        page.get_by_test_id("train-delete").click()
        page.get_by_test_id("train-delete-yes").click()
        expect(page.get_by_test_id("train-notice")).to_contain_text("digits/forming was moved into the trash")
        assert not (root / "digits" / "forming").exists()
        expect(page.locator(".lx-chart canvas")).to_have_count(0)  # no point of it stays
        page.get_by_test_id("train-undo").click()
        expect(page.get_by_test_id("train-notice")).to_be_hidden()  # when it is done; the list may be of before
        expect(page.locator("[data-job='digits/forming']")).to_be_visible()
        assert (root / "digits" / "forming").is_dir()


def _pulls(page: Page) -> dict[str, bool]:
    """Whether arrows of each term are drawn."""
    terms = ("reconstruction", "kl")
    return {term: "L" in str(page.locator(f".lx-pull-{term}").get_attribute("d")) for term in terms}


def test_a_finished_run_opens_in_explore(browser: Browser, root: Path) -> None:
    with serve(root) as address, opener(browser, address) as open_page:
        page = open_page("train")
        _start(page, "short", epochs=2)
        page.get_by_test_id("train-explore").click()
        expect(page.locator(".lx-explore")).to_have_attribute("data-ready", "true")
        assert {"dataset": "digits", "run": "short"}.items() <= address_of(page).items()


def test_a_run_outlives_its_server_and_a_killed_one_is_said_to_be(browser: Browser, root: Path) -> None:
    page = patient_page(browser, viewport={"width": 1280, "height": 720})
    with restartable(root) as (address, restart):
        page.goto(f"{address}/train")
        wait_until_ready(page)
        _start(page, "outlives")
        page.wait_for_function(FRAME, arg=1)
        page.get_by_test_id("train-speed").select_option("5")
        pid = _status(root, "outlives")["pid"]
        restart()
        page.goto(f"{address}/train")
        wait_until_ready(page)  # it is found again, and watched as what is at work
        page.wait_for_function(FRAME, arg=1)
        seen = int(str(page.get_by_test_id("train-plane").get_attribute("data-frame")))
        page.wait_for_function(FRAME, arg=seen + 2)
        assert _status(root, "outlives")["pid"] == pid
        page.get_by_test_id("train-another").click()
        _start(page, "waits", epochs=1)
        expect(page.get_by_test_id("train-state")).to_have_text("waits for its turn")
        os.kill(pid, signal.SIGKILL)
        expect(page.locator("[data-job='digits/outlives']")).to_contain_text("killed: the trainer was killed; ")
        _words(page).not_to_have_text("waits for its turn")  # the next one's turn has come
    page.close()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_visitor_sees_jobs_and_no_buttons(browser: Browser, root: Path, size: str) -> None:
    place = root / "digits" / "theirs"
    place.mkdir()
    queue = root / job_queue.FOLDER / "queue.json"
    queue.parent.mkdir()
    diverging = FitOptions(out=root / "digits" / "diverged", dataset="digits", learning_rate=1e6)
    with pytest.raises(Diverged) as diverged:
        fit(diverging)
    waits = {"id": "digits/theirs", "words": ["fit"], "added": time.time(), "state": "started", "pid": 0}
    queue.write_text(json.dumps({"format": 1, "jobs": [waits]}))
    with serve(root, environment={"EXPLORER_TRAINING": "off"}) as address, opener(browser, address) as open_page:
        page = open_page("train?job=digits/theirs", size=size)
        expect(page.get_by_test_id("train-why-not")).to_contain_text("EXPLORER_TRAINING=off")
        expect(page.get_by_test_id("train-job")).to_have_count(2)
        said = page.locator("[data-job='digits/diverged']")
        expect(said).to_contain_text(str(diverged.value))  # the line that the command line prints
        expect(said).to_contain_text("lower --learning-rate")
        expect(page.get_by_test_id("train-form")).to_have_count(0)
        for button in page.locator(".lx-train button:visible").all():
            assert button.get_attribute("data-part") in ("fit", None), button.text_content()
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
        undo, share = (page.locator(name).bounding_box() for name in (".lx-undo", ".lx-head-tools"))
        assert undo and share and undo["y"] + undo["height"] <= share["y"], "one lies over the other"


def test_train_works_where_there_is_no_run_yet(browser: Browser, tmp_path: Path) -> None:
    with serve(tmp_path) as address, opener(browser, address) as open_page:
        page = open_page("train")
        expect(page.get_by_test_id("train-command")).to_contain_text("python -m training fit --dataset mnist5k")
        page.get_by_test_id("train-epochs").fill("9999")
        expect(page.get_by_test_id("train-wrong")).to_have_text("epochs: expected a whole number from 1 to 500")
