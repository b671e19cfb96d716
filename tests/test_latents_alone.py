"""Runs without a decoder, and columns, in the app: what pages say, what pickers offer, what the browser is given."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from explorer import addresses, loader
from explorer.views.compare import shared_classes
from explorer.views.pages import PAGES
from tests.app_address import app_address, payload_of
from tests.contents import contents_of
from tests.opener import opener
from tests.patience import PATIENCE_S
from tests.server import serve
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
    app = AppTest.from_string(script, default_timeout=PATIENCE_S)
    for name, value in params.items():
        app.query_params[name] = value
    found = app.run()
    assert not found.exception
    return found


def test_explore_shows_latents_alone_and_offers_what_they_have(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    app = _open(monkeypatch, root, "explore", dataset="digits", run="mine", background="manifold")
    assert [column["name"] for column in payload_of(app)["runs"]["mine"]["columns"]] == ["age"]
    assert [caption.value for caption in app.caption] == [
        "This run has no decoder and came without pictures: points are shown by their numbers."
    ]
    assert payload_of(app)["gallery"] is None


def test_compare_shows_latents_alone_beside_other_runs(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    payload = payload_of(_open(monkeypatch, root, "compare", dataset="digits", runs="elbo,mine"))
    assert payload["verdicts"]["mine"].startswith("Latents alone")
    assert "/mine" not in payload["missing"]
    assert (payload["pictured"], payload["gallery"] is not None) == (["elbo"], True), "whichever comes first"
    assert [column["name"] for column in payload["runs"]["elbo"]["columns"]] == ["size", "kind"]


def test_compare_gives_runs_of_other_classes_one_numbering(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    payload = payload_of(_open(monkeypatch, root, "compare", dataset="digits", runs="mine,elbo"))
    assert payload["classes"] == [str(digit) for digit in range(10)]
    assert payload["class_numbers"] == {"mine": [-1], "elbo": list(range(10))}
    assert payload["verdicts"]["mine"].endswith("They came without classes.")


def test_compare_draws_and_says_nothing_that_latents_alone_do_not_have(browser: Browser, root: Path) -> None:
    rng = np.random.default_rng(0)
    np.save(root.parent / "line.npy", rng.normal(size=60))
    np.savez(root.parent / "flat.npz", z=rng.normal(size=(60, 2)), label=np.arange(60) % 3 - 1)
    for name, file in (("line", "line.npy"), ("flat", "flat.npz")):
        write_latents(LatentsOptions(file=root.parent / file, out=root / "alone" / name))
    with serve(root) as address, opener(browser, address) as open_page:
        page = open_page("compare?dataset=alone&runs=flat,line&image=3&color_by=kl")
        body = page.locator(".lx-compare")
        expect(page.locator("[data-part=shared-title]")).to_have_text("Point 3")
        expect(page.locator("[data-part=color]")).to_have_value("label")
        for _ in range(2):
            expect(page.locator(".lx-image:visible")).to_have_count(0)
            assert not re.search(r"image|reconstruct|p\(z\)|q\(z|nats|ELBO|no label", body.inner_text())
            page.get_by_text("Same z").click()
        expect(page.get_by_test_id("compare-panel-line")).to_contain_text("nearest point: ")
        expect(page.locator(".lx-legend")).to_contain_text("20 without a class")
        page = open_page("compare?dataset=digits&runs=mine,elbo&image=3")
        expect(page.get_by_test_id("compare-image-elbo")).to_be_visible()
        expect(page.get_by_test_id("compare-image-mine")).to_be_hidden()
        expect(page.get_by_test_id("compare-panel-mine")).to_contain_text("point 3")
        expect(page.locator("[data-part=shared-title]")).to_have_text("Image 3")


@pytest.mark.parametrize(
    ("own", "together", "numbers"),
    [
        ((["a", "b"], ["a", "b"]), ("first",), (None, None)),
        ((["a", "b", None], ["a", "b", None]), ("first",), (None, None)),
        (([None], [None]), ("first",), (None, None)),
        ((["a", "b"], ["b", "c", None]), ("a", "b", "c"), ([0, 1], [1, 2, -1])),
        (([None], ["a", "b"]), ("a", "b"), ([-1], [0, 1])),
    ],
)
def test_classes_of_several_runs_are_told_apart_by_name(
    own: tuple[list[str | None], list[str | None]],
    together: tuple[str, ...],
    numbers: tuple[list[int] | None, list[int] | None],
) -> None:
    found = shared_classes(dict(zip("xy", own, strict=True)), ["first"])
    assert found == (together, dict(zip("xy", numbers, strict=True)))


@pytest.mark.parametrize("page", OTHER_PAGES)
def test_every_other_page_leaves_latents_alone_out_and_says_so(
    monkeypatch: pytest.MonkeyPatch, root: Path, page: str
) -> None:
    app = _open(monkeypatch, root, page, dataset="digits")
    assert "Without a decoder, shown by Explore and Compare alone: mine." in [one.value for one in app.caption]
    for key, pickers in {"runs": app.multiselect, "run": app.button_group}.items():
        if key in PAGES[page].parameters:
            assert "mine" not in str(pickers(key=key).options)
    app = _open(monkeypatch, root, page, dataset="points")
    assert [one.value for one in app.info] == [
        "points: no run with a decoder, which this page needs. Explore and Compare show its runs."
    ]
    picker = app.selectbox(key="dataset")
    assert (picker.value, list(picker.options)) == ("points", ["digits", "points"])
    picker.set_value("digits").run()
    assert (list(app.exception), list(app.info), list(app.toast)) == ([], [], [])
    assert app_address(app)["dataset"] == "digits"
    assert app.selectbox(key="dataset").value == "digits"


def test_one_may_go_from_data_set_to_data_set_until_one_has_a_decoder(
    monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    write_latents(LatentsOptions(file=root.parent / "a.npz", out=root / "others" / "mine"))
    app = _open(monkeypatch, root, "prior", dataset="others")
    app.selectbox(key="dataset").set_value("points").run()
    assert [one.value[:7] for one in app.info] == ["points:"]
    app.selectbox(key="dataset").set_value("digits").run()
    assert (list(app.exception), list(app.info), app_address(app)["dataset"]) == ([], [], "digits")
    assert list(app.selectbox(key="dataset").options) == ["digits"], "as before: those that it can show"


def test_an_address_can_colour_by_a_column_and_what_is_not_there_is_said(browser: Browser, root: Path) -> None:
    with serve(root) as address, opener(browser, address) as open_page:
        page = open_page("?dataset=digits&run=elbo&color_by=column:kind")
        color = page.get_by_role("combobox", name="Colour by")
        expect(color).to_have_value("column:kind")
        expect(page.locator(".lx-legend")).to_contain_text("heart")
        page.get_by_role("radio", name="KL only").click()
        expect(page.locator(".lx-legend")).to_have_text("kind: this run has no such column")
        page.get_by_role("radio", name="mine").click()
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "mine")
        expect(page.get_by_role("combobox", name="Behind the points")).to_be_hidden()
        offered = color.locator("option").evaluate_all("all => all.filter(o => !o.disabled).map(o => o.textContent)")
        assert offered == ["Class", "Density", "age", "kind", "age, by rank"]
        ranked = color.locator("optgroup[label='By rank'] > option").evaluate_all(
            "all => all.filter(o => !o.disabled).map(o => o.textContent)"
        )
        assert ranked == ["age, by rank"]


def test_the_browser_is_given_columns_with_colours_and_values(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    app = _open(monkeypatch, root, "explore", dataset="digits", run="elbo")
    size, kind = payload_of(app)["runs"]["elbo"]["columns"]
    assert (size["categories"], size["colors"]) == (None, [])
    assert kind["categories"] == ["square", "heart"] and len(set(kind["colors"])) == 2
    run = loader.catalog().find("digits", "elbo")
    assert run
    for place, column in enumerate(COLUMNS.values()):
        values = load(gzip.decompress(loader.load_column(run, place)))["values"]
        np.testing.assert_array_equal(values, column.values)
    assert addresses.column_url(run) != addresses.column_url(loader.catalog().find("digits", "kl"))
