"""The server is started again under an open page: it goes on by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.opener import address_of, patient_page, wait_for_address, wait_until_ready
from tests.patience import PATIENCE_MS
from tests.server import restartable
from tests.test_decoding import runs  # noqa: F401  (a fixture)


@pytest.fixture
def page(browser: Browser) -> Page:
    return patient_page(browser, viewport={"width": 1280, "height": 720})


def test_the_first_drag_after_it_is_in_the_address(page: Page, trained: Path) -> None:
    with restartable(trained) as (address, restart):
        page.goto(f"{address}/?dataset=digits&run=kl&z=0.5,-1&image=3")
        wait_until_ready(page)
        with page.expect_websocket(lambda socket: "_stcore/stream" in socket.url):
            restart()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
        page.get_by_test_id("handle").press("Shift+ArrowRight")
        z = str(page.get_by_test_id("latent-plane").get_attribute("data-z"))
        assert z != "0.5,-1"
        wait_for_address(page, z=z)
        assert address_of(page) == {"dataset": "digits", "run": "kl", "z": z, "image": "3"}
    page.close()


def test_the_run_that_was_switched_to_stays(page: Page, trained: Path) -> None:
    # What the front end sends to a new session is the address that the page was once opened from.
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))

    with restartable(trained) as (address, restart):
        page.goto(f"{address}/?dataset=digits&run=kl&z=0.5,-1&image=3")
        wait_until_ready(page)
        page.get_by_role("radio", name="Full ELBO", exact=True).click()
        wait_for_address(page, run="elbo")
        page.get_by_test_id("handle").press("Shift+ArrowRight")
        z = str(page.get_by_test_id("latent-plane").get_attribute("data-z"))
        wait_for_address(page, z=z)
        with page.expect_websocket(lambda socket: "_stcore/stream" in socket.url):
            restart()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
        before = len(sent)
        page.keyboard.press("r")  # the new session's first run, for which it has another address
        for _ in range(PATIENCE_MS // 50):  # the browser tells it of its own
            if len(sent) >= before + 2:
                break
            page.wait_for_timeout(50)
        expect(page.get_by_role("radio", name="Full ELBO", exact=True)).to_be_checked()
        page.get_by_role("combobox", name="Behind the points").select_option("Prior contours")
        wait_for_address(page, background="prior", run="elbo", z=z)
        expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", "elbo")
        assert address_of(page) == {"dataset": "digits", "run": "elbo", "z": z, "image": "3", "background": "prior"}
    page.close()


def test_a_run_that_the_server_decodes_comes_back(page: Page, runs: Path) -> None:  # noqa: F811
    def shown() -> str:
        return str(page.get_by_test_id("decoded-image").evaluate("canvas => canvas.toDataURL()"))

    with restartable(runs) as (address, restart):
        page.goto(f"{address}/?dataset=digits&run=normed&z=1.5,-2")
        wait_until_ready(page)
        expect(page.get_by_test_id("decoded-by-server")).to_be_visible()
        page.get_by_test_id("handle").press("Shift+ArrowRight")
        before = shown()
        restart()
        page.get_by_test_id("handle").press("Shift+ArrowUp")
        page.get_by_test_id("handle").press("Shift+ArrowUp")
        page.wait_for_function(
            "(before) => document.querySelector('[data-testid=decoded-image]').toDataURL() !== before",
            arg=before,
        )
        expect(page.locator(".lx-error:visible")).to_have_count(0)
    page.close()
