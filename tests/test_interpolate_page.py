"""The Interpolate page: links, scrubbing, modes and accessibility."""

from __future__ import annotations

import csv
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, expect
from scipy.stats import chi
from streamlit.testing.v1 import AppTest

from tests.film import decode_mp4
from tests.opener import Open, opener, pixels_of, wait_for_address
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve
from training import checkpoint

RUN = ROOT / "checkpoints" / "mnist" / "elbo"


def test_opens_without_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    app = AppTest.from_string(
        "from explorer.screens import interpolate\ninterpolate.page()", default_timeout=PATIENCE_S
    ).run()
    assert not app.exception


def test_a_link_restores_the_state_and_keys_move_t(open_page: Open) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&image_a=17&image_b=30&paths=linear,shortest&steps=5&t=0.25")
    slider = page.get_by_test_id("interpolation-slider")
    expect(slider).to_have_value("0.25")
    expect(page.locator(".lx-film")).to_have_count(2)
    expect(page.locator(".lx-film").first.locator(".lx-film-steps button")).to_have_count(5)
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(slider).to_have_value("0.35")
    wait_for_address(page, t="0.35", image_a="17", image_b="30", steps="5")
    page.keyboard.press("Space")
    expect(page.get_by_test_id("play")).to_have_attribute("aria-label", "Pause")


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_the_linear_path_decodes_what_torch_decodes(open_page: Open, t: float) -> None:
    page = open_page(f"interpolate?dataset=mnist&run=elbo&image_a=1100&image_b=3300&paths=linear&t={t}")
    mu = checkpoint.load_latents(RUN)["mu"]
    z = (1 - t) * mu[1100] + t * mu[3300]
    with torch.no_grad():
        expected = checkpoint.load_model(RUN).image(torch.from_numpy(z[None]).float()).flatten().numpy() * 255
    np.testing.assert_allclose(pixels_of(page, "decoded-image").astype(float), expected, atol=1.5)
    norm = page.get_by_test_id("norm-linear")
    expect(norm).to_contain_text(f"|z| = {np.linalg.norm(z):.2f}: ")
    share = float(norm.inner_text().split(": ")[1].split(" %")[0])
    assert share == pytest.approx(100 * chi.cdf(np.linalg.norm(z), 2), abs=0.6)


def test_csv_holds_the_exact_z(open_page: Open, tmp_path: Path) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&image_a=1100&image_b=3300&paths=linear&steps=5")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert "elbo" in download.value.suggested_filename
    download.value.save_as(tmp_path / "z.csv")
    lines = [line for line in (tmp_path / "z.csv").read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    mu = checkpoint.load_latents(RUN)["mu"]
    assert len(rows) == 5
    for row in rows:
        z = np.array([float(value) for name, value in row.items() if name.startswith("z")])
        t = float(row["t"])
        np.testing.assert_allclose(z, (1 - t) * mu[1100] + t * mu[3300], atol=1e-6)


@pytest.mark.parametrize("kind", ["GIF", "MP4"])
def test_films_can_be_played(open_page: Open, tmp_path: Path, kind: str) -> None:
    page = open_page("interpolate?dataset=mnist&run=elbo&image_a=1100&image_b=3300&paths=linear&steps=5")
    with page.expect_download() as download:
        page.get_by_role("button", name=kind).click()
    assert download.value.suggested_filename.endswith(kind.lower())
    assert "elbo" in download.value.suggested_filename
    download.value.save_as(tmp_path / "film")
    data = (tmp_path / "film").read_bytes()
    frames = decode_mp4(data, tmp_path) if kind == "MP4" else iio.imread(data, extension=".gif", index=None)
    assert len(frames) == 94, "48 from A to B, 46 back without the ends"
    mu = checkpoint.load_latents(RUN)["mu"]
    with torch.no_grad():
        ends = checkpoint.load_model(RUN).image(torch.from_numpy(mu[[1100, 3300]])).numpy()[:, 0] * 255
    for frame, end in zip((frames[0], frames[47]), ends, strict=True):
        grey = np.asarray(frame)[..., 0].astype(float)
        scale = grey.shape[0] // 28
        small = grey[: 28 * scale, : 28 * scale].reshape(28, scale, 28, scale).mean((1, 3))
        assert np.abs(small - end).mean() < 6


@pytest.mark.parametrize("run", ["autoencoder", "conv"])
def test_other_kinds_of_run_without_a_gallery(browser: Browser, checkpoints: Path, run: str) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it(f"interpolate?dataset=digits&run={run}&image_a=3&image_b=8&paths=linear&steps=4&t=0.5")
        path = checkpoints / "digits" / run
        z = checkpoint.load_latents(path)["mu"][[3, 8]].mean(0, keepdims=True)
        with torch.no_grad():
            expected = checkpoint.load_model(path).image(torch.from_numpy(z)).flatten().numpy() * 255
        np.testing.assert_allclose(pixels_of(page, "decoded-image").astype(float), expected, atol=1.5)
        page.get_by_role("button", name="Every run").click()
        expect(page.locator(".lx-film").first).to_be_visible()
