"""The browser's address: written without the server, followed back and forward, and never lost."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.opener import Open, address_of, patient_page, wait_for_address, wait_until_ready

PLACE = "?dataset=mnist&run=elbo&z=0.5,-1.2&image=17"


class Frames:
    """Counts what a page sends to the server's session."""

    def __init__(self) -> None:
        self.sent = 0

    def watch(self, page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framesent", self._count))

    def _count(self, _: object) -> None:
        self.sent += 1


def _drag(page: Page, dx: float, dy: float) -> str:
    """Drag Explore's handle, let it go, and return its place."""
    box = page.get_by_test_id("handle").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=8)
    page.mouse.up()
    return _z(page)


def _z(page: Page) -> str:
    return str(page.get_by_test_id("latent-plane").get_attribute("data-z"))


def _choose(page: Page, run: str) -> None:
    page.get_by_role("radio", name=run, exact=True).click()


def _shows(page: Page, run: str, title: str) -> None:
    """Wait until plane and switch stand on a run."""
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-run", run)
    expect(page.get_by_role("radio", name=title, exact=True)).to_be_checked()


def test_a_drag_costs_the_server_nothing(open_page: Open) -> None:
    frames = Frames()
    page = open_page(PLACE, before=frames.watch)
    wait_until_ready(page)
    wait_for_address(page, z="0.5,-1.2")
    sent, entries = frames.sent, page.evaluate("history.length")
    assert sent > 0, "the page is there by way of the session"
    for dx, dy in ((60, 20), (-30, 45)):
        z = _drag(page, dx, dy)
        wait_for_address(page, z=z)
    page.get_by_test_id("handle").press("ArrowRight")
    wait_for_address(page, z=_z(page))
    assert address_of(page) == {"dataset": "mnist", "run": "elbo", "z": _z(page), "image": "17"}
    assert page.evaluate("history.length") == entries, "a drag is no place to go back to"
    _choose(page, "KL only")  # the server has heard of nothing before this
    wait_for_address(page, run="kl")
    assert frames.sent == sent + 1


def test_back_and_forward_restore_place_run_and_selection(open_page: Open) -> None:
    page = open_page(PLACE)
    first = _drag(page, 70, 30)
    wait_for_address(page, z=first)
    _choose(page, "KL only")
    _shows(page, "kl", "KL only")
    wait_for_address(page, run="kl", image="17")
    second = _drag(page, -40, 50)
    wait_for_address(page, z=second)
    page.get_by_role("link", name="Compare").click()
    wait_for_address(page, runs="reconstruction,kl,elbo", z=second, image="17")
    wait_until_ready(page)

    page.go_back()
    _shows(page, "kl", "KL only")
    wait_for_address(page, z=second)
    assert _z(page) == second
    page.go_back()
    _shows(page, "elbo", "Full ELBO")
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-z", first)
    assert address_of(page) == {"dataset": "mnist", "run": "elbo", "z": first, "image": "17"}
    expect(page.locator("[data-part=selected-title]")).to_have_text(re.compile("^Image 17, class"))
    page.go_forward()
    _shows(page, "kl", "KL only")
    expect(page.get_by_test_id("latent-plane")).to_have_attribute("data-z", second)
    page.go_forward()
    expect(page.locator(".lx-compare")).to_have_attribute("data-ready", "true")
    assert address_of(page) == {"dataset": "mnist", "runs": "reconstruction,kl,elbo", "z": second, "image": "17"}


