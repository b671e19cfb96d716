"""The sentences and the table that Streamlit lays out explain their words and equations, as the pages do."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.opener import Open, wait_until_still


def _opened(page: Page) -> Locator:
    return page.locator(".lx-meaning:popover-open")


def _cites_equation_9(page: Page, opens: Callable[[Locator], object]) -> None:
    opens(page.locator(".native").get_by_role("button", name="(Eq. 9)"))
    expect(_opened(page)).to_contain_text("The evidence lower bound")
    expect(_opened(page).locator("math")).to_be_visible()
    page.keyboard.press("Escape")
    expect(_opened(page)).to_have_count(0)


def test_a_cited_equation_opens_by_touch(open_page: Open) -> None:
    _cites_equation_9(open_page("metrics?runs=elbo,kl", size="phone"), Locator.tap)


def test_an_equation_and_a_column_explain_themselves_also_when_the_table_is_laid_out_anew(open_page: Open) -> None:
    page = open_page("metrics?runs=elbo,kl")
    expect(page.locator(".js-plotly-plot .plot-container")).to_have_count(4)  # they close what is open
    wait_until_still(page)
    _cites_equation_9(page, Locator.hover)
    head = page.get_by_role("region", name="Figures of the runs").get_by_role("button", name="ELBO", exact=True)
    head.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(_opened(page)).to_contain_text("in nats per image")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Order by KL", exact=True).click()
    expect(page.locator("[aria-sort] .lx-term").first).to_have_text("KL")
    page.get_by_role("region", name="Figures of the runs").locator("[data-term=nats]").first.hover()
    expect(_opened(page)).to_contain_text("1.44 bits")
    page.mouse.move(5, 5)
    expect(page.locator(".native").get_by_role("button", name="(Eq. 9)")).to_be_visible()


def test_a_run_s_name_is_no_term(open_page: Open) -> None:
    page = open_page("metrics?runs=kl")
    words = page.locator(".native p").first
    expect(words).to_contain_text("KL only")
    expect(words.get_by_role("button", name="KL", exact=True)).to_have_count(0)
    expect(words.get_by_role("button", name="q(z|x)")).to_have_count(1)
