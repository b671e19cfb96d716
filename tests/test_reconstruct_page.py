"""The Reconstruct page: what it rebuilds against torch, drawing, uploads, the code it quotes, and accessibility."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from explorer import quoted_code
from explorer.views.quoted_code import STEPS, Statement, find_line
from tests.opener import Open, next_frame, opener, pixels_of, wait_for_address
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve
from training import checkpoint

MNIST = ROOT / "checkpoints" / "mnist"
RUNS = ("autoencoder", "kl", "elbo")


def _draw(page: Page) -> None:
    """A stroke like a 1, by mouse."""
    box = page.get_by_test_id("drawing-pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    for step in range(1, 21):
        page.mouse.move(box["x"] + box["width"] * (0.55 - 0.004 * step), box["y"] + box["height"] * (0.2 + 0.03 * step))
    page.mouse.up()
    next_frame(page)


def _rebuilt(run: str, pixels: np.ndarray) -> np.ndarray:
    """The run's own reconstruction E[x|z = mu] of grey values, by torch."""
    model = checkpoint.load_model(MNIST / run)
    with torch.no_grad():
        mu, _ = model.encode(torch.from_numpy(pixels.reshape(1, 1, 28, 28)).float() / 255)
        return model.image(mu).flatten().numpy() * 255


def test_opens_without_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    app = AppTest.from_string(
        "from explorer.screens import reconstruct\nreconstruct.page()", default_timeout=PATIENCE_S
    ).run()
    assert not app.exception


def test_every_run_rebuilds_a_held_out_image_as_torch_does(open_page: Open) -> None:
    page = open_page(f"reconstruct?dataset=mnist&runs={','.join(RUNS)}&image=1234")
    image = checkpoint.load_gallery(MNIST / "gallery.safetensors")["images"][1234]
    for run in RUNS:
        found = pixels_of(page, f"reconstruction-{run}").astype(float)
        np.testing.assert_allclose(found, _rebuilt(run, image), atol=1.5)


def test_drawing_is_rebuilt_by_every_run_while_the_pen_moves_and_a_bad_upload_loses_nothing(open_page: Open) -> None:
    page = open_page(f"reconstruct?dataset=mnist&runs={','.join(RUNS)}&source=draw")
    _draw(page)
    framed = pixels_of(page, "framed")
    assert framed.max() > 200
    rows, columns = np.nonzero(framed.reshape(28, 28) > 20)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(20, abs=2)
    for run in RUNS:
        np.testing.assert_allclose(
            pixels_of(page, f"reconstruction-{run}").astype(float), _rebuilt(run, framed), atol=4
        )
    file = {"name": "two.png", "mimeType": "image/png", "buffer": b"GIF89a not a picture"}
    page.get_by_test_id("upload").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator(".lx-reconstruct [role=alert]:visible").first).to_contain_text("PNG")
    np.testing.assert_array_equal(pixels_of(page, "framed"), framed)


