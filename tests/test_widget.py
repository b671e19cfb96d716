"""The notebook's widget: its traits in Python, and by anywidget's protocol in a bare page, which no notebook is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect
from traitlets import TraitError

from explorer.modules import WEB
from explorer.widget import LatentPlane
from tests.patience import PATIENCE_MS
from tests.server import ROOT
from training import checkpoint
from training.checkpoint import CheckpointError

MNIST = ROOT / "checkpoints" / "mnist"
TRAITS = ("run", "z", "image", "selection")
# A model as notebooks give it: what its view sets reaches Python when it is saved.
NOTEBOOK = """
async ({ module, state, html }) => {
  const values = { ...state, _frame: "" };
  const heard = {};
  window.model = {
    saved: {},
    get: (name) => values[name],
    set: (name, value) => { values[name] = value; model.saved[name] = value; },
    save_changes: () => {},
    send: (message) => {
      if (message === "frame") model.fromPython("_frame", html);
      else if (values.z === null) model.fromPython("z", message.z);
    },
    on: (event, callback) => (heard[event] ??= new Set()).add(callback),
    off: (event, callback) => heard[event].delete(callback),
    fromPython: (name, value) => { values[name] = value; heard[`change:${name}`].forEach((callback) => callback()); },
  };
  const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  const { default: { initialize, render } } = await import(url);
  window.cleanups = [initialize({ model })];
  if (document.querySelector("iframe")) return;
  const el = document.body.appendChild(document.createElement("main"));
  cleanups.push(render({ model, el }));
}
"""


@pytest.fixture(scope="module")
def plane() -> LatentPlane:
    return LatentPlane(MNIST / "elbo", MNIST / "kl")


OpenIn = Callable[[str], Page]
Show = Callable[[LatentPlane], Page]


@pytest.fixture
def open_in(browser: Browser) -> Iterator[OpenIn]:
    """Open a page of this HTML alone; the console must stay clean."""
    # A frame without an origin keeps nothing, so whoever sees it is here for the first time; motion would show that.
    page = browser.new_page(viewport={"width": 1000, "height": 940}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE_MS)
    remarks: list[str] = []
    page.on("console", lambda message: remarks.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: remarks.append(f"error: {error}"))

    def open_it(html: str) -> Page:
        body = f'<!doctype html><meta charset="utf-8">{html}'
        page.route("http://localhost/", lambda route: route.fulfill(content_type="text/html", body=body))
        page.goto("http://localhost/")
        if html:
            _ready(page)
        return page

    yield open_it
    page.close()
    assert remarks == []


@pytest.fixture
def show(open_in: OpenIn) -> Show:
    """Show a widget's own view in a page."""

    def show_it(widget: LatentPlane) -> Page:
        page = open_in("")
        _start(page, widget)
        _ready(page)
        return page

    return show_it


def _start(page: Page, widget: LatentPlane) -> None:
    """Start the widget's front end, with a view of its own where the page shows no frame of it."""
    state = {name: getattr(widget, name) for name in (*TRAITS, "_id")}
    module = (WEB / "hosts" / "notebook.js").read_text(encoding="utf-8")
    page.evaluate(NOTEBOOK, {"module": module, "state": state, "html": widget._framed()})


def _ready(page: Page) -> None:
    expect(_frame(page).locator(".lx")).to_have_attribute("data-ready", "true")


def _frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def _wait(page: Page, name: str, value: Any) -> None:
    page.wait_for_function(
        "([name, text]) => JSON.stringify(model.get(name)) === text",
        arg=[name, json.dumps(value, separators=(",", ":"))],
        timeout=PATIENCE_MS,
    )


def test_what_python_sets_the_page_shows(plane: LatentPlane, show: Show) -> None:
    page = show(plane)
    page.wait_for_function("model.get('z') !== null")
    page.evaluate("model.fromPython('z', [1.5, -0.5])")
    expect(_frame(page).get_by_text("z = (1.50, −0.50)")).to_be_visible()
    page.evaluate("model.fromPython('image', 7)")
    expect(_frame(page).get_by_text("Image 7, class 0")).to_be_visible()
    mu = checkpoint.load_latents(MNIST / "elbo")["mu"][7]
    page.wait_for_function("mu => Math.abs(model.get('z')[0] - mu) < 1e-3", arg=float(mu[0]))
    page.evaluate("model.fromPython('selection', [2, 4, 9])")
    expect(_frame(page).get_by_role("button", name="Clear 3")).to_be_visible()
    page.evaluate("model.fromPython('run', 'kl')")
    expect(_frame(page).get_by_role("button", name="KL only")).to_have_attribute("aria-pressed", "true")
    elsewhere = checkpoint.load_latents(MNIST / "kl")["mu"][7]
    page.wait_for_function("mu => Math.abs(model.get('z')[1] - mu) < 1e-3", arg=float(elsewhere[1]))
    _wait(page, "image", 7)


def test_what_is_done_in_the_page_python_observes(plane: LatentPlane, show: Show) -> None:
    page = show(plane)
    page.wait_for_function("model.get('z') !== null")
    number = _frame(page).get_by_label("Image", exact=True)
    number.fill("12")
    number.press("Enter")
    _wait(page, "image", 12)
    mu = checkpoint.load_latents(MNIST / "elbo")["mu"][12]
    page.wait_for_function("mu => Math.abs(model.get('z')[0] - mu) < 1e-3", arg=float(mu[0]))
    _frame(page).get_by_role("button", name="KL only").click()
    _wait(page, "run", "kl")
    saved = page.evaluate("model.saved")
    assert saved["run"] == "kl"
    # What the page says, Python takes.
    for name, value in saved.items():
        setattr(plane, name, value)
    assert (plane.run, plane.image, plane.z) == ("kl", 12, saved["z"])