def test_back_restores_the_runs_of_compare_and_the_page_goes_on(open_page: Open) -> None:
    page = open_page("compare?dataset=mnist&runs=kl,elbo&image=30")
    page.get_by_role("combobox", name="Runs").fill("Autoencoder")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    wait_for_address(page, runs="kl,elbo,autoencoder", image="30")
    expect(page.locator(".lx-panel")).to_have_count(3)
    page.get_by_test_id("compare-plane-elbo").get_by_test_id("handle").press("ArrowRight")
    page.wait_for_function("() => new URL(location).searchParams.get('image') !== '30'")
    page.go_back()
    expect(page.locator(".lx-panel")).to_have_count(2)
    wait_for_address(page, runs="kl,elbo", image="30")
    page.get_by_test_id("compare-plane-elbo").get_by_test_id("handle").press("ArrowRight")
    page.wait_for_function("() => new URL(location).searchParams.get('image') !== '30'")
    assert address_of(page)["runs"] == "kl,elbo"


def test_no_change_is_lost_among_quick_ones(open_page: Open) -> None:
    page = open_page(PLACE)
    # A drag, another run before it may have been written, and another page before what was dragged then may have.
    z = _drag(page, 40, 40)
    _choose(page, "KL only")
    _shows(page, "kl", "KL only")
    _drag(page, 30, -60)
    page.get_by_test_id("handle").press("ArrowRight")
    last = _z(page)
    page.get_by_role("link", name="Prior").click()
    expect(page.locator(".lx-prior")).to_have_attribute("data-ready", "true")
    wait_for_address(page, z=last)
    page.get_by_role("link", name="Explore").click()
    expect(page.locator(".lx-explore")).to_have_attribute("data-ready", "true")
    wait_for_address(page, z=last, image="17")
    assert z != last
    _shows(page, page.evaluate("() => new URL(location).searchParams.get('run')"), "KL only")
    # A run, and another page before the server may have begun with it.
    switch, link = page.get_by_role("radio", name="Full ELBO", exact=True), page.get_by_role("link", name="Theory")
    page.evaluate("([one, other]) => { one.click(); other.click(); }", [switch.element_handle(), link.element_handle()])
    expect(page.locator(".lx-probability")).to_have_attribute("data-ready", "true")
    wait_for_address(page, run="elbo")
    page.go_back()
    _shows(page, "elbo", "Full ELBO")
    page.go_back()
    _shows(page, "kl", "KL only")


def test_two_tabs_remember_each_for_itself(open_page: Open) -> None:
    first = open_page("?dataset=mnist&run=kl&image=3")
    second = open_page("?dataset=fashion-mnist&run=elbo&image=5")
    for page in (first, second):
        page.get_by_role("link", name="Compare").click()
        expect(page.locator(".lx-compare")).to_have_attribute("data-ready", "true")
    wait_for_address(first, dataset="mnist", image="3")
    wait_for_address(second, dataset="fashion-mnist", image="5")
    first.reload()
    wait_until_ready(first)
    first.get_by_role("link", name="Explore").click()
    expect(first.locator(".lx-explore")).to_have_attribute("data-ready", "true")
    wait_for_address(first, dataset="mnist", run="kl", image="3")


def test_back_from_a_page_that_another_one_led_to(open_page: Open) -> None:
    page = open_page("prior?dataset=mnist&run=elbo&z=0.5,-1.2&seed=8")
    page.get_by_role("button", name="Open in Explore").click()
    expect(page.locator(".lx-explore")).to_have_attribute("data-ready", "true")
    assert page.url.split("?")[0].endswith("/")
    page.go_back()
    expect(page.locator(".lx-prior")).to_have_attribute("data-ready", "true")
    wait_for_address(page, seed="8")
    assert "/prior?" in page.url


def test_another_data_set_keeps_what_still_means_something(open_page: Open) -> None:
    page = open_page("prior?dataset=mnist&run=elbo")
    page.get_by_test_id("prior-side").fill("8")
    wait_for_address(page, side="8")
    page.get_by_role("combobox", name="Data set").click()
    page.get_by_role("option", name="fashion-mnist").click()
    wait_for_address(page, dataset="fashion-mnist", side="8")
    page.go_back()
    wait_for_address(page, dataset="mnist", side="8")
    expect(page.get_by_test_id("prior-side")).to_have_value("8")


