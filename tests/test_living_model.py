"""The Prior page's living equations: the share of the prior in a cell, the code and the image that is shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from scipy.stats import norm

from tests.javascript import JavaScript
from tests.opener import Open


def test_cells_stand_for_equal_shares_of_the_prior(javascript: JavaScript) -> None:
    shares = javascript.evaluate(
        """async () => {
          const { shareOfCell } = await import("/assets/pages/prior/living_model.js");
          return [shareOfCell(2, 20, 5), shareOfCell(1, 5, 10)];
        }"""
    )
    edge = norm.ppf(0.05 + 0.9 * 7 / 19), norm.ppf(0.05 + 0.9 * 8 / 19)
    assert shares[0] == pytest.approx((norm.cdf(edge[1]) - norm.cdf(edge[0])) ** 2)
    assert shares[1] == pytest.approx(0.8 / 24)


def test_the_equations_are_over_what_the_cursor_shows_and_light_up_with_it(open_page: Open) -> None:
    page = open_page("prior?run=elbo&side=10&low=5")
    living = page.get_by_test_id("living-model")
    values = living.locator("[data-part=factor]")
    expect(values.nth(0)).to_have_text(page.locator("[data-part=z]").inner_text())
    expect(values.nth(4)).to_have_text("1 % a cell")
    expect(values.nth(3)).to_have_text("100 cells")
    page.locator("[data-part=sampled] .lx-cursor").focus()
    page.keyboard.press("ArrowRight")
    expect(values.nth(0)).to_have_text(page.locator("[data-part=z]").inner_text())
    living.locator("[data-term=likelihood]").first.hover()
    expect(page.locator(".lx").first).to_have_attribute("data-lit", "likelihood")
    expect(page.get_by_test_id("prior-cell")).to_have_css("outline-width", "3px")
    expect(living.locator("[data-term=prior]").first).to_have_css("opacity", "0.35")


def test_a_code_without_noise_has_no_such_model(open_page: Open) -> None:
    page = open_page("prior?run=autoencoder")
    expect(page.get_by_test_id("living-model")).to_be_hidden()
