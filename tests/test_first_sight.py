"""What a newcomer sees first on Explore: a card, and a handle that glides until it is touched."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.opener import wait_for_address, wait_until_ready
from tests.page_pool import NO_WEBGL
from tests.patience import PATIENCE_MS

THIRTY_FRAMES = """() => new Promise((done) => {
  let left = 30;
  const next = () => left-- ? requestAnimationFrame(next) : done(true);
  next();
})"""


def _newcomer(browser: Browser, address: str, place: str = "", **options: object) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.add_init_script(NO_WEBGL)
    page.goto(f"{address}/{place}")
    wait_until_ready(page)
    return page


def test_the_handle_glides_until_it_is_touched(browser: Browser, shipped_app: str) -> None:
    page = _newcomer(browser, shipped_app)
    card, plane = page.get_by_test_id("first-sight"), page.get_by_test_id("latent-plane")
    expect(card).to_contain_text("Every point of this plane is a picture")
    seen = {page.get_by_test_id("decoded-image").evaluate("c => c.toDataURL()")}
    for _ in range(3):
        before = plane.get_attribute("data-z")
        page.wait_for_function("z => document.querySelector('[data-testid=latent-plane]').dataset.z !== z", arg=before)
        seen.add(page.get_by_test_id("decoded-image").evaluate("c => c.toDataURL()"))
    assert len(seen) > 1, "the image changes with the handle"
    page.mouse.click(640, 700)
    rests = plane.get_attribute("data-z")
    page.wait_for_function(THIRTY_FRAMES)
    assert plane.get_attribute("data-z") == rests
    page.context.close()


def test_each_of_the_three_losses_is_a_click_away_and_the_card_is_put_away_for_good(
    browser: Browser, shipped_app: str
) -> None:
    page = _newcomer(browser, shipped_app)
    card, plane = page.get_by_test_id("first-sight"), page.get_by_test_id("latent-plane")
    for title, run in {"Only reconstruct": "reconstruction", "Only KL": "kl", "Both": "elbo"}.items():
        card.get_by_role("button", name=title).click()
        expect(plane).to_have_attribute("data-run", run)
        wait_for_address(page, run=run)
    expect(card).to_be_visible()
    card.get_by_role("button", name="Put this away").click()
    expect(card).to_be_hidden()
    page.goto(shipped_app)
    wait_until_ready(page)
    expect(card).to_be_hidden()
    page.get_by_test_id("handle").press("?")
    expect(card).to_be_visible()
    card.get_by_text("Keys").click()
    expect(card).to_contain_text("select the nearest image")
    card.get_by_role("button", name="Draw your own digit").click()
    wait_for_address(page, source="draw")
    page.context.close()


def test_who_follows_a_link_or_wants_no_motion_sees_what_was_meant(browser: Browser, shipped_app: str) -> None:
    page = _newcomer(browser, shipped_app, "?run=elbo&z=0.5,-1")
    expect(page.get_by_test_id("first-sight")).to_be_hidden()
    page.context.close()
    page = _newcomer(browser, shipped_app, reduced_motion="reduce")
    expect(page.get_by_test_id("first-sight")).to_be_visible()
    z = page.get_by_test_id("latent-plane").get_attribute("data-z")
    page.wait_for_function(THIRTY_FRAMES)
    assert page.get_by_test_id("latent-plane").get_attribute("data-z") == z
    page.context.close()
