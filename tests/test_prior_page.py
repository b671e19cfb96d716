"""The Prior page: its percentiles against scipy, its images against torch, its cells against the latents."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from scipy.special import ndtri
from streamlit.testing.v1 import AppTest

from tests.app_address import app_address
from tests.opener import Open, address_of, opener, pixels_of, wait_for_address
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve
from training import checkpoint

RUN = ROOT / "checkpoints" / "mnist" / "elbo"


def _complete(page: Page) -> None:
    expect(page.get_by_test_id("prior-grid")).to_have_attribute("data-complete", "true")


def _grid(page: Page) -> np.ndarray:
    _complete(page)
    width = page.get_by_test_id("prior-grid").evaluate("c => c.width")
    return pixels_of(page, "prior-grid").reshape(-1, width)


def _cell(page: Page) -> tuple[float, float]:
    """z of the cell under the cursor, as the page says it."""
    text = page.locator(".lx-prior .lx-cursor").first.get_attribute("aria-valuetext") or ""
    x, y = re.findall(r"[−-]?\d+\.\d+", text)[:2]
    return float(x.replace("−", "-")), float(y.replace("−", "-"))


@pytest.mark.parametrize(("side", "low"), [(8, 0.5), (20, 10)])
def test_every_cell_is_the_image_torch_decodes_at_its_percentiles(open_page: Open, side: int, low: float) -> None:
    page = open_page(f"prior?run=elbo&side={side}&low={low}")
    np.testing.assert_allclose(_grid(page).astype(float), _grid_by_torch(RUN, side, low), atol=1.5)


def _grid_by_torch(run: Path, side: int, low: float) -> np.ndarray:
    """Grey values of the images decoded at percentiles of the prior, on the plane of PCA for D > 2."""
    values = ndtri(np.linspace(low, 100 - low, side) / 100)
    z = np.array([[x, y] for y in values[::-1] for x in values])
    latents = checkpoint.load_latents(run)
    if "pca" in latents:
        z = latents["pca_mean"] + z @ latents["pca_components"]
    model = checkpoint.load_model(run)
    with torch.no_grad():
        images = model.image(torch.from_numpy(z).float()).numpy()[:, 0] * 255
    height, width = images.shape[1:]
    return images.reshape(side, side, height, width).transpose(0, 2, 1, 3).reshape(side * height, side * width)


def test_holes_are_the_cells_without_an_image(open_page: Open) -> None:
    page = open_page("prior?run=elbo&side=20&low=5")
    step = 90 / 19
    edges = ndtri((5 + (np.arange(21) - 0.5) * step) / 100)
    mu = checkpoint.load_latents(RUN)["mu"]
    counts, _, _ = np.histogram2d(mu[:, 0], mu[:, 1], bins=[edges, edges])
    empty = int((counts == 0).sum())
    expect(page.locator(".lx-sentence")).to_contain_text(f"{empty} of 400 cells")
    page.get_by_role("button", name="Shade holes").click()
    shaded = page.locator(".lx-shade").first.evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v).length"
    )
    assert shaded == empty
    wait_for_address(page, holes="on")


def test_keys_move_the_cursor_and_enter_opens_explore_there(open_page: Open) -> None:
    page = open_page("prior?run=elbo&side=9&z=0,0")
    _complete(page)
    page.locator(".lx-prior .lx-cursor").first.focus()
    assert _cell(page) == (0, 0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expected = float(ndtri((50 + 90 / 8) / 100))
    assert _cell(page) == pytest.approx((expected, expected), abs=0.006)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-ready", "true")
    x, y = (page.get_by_test_id("latent-plane").get_attribute("data-z") or "").split(",")
    assert (float(x), float(y)) == pytest.approx((expected, expected), abs=1e-3)
    assert address_of(page)["run"] == "elbo"


def test_samples_are_repeated_by_their_seed(open_page: Open) -> None:
    def samples(page: Page) -> str:
        expect(page.get_by_test_id("prior-samples")).to_have_attribute("data-complete", "true")
        return str(page.get_by_test_id("prior-samples").evaluate("c => c.toDataURL()"))

    page = open_page("prior?run=elbo&seed=7")
    first = samples(page)
    page.get_by_role("button", name="Draw again").click()
    wait_for_address(page, seed="8")
    assert samples(page) != first
    assert samples(open_page("prior?run=elbo&seed=7")) == first


def test_the_png_is_of_print_size_names_its_run_and_holds_the_cells(open_page: Open, tmp_path: Path) -> None:
    page = open_page("prior?run=elbo&side=6&low=5")
    grid = _grid(page)
    np.testing.assert_allclose(grid.astype(float), _grid_by_torch(RUN, 6, 5), atol=1.5)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save PNG").click()
    assert download.value.suggested_filename == "mnist-elbo-prior-6x6.png"
    download.value.save_as(tmp_path / "grid.png")
    image = np.array(Image.open(tmp_path / "grid.png").convert("L"))
    assert min(image.shape) >= 3000
    factor = image.shape[0] // grid.shape[0]
    assert np.array_equal(image[::factor, ::factor], grid)


def test_a_link_restores_and_nonsense_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    app = AppTest.from_string("from explorer.screens import prior\nprior.page()", default_timeout=PATIENCE_S)
    app.query_params["side"] = "7"
    app.query_params["low"] = "1"
    app.query_params["seed"] = "many"
    app.run()
    assert not app.exception
    assert app.toast[0].value.startswith("seed=many: expected a whole number")
    assert app_address(app) == {"dataset": "mnist", "run": "elbo", "side": "7", "low": "1"}


def test_other_kinds_of_run(browser: Browser, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("prior?run=autoencoder&side=5&low=5")
        autoencoder, conv = (_grid_by_torch(checkpoints / "digits" / run, 5, 5) for run in ("autoencoder", "conv"))
        np.testing.assert_allclose(_grid(page).astype(float), autoencoder, atol=1.5)
        page.get_by_role("radio", name="conv").click()
        expect(page.locator(".lx-sentence")).to_contain_text("first two principal components")
        np.testing.assert_allclose(_grid(page).astype(float), conv, atol=1.5)
