"""The way through a run's epochs on Explore and Compare: points as they lay after each, an image's path, the film."""

from __future__ import annotations

import gzip
import io
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from safetensors.numpy import load
from scipy.stats import norm

from tests.opener import Open, opener, wait_for_address
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve
from training import checkpoint
from training.latents import LatentsOptions, write_latents

MNIST = ROOT / "checkpoints" / "mnist"


def _mean(run: str, epoch: int, image: int) -> np.ndarray:
    trajectory = checkpoint.load_trajectory(MNIST / run)
    return trajectory["mu"][trajectory["epoch"].tolist().index(epoch), image].astype(float)


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310, our own server
        return gzip.decompress(answer.read())


def _slide(page: Page, share: float) -> None:
    page.get_by_test_id("epoch-slider").evaluate(
        """(slider, share) => {
          slider.value = String(share);
          slider.dispatchEvent(new Event("input"));
          slider.dispatchEvent(new Event("change"));
        }""",
        share,
    )


# What a frame of the way writes into the page though it was there already: each has the browser style or lay out anew.
REPEATED = """async () => {
  const records = [];
  const frame = () => new Promise(requestAnimationFrame);
  const watch = new MutationObserver((found) => records.push(...found));
  watch.observe(document.querySelector(".lx"), {
    subtree: true, attributes: true, attributeOldValue: true, childList: true,
  });
  const slider = document.querySelector("[data-testid=epoch-slider]");
  slider.value = "0.6";
  slider.dispatchEvent(new Event("input"));
  await frame();
  await frame();
  watch.disconnect();
  const moved = records.some(({ attributeName }) => attributeName === "data-epoch");
  return [moved ? "" : "nothing moved", ...records.filter(({ type, attributeName, oldValue, target }) =>
    type === "childList" || oldValue === target.getAttribute(attributeName)
  ).map(({ type, attributeName, target }) => `${type} ${attributeName} of ${target.outerHTML.slice(0, 80)}`)];
}"""


def _steps(page: Page) -> np.ndarray:
    """Pixels of the selected image's way, (T, 2)."""
    path = page.get_by_test_id("trail-epochs").get_attribute("d") or ""
    return np.array([step.split(" ") for step in path.removeprefix("M").split("L")], dtype=float)


def test_the_browser_is_sent_the_saved_epochs(shipped_app: str) -> None:
    sent = load(_fetched(f"{shipped_app}/runs/mnist/elbo/trajectory"))
    stored = checkpoint.load_trajectory(MNIST / "elbo")
    assert sent["epoch"].tolist() == stored["epoch"].tolist()
    np.testing.assert_array_equal(sent["mu"], stored["mu"].astype(np.float32))


def test_an_image_lies_where_it_lay_and_its_path_is_drawn(open_page: Open) -> None:
    page = open_page("?image=600&epoch=5")
    plane = page.get_by_test_id("latent-plane")
    expect(plane).to_have_attribute("data-epoch", "5")
    expect(page.get_by_test_id("epochs-note")).to_contain_text("figures are of epoch 113, the end")
    steps = _steps(page)
    stored = checkpoint.load_trajectory(MNIST / "elbo")
    assert len(steps) == len(stored["epoch"])
    # pixels are the means at one scale, upwards
    means = stored["mu"][:, 600].astype(float)
    scale = (steps[-1, 0] - steps[0, 0]) / (means[-1, 0] - means[0, 0])
    np.testing.assert_allclose(steps - steps[0], (means - means[0]) * [scale, -scale], atol=0.3)
    mark = plane.locator(".lx-mark")
    at = stored["epoch"].tolist().index(5)
    assert float(mark.get_attribute("cx") or "nan") == pytest.approx(steps[at, 0], abs=0.1)
    assert float(mark.get_attribute("cy") or "nan") == pytest.approx(steps[at, 1], abs=0.1)
    expect(plane.locator(".lx-sigma-1")).to_be_hidden()  # how wide q(z|x) was then is not known
    assert page.evaluate(REPEATED) == [""]
    _slide(page, 1)
    wait_for_address(page, epoch="113")
    expect(plane).to_have_attribute("data-epoch", "")
    expect(plane.locator(".lx-sigma-1")).to_be_visible()
    assert float(mark.get_attribute("cx") or "nan") == pytest.approx(steps[-1, 0], abs=0.1)
    page.get_by_test_id("epochs-toggle").click()
    expect(page.get_by_test_id("epochs")).to_be_hidden()
    page.wait_for_function("!new URL(location).searchParams.has('epoch')")


