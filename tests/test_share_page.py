"""What a person takes along from the plane: its link, pictures of it, the images' table, the lines of Python."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page
from scipy.spatial import KDTree

from explorer.api import open_run
from tests.opener import Open, pixels_of, wait_until_still
from tests.server import ROOT
from training import checkpoint

RUN = ROOT / "checkpoints" / "mnist" / "elbo"
SVG = "{http://www.w3.org/2000/svg}"


def _saved(page: Page, name: str) -> Path:
    """The file that two clicks give."""
    page.get_by_test_id("share").locator("summary").click()
    with page.expect_download() as file:
        page.get_by_test_id(f"share-{name}").click()
    return Path(file.value.path())


def _copied(page: Page, name: str) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id("share").locator("summary").click()
    page.get_by_test_id(f"share-{name}").click()
    page.locator(".lx-plane-hint", has_text="copied").wait_for(state="attached")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_plane_is_saved_as_vectors_and_as_pixels(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.5,-1&image=17")
    facts = {"Software": "Latent-space explorer", "Dataset": "mnist", "Run": "elbo", "Image": "17", "z": "0.5, -1"}
    facts["Source"] = page.url
    svg = ET.fromstring(_saved(page, "svg").read_text(encoding="utf-8"))  # noqa: S314 (our own)
    assert json.loads(str(svg.findtext(f"{SVG}metadata"))) == facts
    mu, label = (checkpoint.load_latents(RUN)[name] for name in ("mu", "label"))
    dots = [circle for circle in svg.iter(f"{SVG}circle") if not circle.get("stroke")]
    spots = np.array([[float(str(dot.get(axis))) for axis in ("cx", "cy")] for dot in dots])
    # One scale and no turn: the numbers on the axes say where each image is.
    marks = {str(mark.text): mark for mark in svg.iter(f"{SVG}text") if mark.get("text-anchor") == "middle"}
    left, right = (float(str(marks[name].get("x"))) for name in ("−2", "2"))
    scale = (right - left) / 4
    at = np.array([(left + right) / 2 - 40, 0]) + mu * [scale, -scale]  # less the margin
    at[:, 1] += np.median(spots[:, 1]) - np.median(at[:, 1])
    offsets = KDTree(at).query(spots, p=np.inf)[0]
    assert len(dots) > 0.97 * len(mu), "nearly all are in view"
    assert np.quantile(offsets, 0.99) < 1
    assert len({dot.get("fill") for dot in dots}) == len(set(label.tolist()))
    assert len(list(svg.iter(f"{SVG}ellipse"))) == 2, "one and two standard deviations of the image's posterior"

    box = page.locator(".lx-chart").bounding_box()
    assert box
    picture = Image.open(_saved(page, "png"))
    picture.verify()  # the CRC of each chunk
    picture = Image.open(str(picture.filename))
    assert {key: str(text) for key, text in picture.text.items()} == facts  # type: ignore[attr-defined]
    assert picture.size == pytest.approx((2 * box["width"], 2 * box["height"]), abs=2)
    assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 100


def test_the_selection_is_saved_as_a_table(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&set=h.3.1e")
    parquet = pd.read_parquet(_saved(page, "parquet"))
    assert parquet.attrs == {"dataset": "mnist", "run": "elbo"}
    text = _saved(page, "csv").read_text(encoding="utf-8")
    assert list(parquet.columns) == text.splitlines()[0].split(",")
    assert parquet.equals(open_run(RUN).frame().iloc[[17, 20, 70]].reset_index())
    rows = list(csv.DictReader(io.StringIO(text)))
    latents = checkpoint.load_latents(RUN)
    chosen = [17, 20, 70]
    assert [int(row["index"]) for row in rows] == chosen
    assert [int(row["label"]) for row in rows] == latents["label"][chosen].tolist()
    np.testing.assert_allclose([[float(row["z1"]), float(row["z2"])] for row in rows], latents["mu"][chosen], rtol=1e-6)
    for name in ("reconstruction", "kl"):
        np.testing.assert_allclose([float(row[name]) for row in rows], latents[name][chosen], rtol=1e-3)


def test_the_link_and_the_python_are_copied(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.5,-1")
    assert _copied(page, "link") == page.url
    lines = _copied(page, "python")
    assert re.search(r"z = torch.tensor\(\[\[0\.5, -1\]\]\)", lines)
    found: dict[str, np.ndarray] = {}
    exec(lines.replace('"checkpoints/', f'"{ROOT}/checkpoints/'), found)  # noqa: S102 (it is what is tested)
    shown = pixels_of(page, "decoded-image")
    np.testing.assert_allclose(shown, 255 * found["image"].detach().numpy().ravel(), atol=1)


@pytest.mark.parametrize(
    ("place", "least"),
    [
        ("compare?runs=kl,elbo", (1200, 600)),
        ("prior?run=elbo&side=5", (900, 900)),
        ("traverse?run=elbo-16d", (1200, 800)),
        ("probability?run=elbo", (1000, 800)),
        ("reconstruct?runs=elbo", (1000, 500)),
        ("gradients?images=4&draws=1024", (2000, 700)),
        ("metrics?dataset=fashion-mnist", (2000, 1500)),
    ],
)
def test_every_place_is_taken_along_in_two_clicks(open_page: Open, place: str, least: tuple[int, int]) -> None:
    page = open_page(place)
    if place.startswith("metrics"):  # its charts come later
        page.locator(".js-plotly-plot .main-svg .xtick").nth(6).wait_for(state="attached")
        wait_until_still(page)
    svg = ET.fromstring(_saved(page, "svg").read_text(encoding="utf-8"))  # noqa: S314 (our own)
    assert svg.findall(f".//{SVG}image") or svg.findall(f".//{SVG}path") or svg.findall(f".//{SVG}circle")
    picture = Image.open(_saved(page, "png"))
    assert picture.size == (2 * float(svg.get("width", 0)), 2 * float(svg.get("height", 0)))
    assert picture.size[0] >= least[0] and picture.size[1] >= least[1]
    assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20, "something is seen"
    assert picture.info["Source"] == page.url
    assert picture.info.get("Run", "") == re.sub(".*runs?=([^&]*).*|.*", r"\1", place).replace(",", ", ")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id("share").locator("summary").click()
    page.get_by_test_id("share-link").click()
    page.locator(".lx-plane-hint, [data-testid=share-said]", has_text="copied").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
