"""The beta dial in a browser: one slider moves points and image through the family, by mouse, keys and address."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from tests.opener import Open, pixels_of, wait_for_address
from tests.server import ROOT
from training import checkpoint

MNIST = ROOT / "checkpoints" / "mnist"
IMAGE = 600


def _image(run: str) -> np.ndarray:
    """Grey values of the reconstruction of the image, flat."""
    import torch

    mu = torch.from_numpy(checkpoint.load_latents(MNIST / run)["mu"][[IMAGE]])
    return np.asarray(255 * checkpoint.load_model(MNIST / run).image(mu).detach().numpy().ravel())


def _slide(page: Page, t: float) -> None:
    page.get_by_test_id("beta-dial").evaluate(
        """(slider, t) => {
          slider.value = String(t);
          slider.dispatchEvent(new Event("input"));
          slider.dispatchEvent(new Event("change"));
        }""",
        t,
    )


def test_one_slider_moves_points_and_image_through_the_family(open_page: Open) -> None:
    page = open_page(f"dial?dataset=mnist&beta=0.5&image={IMAGE}")
    root, blend = page.locator(".lx-dial"), page.get_by_test_id("dial-blend")
    expect(root).to_have_attribute("data-place", "1")
    expect(blend).to_have_text("A run as it was trained.")
    np.testing.assert_allclose(pixels_of(page, "dial-decoded"), _image("beta-0.5"), atol=1.5)
    _slide(page, 0.2)  # of the way through eight runs: from this one 0.4 of that to the ELBO
    expect(blend).to_have_text("Between two runs: points and images of both, blended.")
    mixed = 0.6 * _image("beta-0.5") + 0.4 * _image("beta-1")
    np.testing.assert_allclose(pixels_of(page, "dial-decoded"), mixed, atol=1.5)
    stored = {beta: checkpoint.load_metrics(MNIST / f"beta-{beta}") for beta in ("0.5", "1")}
    kl = 0.6 * stored["0.5"]["kl"] + 0.4 * stored["1"]["kl"]
    expect(page.get_by_test_id("dial-kl")).to_have_text(f"about {kl:.3g} nats")
    expect(page.get_by_test_id("dial-active")).to_have_text("2 of 2")
    wait_for_address(page, beta=f"{0.5 * 2**0.4:.6g}", image=str(IMAGE))
    slider = page.get_by_test_id("beta-dial")
    slider.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", "β = 1, the ELBO")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "between β = 1, the ELBO and β = 2")
    page.get_by_role("button", name="KL only: beta-kl").click()
    expect(page.get_by_test_id("dial-active")).to_have_text("0 of 2")
    wait_for_address(page, beta="inf")
    page.get_by_role("button", name="Same z").click()
    wait_for_address(page, link="z")


def test_a_data_set_without_a_family_says_how_to_make_one(open_page: Open) -> None:
    page = open_page("dial?dataset=fashion-mnist")
    expect(page.get_by_test_id("dial-sentence")).to_contain_text("python -m training sweep --beta")
    expect(page.get_by_test_id("beta-dial")).to_be_hidden()
