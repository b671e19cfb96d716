"""Runs of one latent dimension on every page: drawn and decoded along a line, none of them waiting for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect

from tests.opener import Open, address_of, opener, pixels_of, wait_for_address
from tests.server import serve
from training import checkpoint
from training.options import FitOptions
from training.run import fit


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("line")
    for name, objective, dim in (("line", "elbo", 1), ("code", "autoencoder", 1), ("elbo", "elbo", 2)):
        out = root / "digits" / name
        options = {"objective": objective, "latent_dim": dim, "epochs": 3, "hidden_dims": (32,)}
        fit(FitOptions(out=out, dataset="digits", **options))  # type: ignore[arg-type]
    return root


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    with serve(root) as found:
        yield found


@pytest.fixture
def open_line(browser: Browser, address: str) -> Iterator[Open]:
    with opener(browser, address) as open_page:
        yield open_page


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("?run=line&background=prior", "[data-testid=handle]"),
        ("compare?runs=line,code,elbo", ".lx-panel [data-testid=handle]"),
        ("reconstruct?runs=line,code&how=open", "[data-step=epsilon]"),
        ("traverse?run=line", "[data-testid=traversal-row-1]"),
        ("interpolate?run=line", ".lx-film"),
        ("prior?run=line&side=6", "[data-testid=prior-grid][data-complete=true]"),
        ("probability?run=line&image=3", "[data-testid=evidence-bar][data-residual]"),
        ("probability?run=code&image=3", "[data-testid=evidence-bar][data-residual]"),
    ],
)
def test_every_page_shows_it(open_line: Open, place: str, shown: str) -> None:
    page = open_line(place)
    expect(page.locator(shown).first).to_be_attached()
    expect(page.locator(".lx-loading:visible")).to_have_count(0)
    expect(page.locator(".lx-error:visible")).to_have_count(0)


def test_a_drag_goes_along_the_line_and_decodes(open_line: Open, root: Path) -> None:
    page = open_line("?run=line&z=0.5")
    handle, area = page.get_by_test_id("handle").bounding_box(), page.locator(".lx-area").bounding_box()
    assert handle and area
    x, y = handle["x"] + 22, handle["y"] + 22
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 90, steps=4)
    page.mouse.up()
    moved = page.get_by_test_id("handle").bounding_box()
    assert moved
    assert moved["x"] - handle["x"] == pytest.approx(60, abs=1.5)
    assert moved["y"] == pytest.approx(handle["y"], abs=0.5), "up there is nothing to decode"
    page.wait_for_function("() => !new URL(location).searchParams.get('z').startsWith('0.5')")
    (z,) = map(float, address_of(page)["z"].split(","))
    model = checkpoint.load_model(root / "digits" / "line")
    with torch.no_grad():
        expected = 255 * model.image(torch.tensor([[z]]))[0].numpy().ravel()
    np.testing.assert_allclose(pixels_of(page, "decoded-image"), expected, atol=2)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => new URL(location).searchParams.get('z') !== before", arg=str(z))
    assert "," not in address_of(page)["z"]


def test_q_of_one_dimension_is_dragged_by_its_mean_and_width(open_line: Open) -> None:
    page = open_line("probability?run=line&image=3&q=0.5,0,0.2,1,0")
    expect(page.locator("[data-testid=evidence-bar][data-residual]")).to_be_attached()
    expect(page.get_by_test_id("handle-b")).to_be_hidden()
    handle = page.get_by_test_id("handle-a")
    handle.focus()
    page.keyboard.press("ArrowRight")
    wait_for_address(page, q="0.5,0,0.206,1,0")
    expect(page.get_by_test_id("evidence-bar")).to_have_attribute("data-residual", re.compile(r"\d"))
    assert abs(float(page.get_by_test_id("evidence-bar").get_attribute("data-residual") or "nan")) < 0.05
