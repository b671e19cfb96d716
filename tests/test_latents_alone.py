"""Runs without a decoder, and columns, in the app: what pages say, what pickers offer, what the browser is given."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from explorer import addresses, loader
from explorer.views.pages import PAGES
from tests.contents import contents_of
from training import checkpoint
from training.columns import Column
from training.latents import LatentsOptions, write_latents

COUNT = 500  # as the digits' held-out images
COLUMNS = {
    "size": Column(np.where(np.arange(COUNT) % 7, np.arange(COUNT), np.nan).astype(np.float32)),
    "kind": Column((np.arange(COUNT) % 3 - 1).astype(np.int32), ("square", "heart")),
}
OTHER_PAGES = [name for name, page in PAGES.items() if page.decodes and name != "tour"]


@pytest.fixture
def root(checkpoints: Path, tmp_path: Path) -> Path:
    """Digits with columns in one run, and with latents alone; and a data set of nothing else."""
    run = checkpoints / "digits" / "elbo"
    checkpoint.write_checkpoint(run, checkpoint.Contents(**(vars(contents_of(run)) | {"columns": COLUMNS})))
    np.savez(tmp_path / "a.npz", z=checkpoint.load_latents(run)["mu"], age=np.arange(COUNT) / 4)
    for out in ("digits/mine", "points/mine"):
        write_latents(LatentsOptions(file=tmp_path / "a.npz", out=checkpoints / out))
    return checkpoints


def _open(monkeypatch: pytest.MonkeyPatch, root: Path, page: str, **params: str) -> AppTest:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(root))
    script = f"from explorer.screens import screen\nscreen({page!r}).page()"
    app = AppTest.from_string(script, default_timeout=60)
    for name, value in params.items():
        app.query_params[name] = value
    found = app.run()
    assert not found.exception
    return found


def _payload(app: AppTest) -> dict[str, object]:
    payload: dict[str, object] = json.loads(app.get("bidi_component")[0].proto.json)
    return payload


def test_explore_shows_latents_alone_and_offers_what_they_have(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    app = _open(monkeypatch, root, "explore", dataset="digits", run="mine", background="manifold")
    assert list(app.selectbox(key="color_by").options) == ["Class", "Density", "age"]
    assert list(app.selectbox(key="background").options) == ["Nothing"]
    assert [caption.value for caption in app.caption] == [
        "This run has no decoder and came without pictures: points are shown by their numbers."
    ]
    assert _payload(app)["gallery"] is None


def test_compare_shows_latents_alone_beside_other_runs(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    payload = _payload(_open(monkeypatch, root, "compare", dataset="digits", runs="elbo,mine"))
    assert payload["verdicts"]["mine"].startswith("Latents alone")
    assert "/mine" not in payload["missing"]
    assert [column["name"] for column in payload["runs"]["elbo"]["columns"]] == ["size", "kind"]


@pytest.mark.parametrize("page", OTHER_PAGES)
def test_every_other_page_leaves_latents_alone_out_and_says_so(
    monkeypatch: pytest.MonkeyPatch, root: Path, page: str
) -> None:
    app = _open(monkeypatch, root, page, dataset="digits")
    assert "Without a decoder, shown by Explore and Compare alone: mine." in [one.value for one in app.caption]
    key = "runs" if "runs" in PAGES[page].parameters else "run"
    picker = app.multiselect(key="runs") if key == "runs" else app.button_group(key="run")
    assert "mine" not in str(picker.options)
    app = _open(monkeypatch, root, page, dataset="points")
    assert [one.value for one in app.info] == [
        "points: no run with a decoder, which this page needs. Explore and Compare show its runs."
    ]


def test_an_address_can_colour_by_a_column(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    app = _open(monkeypatch, root, "explore", dataset="digits", run="elbo", color_by="column:kind")
    assert (app.selectbox(key="color_by").value, list(app.toast)) == ("column:kind", [])
    app = _open(monkeypatch, root, "explore", dataset="digits", run="kl", color_by="column:kind")
    assert [one.value for one in app.toast] == ["color_by=column?kind: this run has none; coloured by class"]
    assert app.selectbox(key="color_by").value == "label"


def test_the_browser_is_given_columns_with_colours_and_values(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    app = _open(monkeypatch, root, "explore", dataset="digits", run="elbo")
    size, kind = _payload(app)["runs"]["elbo"]["columns"]
    assert (size["categories"], size["colors"]) == (None, [])
    assert kind["categories"] == ["square", "heart"] and len(set(kind["colors"])) == 2
    run = loader.catalog().find("digits", "elbo")
    assert run
    for place, column in enumerate(COLUMNS.values()):
        values = load(gzip.decompress(loader.load_column(run, place)))["values"]
        np.testing.assert_array_equal(values, column.values)
    assert addresses.column_url(run) != addresses.column_url(loader.catalog().find("digits", "kl"))
