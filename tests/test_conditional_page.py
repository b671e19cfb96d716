"""Pages of a conditional run in a browser: what is decoded hangs on the class given, which the address names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from tests.opener import Open, address_of, opener, pixels_of
from tests.server import serve
from training import checkpoint
from training.measure.evidence import log_evidence
from training.model.posterior import standard_deviations
from training.options import FitOptions
from training.run import fit

Z = (0.5, -0.3)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conditional run of the 8x8 digits."""
    out = tmp_path_factory.mktemp("conditional") / "digits" / "given"
    fit(FitOptions(out=out, dataset="digits", condition="label", epochs=40, learning_rate=5e-3, hidden_dims=(32,)))
    return out


@pytest.fixture(scope="module")
def app(path: Path) -> Iterator[str]:
    with serve(path.parent.parent) as address:
        yield address


@pytest.fixture
def open_it(browser: Browser, app: str) -> Iterator[Open]:
    with opener(browser, app) as opened:
        yield opened


@torch.no_grad()
def _decoded(path: Path, z: tuple[float, ...] | NDArray[np.float32], label: int) -> NDArray[np.float32]:
    model = checkpoint.load_model(path).given(label)
    return np.asarray(255 * model.image(torch.tensor(np.array([z]), dtype=torch.float32)).flatten().numpy())


def _expect_decoded(page: Page, path: Path, label: int, name: str = "decoded-image") -> None:
    expected = _decoded(path, Z, label)
    for other in range(10):
        if other != label:
            assert np.abs(expected - _decoded(path, Z, other)).max() > 10, "classes look different"
    page.wait_for_function(
        """([name, wanted]) => {
          const canvas = document.querySelector(`[data-testid=${name}]`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return wanted.every((v, i) => Math.abs(data[4 * i] - v) <= 1.5);
        }""",
        arg=[name, expected.tolist()],
    )


def test_explore_switches_the_class_at_the_same_z(open_it: Open, path: Path) -> None:
    page = open_it("?dataset=digits&run=given&given=3&z=0.5,-0.3")
    _expect_decoded(page, path, 3)
    page.get_by_role("radio", name="8", exact=True).click()
    _expect_decoded(page, path, 8)
    page.wait_for_function("new URL(location).searchParams.get('given') === '8'")
    assert address_of(page)["z"] == "0.5,-0.3"


@pytest.mark.parametrize("place", ["traverse", "compare"])
def test_other_pages_decode_with_the_class_of_the_address(place: str, open_it: Open, path: Path) -> None:
    runs = "runs=given" if place == "compare" else "run=given"
    link = "&link=z" if place == "compare" else ""
    page = open_it(f"{place}?dataset=digits&{runs}{link}&given=6&z=0.5,-0.3")
    name = {"traverse": "decoded-image", "compare": "compare-image-given"}[place]
    _expect_decoded(page, path, 6, name)


@pytest.mark.parametrize(("view", "said"), [("paths", "all the way."), ("runs", "all the way where a run takes one.")])
def test_interpolate_says_which_class_it_decodes(view: str, said: str, open_it: Open) -> None:
    page = open_it(f"interpolate?dataset=digits&run=given&given=3&view={view}")
    expect(page.locator("[data-part=sentence]")).to_contain_text(f"Class 3 is given {said}")


def test_reconstruct_encodes_and_decodes_with_the_image_s_own_class(open_it: Open, path: Path) -> None:
    latents = checkpoint.load_latents(path)
    index = int(np.flatnonzero(latents["label"] == 7)[0])
    page = open_it(f"reconstruct?dataset=digits&runs=given&given=2&image={index}")
    np.testing.assert_allclose(
        pixels_of(page, "reconstruction-given"), _decoded(path, latents["mu"][index], 7), atol=1.5
    )


@torch.no_grad()
def test_probability_integrates_log_p_of_x_given_the_class(open_it: Open, path: Path) -> None:
    page = open_it("probability?dataset=digits&run=given&image=5")
    label = int(checkpoint.load_latents(path)["label"][5])
    model = checkpoint.load_model(path).given(label)
    x = torch.from_numpy(checkpoint.load_gallery(path.parent / "gallery.safetensors")["images"][5:6]).float() / 255
    mu, spread = model.encode(x)
    expected = log_evidence(model, x, mu, standard_deviations(mu, spread)).log_evidence.item()
    shown = page.locator("[data-part=evidence]")
    expect(shown).to_have_text(re.compile(r"\d"))
    assert float((shown.text_content() or "").replace("\N{MINUS SIGN}", "-").split()[0]) == pytest.approx(
        expected, abs=0.1
    )
    expect(page.locator(".lx-head")).to_contain_text("every figure is of log p(x|y)")


def test_gradients_and_metrics_say_what_holds_of_it(open_it: Open) -> None:
    page = open_it("gradients?dataset=digits&run=given")
    expect(page.get_by_text("This run is given each image's class")).to_be_visible()
    page.goto(page.url.replace("gradients", "metrics"))
    expect(page.get_by_text("such a run are of log p(x|y)")).to_be_visible()


def test_a_class_that_is_not_there_is_said(open_it: Open, path: Path) -> None:
    page = open_it("?dataset=digits&run=given&given=99&z=0.5,-0.3")
    expect(page.get_by_text("given=99: the data set has classes 0 to 9; showing the first")).to_be_visible()
    _expect_decoded(page, path, 0)
