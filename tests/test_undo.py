"""Undo and redo: of handle, selection, run and switches, by keys and by buttons."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.opener import Open, wait_for_address, wait_until_still


def _shows(page: Page, run: str, z: str) -> None:
    plane = page.get_by_test_id("latent-plane")
    expect(plane).to_have_attribute("data-run", run)
    expect(plane).to_have_attribute("data-z", z)


def test_handle_run_switches_and_selection_are_taken_back_and_done_again(open_page: Open) -> None:
    page = open_page("?run=elbo&z=0.5,-1")
    undo, redo = page.get_by_test_id("undo"), page.get_by_test_id("redo")
    plane, handle = page.get_by_test_id("latent-plane"), page.get_by_test_id("handle")
    behind = page.get_by_role("combobox", name="Behind the points")
    wait_for_address(page, z="0.5,-1")
    expect(undo).to_be_disabled()

    handle.press("Shift+ArrowRight")
    moved = str(plane.get_attribute("data-z"))
    assert moved != "0.5,-1"
    wait_for_address(page, z=moved)
    expect(undo).to_be_enabled()
    behind.select_option("prior")
    wait_for_address(page, background="prior")
    page.get_by_role("radio", name="KL only", exact=True).click()
    _shows(page, "kl", moved)
    wait_for_address(page, run="kl")
    page.get_by_test_id("image-index").fill("17")
    page.get_by_test_id("image-index").press("Enter")
    wait_for_address(page, image="17")

    undo.click()  # the selection
    page.wait_for_function("!new URL(location).searchParams.has('image')")
    _shows(page, "kl", moved)
    handle.press("Control+z")  # the run
    _shows(page, "elbo", moved)
    expect(page.get_by_role("radio", name="Full ELBO", exact=True)).to_be_checked()
    page.keyboard.press("Control+z")  # the background
    expect(behind).to_have_value("nothing")
    page.keyboard.press("Control+z")  # the handle
    _shows(page, "elbo", "0.5,-1")
    expect(undo).to_be_disabled()

    for _ in range(3):
        page.keyboard.press("Control+Shift+z")
    _shows(page, "kl", moved)
    expect(behind).to_have_value("prior")
    redo.click()
    wait_for_address(page, image="17", run="kl", background="prior")
    expect(redo).to_be_disabled()


def test_what_is_done_after_an_undo_takes_the_place_of_what_was_taken_back(open_page: Open) -> None:
    page = open_page("compare?runs=kl,elbo&image=17")
    page.get_by_role("button", name="Same z").click()
    wait_for_address(page, link="z")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Same image")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Figures").click()
    wait_for_address(page, figures="open")
    expect(page.get_by_test_id("redo")).to_be_disabled()


def test_switches_of_a_page_that_the_server_lays_out(open_page: Open) -> None:
    page = open_page("metrics?runs=kl,elbo&term=kl")
    expect(page.get_by_test_id("undo")).to_be_visible()
    term = page.get_by_role("combobox", name="Term")
    term.scroll_into_view_if_needed()
    wait_until_still(page)  # a list that is open closes when the page moves
    term.click()
    page.get_by_role("option", name="Reconstruction").click()
    wait_for_address(page, term="reconstruction")
    page.get_by_test_id("undo").click()
    wait_for_address(page, term="kl")


def test_a_text_field_keeps_its_own(open_page: Open) -> None:
    page = open_page("?run=elbo&z=0.5,-1")
    page.get_by_test_id("handle").press("Shift+ArrowRight")
    moved = str(page.get_by_test_id("latent-plane").get_attribute("data-z"))
    page.get_by_test_id("image-index").press("Control+z")
    assert page.get_by_test_id("latent-plane").get_attribute("data-z") == moved
