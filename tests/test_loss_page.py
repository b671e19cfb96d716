"""Explore adds up the loss of one image, reconstruction + KL = -ELBO, in numbers and as a bar."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.opener import Open
from tests.server import ROOT
from training import checkpoint


def _addends(page: Page) -> list[str]:
    return [text.replace("\u2212", "-") for text in page.locator("[data-part=addend]").all_inner_texts()]


def test_the_loss_of_one_image_is_a_sum(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&image=17")
    latents = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "elbo")
    reconstruction, kl, loss = map(Decimal, _addends(page))
    assert reconstruction + kl == loss
    assert float(reconstruction) == pytest.approx(latents["reconstruction"][17], abs=0.01)
    assert float(kl) == pytest.approx(latents["kl"][17], abs=0.005)
    bar = page.get_by_role(
        "img", name=f"Image 17: reconstruction {reconstruction} + KL {kl} = \u2212ELBO {loss}, in nats"
    )
    expect(bar).to_have_accessible_name(re.compile("; test mean 131.25$"))
    widths = bar.locator("[data-part=loss-segment]").evaluate_all(
        "all => all.map((i) => i.getBoundingClientRect().width)"
    )
    assert widths[0] / widths[1] == pytest.approx(float(reconstruction / kl), rel=0.05)
    tick = bar.locator("[data-part=loss-mean]").evaluate("tick => parseFloat(tick.style.left)")
    assert tick == pytest.approx(100 * 131.2485 / max(float(loss), 1.5 * 131.2485), abs=0.1)

    page.get_by_role("radio", name="KL only").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "kl")
    assert _addends(page)[1] == "0", "not 1.5e-8, nor 0.00"
    page.get_by_role("radio", name="Autoencoder").click()
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "autoencoder")
    assert _addends(page)[1:] == ["none", "none"]
    expect(page.get_by_test_id("loss-bar")).to_have_accessible_name(re.compile("no KL: a code without noise, in nats"))


def test_without_a_selected_image_the_nearest_one_is_added_up(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&z=0.4,0.4")
    expect(page.locator("[data-part=loss-image]")).to_have_text("Nearest image")
    before = _addends(page)
    page.get_by_test_id("handle").press("Shift+ArrowRight")
    page.get_by_test_id("handle").press("Shift+ArrowRight")
    expect(page.locator("[data-part=addend]").first).not_to_have_text(before[0])
    reconstruction, kl, loss = map(Decimal, _addends(page))
    assert reconstruction + kl == loss