def test_where_a_page_begins_python_hears_and_keeps_a_z_of_its_own() -> None:
    """Cells below may have set z before the page is there: it counts, as nobody has chosen where the page begins."""
    plane = LatentPlane(MNIST / "elbo", MNIST / "kl")
    plane._handle_custom_msg({"run": "kl", "z": [0.5, 0.5]}, [])
    assert plane.z is None
    plane._handle_custom_msg({"run": "elbo", "z": [0.0, 0.25]}, [])
    assert plane.z == [0.0, 0.25]
    plane._handle_custom_msg({"run": "elbo", "z": [0.5, 0.5]}, [])
    assert plane.z == [0.0, 0.25]


def test_a_frame_that_is_moved_shows_what_it_showed(plane: LatentPlane, show: Show) -> None:
    page = show(LatentPlane(MNIST / "elbo"))
    page.wait_for_function("model.get('z') !== null")
    page.evaluate("model.fromPython('z', [-1.25, 0.75])")
    expect(_frame(page).get_by_text("z = (−1.25, 0.75)")).to_be_visible()
    page.evaluate("document.querySelector('main').prepend(document.createElement('div'))")
    page.evaluate("document.querySelector('div').append(document.querySelector('iframe'))")  # it loads anew
    expect(_frame(page).get_by_text("z = (−1.25, 0.75)")).to_be_visible()
    page.evaluate("cleanups.forEach((cleanup) => cleanup())")
    expect(page.locator("iframe")).to_have_count(0)


def test_a_saved_output_has_a_live_plane_which_a_kernel_that_comes_later_is_linked_with(open_in: OpenIn) -> None:
    plane = LatentPlane(MNIST / "elbo", height=800)
    plane.z = [1.5, -0.5]
    bundle, _ = plane._repr_mimebundle_() or ({}, {})
    assert set(bundle) == {"text/html", "text/plain"}
    assert len(bundle["text/html"].encode()) <= 4e6
    page = open_in(bundle["text/html"])
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts allow-downloads"
    shown = _frame(page)
    expect(shown.get_by_text("z = (1.50, −0.50)")).to_be_visible()
    image = shown.get_by_test_id("decoded-image")
    before = image.evaluate("(canvas) => canvas.toDataURL()")
    box = shown.locator("[data-testid=latent-plane] [role=slider]").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y + 40, steps=6)
    page.mouse.up()
    expect(shown.get_by_text("z = (1.50, −0.50)")).to_have_count(0)
    assert image.evaluate("(canvas) => canvas.toDataURL()") != before
    plane.z = [-1.25, 0.75]
    _start(page, plane)
    expect(shown.get_by_text("z = (−1.25, 0.75)")).to_be_visible()
    shown.get_by_label("Image", exact=True).fill("12")
    shown.get_by_label("Image", exact=True).press("Enter")
    _wait(page, "image", 12)


def test_what_an_output_has_depends_on_who_shows_it(plane: LatentPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook in VS Code and Colab links views alone, and one of JupyterLab shows no HTML beside a view."""
    monkeypatch.delenv("VSCODE_PID", raising=False)
    unsaved = LatentPlane(MNIST / "elbo", images=False, saved=False)
    view = "application/vnd.jupyter.widget-view+json"
    assert set((unsaved._repr_mimebundle_() or ({}, {}))[0]) == {view, "text/plain"}
    monkeypatch.setenv("VSCODE_PID", "1")
    assert set((plane._repr_mimebundle_() or ({}, {}))[0]) == {view, "text/plain", "text/html"}


def test_the_page_holds_no_held_out_image_where_these_are_private(plane: LatentPlane) -> None:
    assert "gallery" not in LatentPlane(MNIST / "elbo", images=False)._page
    assert 'data-arrays="runs/mnist/gallery' in plane._page


def test_traits_take_arrays_and_a_run_of_other_dimensions_forgets_z() -> None:
    plane = LatentPlane(MNIST / "elbo", MNIST / "elbo-16d")
    plane.z = checkpoint.load_latents(MNIST / "elbo")["mu"][3]
    plane.selection = np.array([8, 3, 8])
    assert (len(plane.z), plane.selection) == (2, [3, 8])
    seen = []
    plane.observe(lambda change: seen.append(change.new), names="z")
    plane.run = "elbo-16d"
    assert (plane.z, seen) == (None, [None])


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("z", [1, 2, 3], "z: expected 2 finite numbers, or None"),
        ("z", [0, float("nan")], "z: expected 2 finite numbers, or None"),
        ("image", 5000, "image: expected numbers of held-out images, 0 to 4999"),
        ("image", 1.5, "image: expected numbers of held-out images, 0 to 4999"),
        ("selection", [-1], "selection: expected numbers of held-out images, 0 to 4999"),
        ("run", "gan", "run='gan': expected one of kl, elbo"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(plane: LatentPlane, name: str, value: Any, line: str) -> None:
    before = getattr(plane, name)
    with pytest.raises(TraitError) as refused:
        setattr(plane, name, value)
    assert str(refused.value) == line
    assert getattr(plane, name) == before


def test_runs_that_no_plane_can_show_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no run: name a folder"):
        LatentPlane()
    with pytest.raises(CheckpointError, match="no such folder; name a run's"):
        LatentPlane(tmp_path / "absent")
    with pytest.raises(CheckpointError, match="a plane shows those of one data set"):
        LatentPlane(MNIST / "elbo", ROOT / "checkpoints" / "fashion-mnist" / "elbo")