@pytest.mark.parametrize("inverted", [False, True])
def test_an_upload_is_framed_as_mnist_was(open_page: Open, inverted: bool) -> None:
    image = checkpoint.load_gallery(MNIST / "gallery.safetensors")["images"][1234, 0]
    large = np.kron(np.pad(image, ((3, 30), (20, 6))), np.ones((6, 6), np.uint8))
    buffer = io.BytesIO()
    Image.fromarray(255 - large if inverted else large).save(buffer, "PNG")
    page = open_page("reconstruct?dataset=mnist&runs=elbo&source=draw")
    file = {"name": "two.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    page.get_by_test_id("upload").set_input_files(file)  # type: ignore[arg-type]
    page.wait_for_function(
        "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 0 && v > 100))"
        "(document.querySelector('[data-testid=framed]'))",
    )
    framed = pixels_of(page, "framed").reshape(28, 28).astype(float)
    # It was itself in MNIST's frame: it must come back, but for the resampling.
    assert np.corrcoef(framed.ravel(), image.ravel())[0, 1] > 0.95


def test_a_link_restores_and_resampling_moves_the_seed(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=kl,elbo&image=17&seed=3&how=open&order=worst")
    expect(page.get_by_role("button", name="Worst")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".lx-reconstruct")).to_contain_text("training/model/posterior.py")
    page.get_by_role("button", name="Random").click()
    wait_for_address(page, seed="3", image="17")


def test_every_quoted_line_is_in_its_file() -> None:
    for step, line in quoted_code.lines_by_step().items():
        text = (ROOT / line["file"]).read_text().splitlines()[line["number"] - 1]
        assert line["code"].split("(")[0] in text, step
        assert STEPS[step].file == line["file"]


def test_a_line_that_is_gone_is_missed() -> None:
    with pytest.raises(ValueError, match="has no"):
        find_line("def sample():\n    return 1\n", Statement("x.py", "sample", "z"))


def test_other_kinds_of_run_without_a_gallery(browser: Browser, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("reconstruct?dataset=digits&runs=autoencoder,conv&detail=conv&image=5&how=open")
        expect(page.locator("[data-part=title]")).to_contain_text("as decoded")
        path = checkpoints / "digits"
        with torch.no_grad():
            code = torch.from_numpy(checkpoint.load_latents(path / "conv")["mu"][[5]])
            x = checkpoint.load_model(path / "conv").image(code)  # stands in for the image
        for run in ("autoencoder", "conv"):
            model = checkpoint.load_model(path / run)
            with torch.no_grad():
                expected = model.image(model.encode(x)[0]).flatten().numpy() * 255
            np.testing.assert_allclose(pixels_of(page, f"reconstruction-{run}").astype(float), expected, atol=1.5)


@pytest.mark.parametrize("run", ["elbo", "conv"])  # a Bernoulli and a continuous Bernoulli likelihood
def test_the_reconstruction_term_is_torch_s_under_every_likelihood(browser: Browser, trained: Path, run: str) -> None:
    model = checkpoint.load_model(trained / "digits" / run)
    image = checkpoint.load_gallery(trained / "digits" / "gallery.safetensors")["images"][[5]]
    x = torch.from_numpy(image).double() / 255
    with torch.no_grad():
        logits = model.decode(model.encode(x.float())[0]).double()
    if run == "elbo":
        expected = -(x * F.logsigmoid(logits) + (1 - x) * F.logsigmoid(-logits)).sum()
    else:
        expected = -torch.distributions.ContinuousBernoulli(logits=logits).log_prob(x).sum()
    with serve(trained) as address, opener(browser, address) as open_it:
        page = open_it(f"reconstruct?dataset=digits&runs={run}&image=5")
        words = page.locator(".lx-card", has=page.get_by_test_id(f"reconstruction-{run}")).inner_text()
        found = re.search(r"rec\. ([−\d.]+) nats", words)
        assert found, words
        assert float(found[1].replace("−", "-")) == pytest.approx(float(expected), rel=6e-3)


def test_a_window_resized_while_it_is_scrolled_makes_it_no_higher(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&how=open")
    height = "document.querySelector('.lx-reconstruct').style.getPropertyValue('--lx-height')"
    before = page.evaluate(height)
    main = page.get_by_test_id("stMain")
    main.evaluate("element => element.scrollTo(0, 200)")
    assert main.evaluate("element => element.scrollTop") > 100
    page.evaluate("dispatchEvent(new Event('resize'))")
    assert page.evaluate(height) == before


def test_held_out_images_are_as_wide_as_their_column(open_page: Open) -> None:
    # Their width is given in words: where it followed from the column's, Firefox laid the rows over each other.
    page = open_page("reconstruct?dataset=mnist&runs=elbo,kl")
    left_over = page.evaluate(
        "[...document.querySelectorAll('.lx-column canvas')].map(one => one.parentElement.getBoundingClientRect().width"
        " - 4 - one.getBoundingClientRect().width)"
    )
    assert len(left_over) > 10
    assert max(map(abs, left_over)) < 0.6


def test_how_it_works_is_the_page_until_it_is_folded(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=kl,elbo&image=17")
    steps = page.locator("#lx-steps li")
    first, plane, last = (
        one.bounding_box()
        for one in (steps.first.locator("canvas"), page.get_by_test_id("latent-plane"), steps.last.locator("canvas"))
    )
    assert first and plane and last
    assert first["x"] + first["width"] < plane["x"] < plane["x"] + plane["width"] < last["x"]
    assert max(box["y"] + box["height"] for box in (first, plane, last)) < 900, "in sight without scrolling"
    page.get_by_role("button", name="How it works").click()
    wait_for_address(page, how="closed")
    expect(page.locator("#lx-steps")).to_be_hidden()
    rows = page.locator("[data-part=rows]").bounding_box()
    assert rows and rows["y"] < 400


def test_terms_of_the_way_light_up_together(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=elbo&image=17")
    page.locator("[data-step=posterior] math [data-term=sigma]").hover()
    expect(page.locator(".lx").first).to_have_attribute("data-lit", "sigma")
    expect(page.locator("[data-step=z] [data-term=epsilon]").first).to_have_css("opacity", "0.35")
    expect(page.locator("[data-step=z] [data-term=sigma]").first).to_have_css("opacity", "1")


def test_the_image_goes_along_to_its_true_posterior(open_page: Open) -> None:
    page = open_page("reconstruct?dataset=mnist&runs=kl,elbo&detail=elbo&image=17")
    page.get_by_role("button", name="True posterior").click()
    expect(page.locator(".lx-probability [data-part=image]")).to_have_value("17")