def test_the_way_is_bent_with_the_axes(open_page: Open) -> None:
    page = open_page("?image=600&epoch=5&background=percentiles")
    plane = page.get_by_test_id("latent-plane")
    expect(plane).to_have_attribute("data-epoch", "5")
    steps = _steps(page)
    bent = norm.cdf(checkpoint.load_trajectory(MNIST / "elbo")["mu"][:, 600].astype(float))
    for axis in (0, 1):
        scale = np.ptp(steps[:, axis]) / np.ptp(bent[:, axis])
        upwards = -scale if axis else scale
        np.testing.assert_allclose(steps[:, axis] - steps[0, axis], (bent[:, axis] - bent[0, axis]) * upwards, atol=0.3)


def test_played_it_comes_to_the_end_and_another_run_goes_the_same_way(open_page: Open) -> None:
    page = open_page()
    page.get_by_test_id("epochs-toggle").click()
    expect(page.get_by_test_id("epoch-slider")).to_have_js_property("value", "1")
    wait_for_address(page, epoch="113")
    _slide(page, 0)
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-epoch", "0")
    page.get_by_role("radio", name="Reconstruction only").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "reconstruction")
    expect(page.get_by_test_id("epochs-note")).to_contain_text("epoch 100, the end")
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-epoch", "0")


def test_nothing_plays_by_itself_where_no_motion_is_wanted(open_page: Open) -> None:
    page = open_page(reduced_motion="reduce")
    page.get_by_test_id("epochs-toggle").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-epoch", "0")
    expect(page.get_by_test_id("epoch-play")).to_have_attribute("aria-label", "Play")


def test_the_film_holds_the_training(open_page: Open, tmp_path: Path) -> None:
    page = open_page("?image=600&epoch=5")
    expect(page.get_by_test_id("epochs-gif")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_test_id("epochs-gif").click()
    assert download.value.suggested_filename == "mnist-elbo-epochs.gif"
    download.value.save_as(tmp_path / "film.gif")
    with Image.open(io.BytesIO((tmp_path / "film.gif").read_bytes())) as film:
        assert (film.size, film.n_frames) == ((440, 330), 60)
        first = np.asarray(film.convert("RGB"), dtype=int)
        film.seek(59)
        assert np.abs(np.asarray(film.convert("RGB"), dtype=int) - first).mean() > 5, "the points have moved"


def test_compare_goes_through_the_epochs_of_all_its_runs(open_page: Open) -> None:
    page = open_page("compare?runs=reconstruction,kl,elbo&image=600&epoch=5")
    expect(page.locator(".lx-compare")).to_have_attribute("data-epoch", "5")
    for run in ("reconstruction", "kl", "elbo"):
        handle = page.get_by_test_id(f"compare-plane-{run}").get_by_test_id("handle")
        expect(handle).to_have_attribute("aria-valuenow", f"{_mean(run, 5, 600)[0]:.2f}")
    elbo = page.get_by_test_id("compare-panel-elbo")
    expect(elbo).to_contain_text("the final decoder, at its mean of then")
    _slide(page, 1)
    wait_for_address(page, epoch="113")
    expect(elbo).not_to_contain_text("of then")
    expect(elbo).to_contain_text("nats")


def test_a_run_that_was_not_trained_here_has_no_epochs_to_go_through(browser: Browser, tmp_path: Path) -> None:
    np.save(tmp_path / "points.npy", np.random.default_rng(0).normal(size=(40, 2)))
    write_latents(LatentsOptions(file=tmp_path / "points.npy", out=tmp_path / "own" / "points"))
    with serve(tmp_path) as address, opener(browser, address) as open_it:
        button = open_it().get_by_test_id("epochs-toggle")
        expect(button).to_be_disabled()
        expect(button).to_have_attribute(
            "title", "This run was not trained here: where its points lay before is not known."
        )