LEAVE = """
async () => {
  const { addressBar } = await import("/assets/hosts/address_bar.js");
  const parameter = { kind: "numbers", default: null, kept: false, widget: false };
  const parameters = { z: parameter, image: { ...parameter, kind: "number" } };
  const address = { opening: "first", asked: {}, parameters };
  addressBar.take("prior", address, { dataset: "mnist", z: null, image: null });
  addressBar.report("prior", { z: [1, 1] });
  addressBar.report("prior", { z: [2, 2], image: 17 });
  addressBar.goto("explore", { run: "elbo", z: [2, 2], image: null });
  addressBar.report("prior", { z: [3, 3] });
  await new Promise((resolve) => setTimeout(resolve, 400));
  const queries = [location.search];
  history.back();
  for (let left = 1000; left && location.search === queries[0]; left--) await new Promise(requestAnimationFrame);
  return [...queries, location.search];
}
"""


def test_a_page_that_leaves_writes_its_state_first_and_then_nothing_more(shipped_app: str, browser: Browser) -> None:
    page = patient_page(browser)
    page.goto(f"{shipped_app}/assets/dom/theme.js")
    assert page.evaluate(LEAVE) == ["?run=elbo&z=2,2", "?dataset=mnist&z=2,2&image=17"]
    page.close()


LATE = """
async () => {
  const { addressBar } = await import("/assets/hosts/address_bar.js");
  const parameters = { run: { kind: "text", default: null, kept: false, widget: true } };
  const asked = { dataset: "mnist", run: "kl" };
  const take = (page, opening, run) => addressBar.take(page, { opening, asked, parameters }, { dataset: "mnist", run });
  history.replaceState(null, "", "/explore?dataset=mnist&run=kl");
  const taken = [take("explore", "first", "kl")];
  addressBar.goto("compare", asked);
  taken.push(take("compare", "second", "kl"));
  history.back();
  for (let left = 1000; left && location.pathname !== "/explore"; left--) await new Promise(requestAnimationFrame);
  taken.push(take("compare", "third", "elbo")); // of the page that Back has left, in the same words
  return [...taken, location.search, take("explore", "fourth", "kl"), location.search];
}
"""


BEFORE_IT_CAME = """
async () => {
  const { addressBar } = await import("/assets/hosts/address_bar.js");
  const parameters = { run: { kind: "text", default: null, kept: false, widget: true } };
  const asked = { dataset: "mnist", run: "kl" };
  const take = (page, opening) =>
    addressBar.take(page, { opening, asked, parameters }, { dataset: "mnist", run: "kl" });
  history.replaceState(null, "", "/explore?dataset=mnist&run=kl");
  const taken = [take("explore", "first")];
  addressBar.goto("compare", asked);
  let heard = 0;
  addEventListener("popstate", () => heard++); // as the page around us does, which tells the server
  history.back();
  for (let left = 1000; left && location.pathname !== "/explore"; left--) await new Promise(requestAnimationFrame);
  taken.push(take("compare", "second"), take("compare", "third"));
  return [...taken, heard, take("explore", "fourth"), location.pathname];
}
"""


def test_back_before_the_other_page_has_come_is_told_to_the_server_and_that_page_is_not_taken(
    shipped_app: str, browser: Browser
) -> None:
    page = patient_page(browser)
    page.goto(f"{shipped_app}/assets/dom/theme.js")
    assert page.evaluate(BEFORE_IT_CAME) == ["opened", "outdated", "outdated", 1, "opened", "/explore"]
    page.close()


def test_an_answer_that_comes_after_back_is_not_taken_for_the_page_that_is_gone_back_to(
    shipped_app: str, browser: Browser
) -> None:
    page = patient_page(browser)
    page.goto(f"{shipped_app}/assets/dom/theme.js")
    there = "?dataset=mnist&run=kl"
    assert page.evaluate(LATE) == ["opened", "opened", "outdated", there, "opened", there]
    page.close()
