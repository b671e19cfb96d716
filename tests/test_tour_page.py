"""The Tour page: keys, clicker, reset, presenting, no network, and tours of one's own."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from tests.opener import Open, address_of, opener, wait_for_address, wait_until_still
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve

SCENES = 24


def _settled(page: Page) -> None:
    """Wait until the scene can be used, a page of ours or one that Streamlit lays out in a frame."""
    shown = page.locator(".lx-scene > .lx, .lx-frames:not([hidden]) > .lx-frame:not([inert])")
    expect(shown).to_have_count(1)
    expect(shown).to_have_attribute("data-ready", "true")


def _answer(page: Page) -> None:
    """What comes next after a question is its answer."""
    if page.get_by_test_id("scene-question").is_visible():
        page.keyboard.press("PageDown")
        expect(page.get_by_test_id("scene-answer")).to_be_visible()


def test_opens_without_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    app = AppTest.from_string("from explorer.screens import tour\ntour.page()", default_timeout=PATIENCE_S).run()
    assert not app.exception
    assert not app.error


def test_every_scene_is_a_live_page_and_keys_walk_through_all(open_page: Open) -> None:
    page = open_page("tour")
    titles = []
    for _ in range(SCENES - 1):
        _settled(page)
        titles.append(page.get_by_test_id("scene-title").inner_text())
        _answer(page)
        page.keyboard.press("PageDown")
    _settled(page)
    expect(page.locator(".lx-tour-count")).to_have_text(f"{SCENES} / {SCENES}")
    assert len(set(titles)) == SCENES - 1
    expect(page.get_by_test_id("scene-next")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".lx-tour-count")).to_have_text(f"{SCENES - 1} / {SCENES}")
    wait_for_address(page, scene=str(SCENES - 1))


def test_r_puts_the_scene_back_and_arrows_belong_to_a_handle_that_the_keyboard_reached(open_page: Open) -> None:
    page = open_page("tour?scene=1")
    plane = page.get_by_test_id("latent-plane")
    before = plane.get_attribute("data-z")
    box = plane.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.8)
    assert plane.get_attribute("data-z") != before
    page.keyboard.press("r")
    _settled(page)
    expect(plane).to_have_attribute("data-z", before or "")
    page.get_by_test_id("handle").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert plane.get_attribute("data-z") != before
    expect(page.locator(".lx-tour-count")).to_have_text(f"1 / {SCENES}")
    page.keyboard.press("PageDown")
    expect(page.locator(".lx-tour-count")).to_have_text(f"2 / {SCENES}")


def test_presenting_hides_all_else_enlarges_shows_a_qr_code_and_may_have_another_theme(open_page: Open) -> None:
    page = open_page("tour?scene=3")
    title = page.get_by_test_id("scene-title")

    def lightness() -> list[float]:
        script = "e => [getComputedStyle(e).color, getComputedStyle(document.querySelector('.stApp')).backgroundColor]"
        return [float(re.findall(r"[\d.]+", color)[0]) for color in title.evaluate(script)]

    small = title.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    header = page.get_by_test_id("stHeader")
    expect(header).to_be_visible()
    page.keyboard.press("p")
    expect(header).to_be_hidden()
    assert title.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 1.4 * small
    wait_for_address(page, present="1")

    page.keyboard.press("q")
    dialog = page.get_by_test_id("qr")
    expect(dialog.locator("svg path").first).to_be_visible()
    address = page.url.partition("?")[0]
    expect(dialog).to_contain_text(f"{address}?dataset=mnist&scene=3")
    expect(dialog).to_contain_text("Only this machine reaches this address")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(header).to_be_hidden()

    assert lightness()[0] < 60
    page.keyboard.press("t")  # light
    page.keyboard.press("t")  # dark
    text, ground = lightness()
    assert text > 200
    assert ground < 40
    page.keyboard.press("Escape")
    expect(header).to_be_visible()
    assert lightness()[0] < 60


@pytest.mark.parametrize("scene", [1, 5, 8, 9, 17, 23])
def test_nothing_is_small_on_a_projector(open_page: Open, scene: int) -> None:
    page = open_page(f"tour?scene={scene}&present=1", size="projector")
    _settled(page)
    small = page.locator(".lx-tour").evaluate(
        """tour => [...tour.querySelectorAll("*")].filter((element) =>
          [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
          element.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
          !element.closest("[role=toolbar]") && element.getBoundingClientRect().width > 3 &&
          parseFloat(getComputedStyle(element).fontSize) < 17.9).map((element) => element.outerHTML.slice(0, 200))"""
    )
    assert small == []
    if scene == 5:  # Infer, of more parts than any other
        for size in ((1024, 768), (1280, 720)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            wait_until_still(page)
            parts = page.locator(".lx-infer > *").evaluate_all(  # at one time: what is inferred comes after the scene
                """all => all.map((part) => part.getBoundingClientRect()).filter(({ width }) => width)
                  .map(({ left, top, right, bottom }) => [left, top, right, bottom])"""
            )
            assert len(parts) > 2
            assert all(bottom <= size[1] for _, _, _, bottom in parts), "nothing is cut off"
            assert not [
                (a, b)
                for a, b in combinations(parts, 2)
                if min(a[2], b[2]) > max(a[0], b[0]) + 1 and min(a[3], b[3]) > max(a[1], b[1]) + 1
            ], "nothing lies over another part"


def test_a_link_opens_the_scene_presenting(open_page: Open) -> None:
    page = open_page("tour?scene=4&present=1", size="projector")
    expect(page.locator(".lx-tour-count")).to_have_text(f"4 / {SCENES}")
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    assert address_of(page)["scene"] == "4"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_goes_on_with_the_network_cable_out(open_page: Open) -> None:
    page = open_page("tour?scene=12")  # the one before, which the server lays out, asks for more when it is there
    expect(page.locator(".lx-tour")).to_have_attribute("data-prefetched", "true")
    blocked: list[str] = []
    page.route("**/*", lambda route: (blocked.append(route.request.url), route.abort()))
    page.route("**/metrics?*", lambda _: None)  # the last scene, which the server lays out, does not come
    for _ in range(SCENES - 13):
        _answer(page)
        page.get_by_test_id("scene-next").click()
        _settled(page)
    expect(page.get_by_test_id("prior-grid")).to_have_attribute("data-complete", "true")
    assert blocked == []


def test_a_page_of_streamlit_is_a_scene_that_a_clicker_leaves(open_page: Open) -> None:
    page = open_page("tour?scene=23")
    page.get_by_test_id("scene-next").click()
    _settled(page)
    frame = page.frame_locator(".lx-frame")
    expect(frame.locator("h1")).to_have_text("Table")
    expect(frame.locator(".st-key-bar, .st-key-controls:visible")).to_have_count(0)
    frame.locator("h1").click()
    page.keyboard.press("PageUp")
    expect(page.locator(".lx-tour-count")).to_have_text(f"23 / {SCENES}")
    _settled(page)


def test_a_caption_explains_itself(open_page: Open) -> None:
    page = open_page("tour?scene=8")
    words = page.locator(".lx-tour-symbols")
    expect(words.locator("math")).to_be_visible()
    words.get_by_text("Eq. 10").click()
    expect(page.locator(".lx-tour > .lx-meaning:popover-open")).to_contain_text("However bad q is")


def test_one_s_own_tour_a_broken_one_and_one_that_lacks_runs(
    browser: Browser, tmp_path: Path, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = "/explore?dataset=digits&run=elbo"
    good = f'title = "Mine"\n\n[[scene]]\ntitle = "My digits"\ntext = "See."\nshow = "{show}"\n'
    (tmp_path / "mine.toml").write_text(good)
    (tmp_path / "gap.toml").write_text(good.replace("run=elbo", "run=gan") + good.split("\n", 2)[2])
    (tmp_path / "broken.toml").write_text(good.replace("text =", "note ="))
    with (
        serve(checkpoints, environment={"EXPLORER_TOURS": str(tmp_path)}) as address,
        opener(browser, address) as open_it,
    ):
        page = open_it("tour")
        missing = page.locator(".lx-tour-missing")
        expect(missing).to_contain_text(f"of the {SCENES} scenes need runs that are not here: mnist (")
        expect(missing).to_contain_text("start it without EXPLORER_CHECKPOINTS, by make explore")
        page.goto(f"{address}/tour?talk=mine")
        expect(page.get_by_test_id("scene-title")).to_have_text("My digits")
        page.goto(f"{address}/tour?talk=gap")
        line = page.locator(".lx-tour-problem")
        expect(line).to_contain_text("gap.toml, line 3: scene 'My digits': run=gan: there is no such run")
        page.keyboard.press("PageDown")
        _settled(page)
        expect(line).to_have_count(0)
        page.goto(f"{address}/tour?talk=broken")
        alert = page.get_by_test_id("stAlert")
        expect(alert).to_contain_text("broken.toml, line 5: 'note' is none of title, text, symbols, ask, find, show")


@pytest.mark.parametrize("scene", [1, 17])
def test_nothing_jumps_when_a_scene_opens(open_page: Open, scene: int) -> None:
    observe = """window.shifts = [];
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput, sources } of list.getEntries()) {
          const of = ({ node, previousRect: { x, y }, currentRect }) =>
            `${node?.nodeName}.${node?.className} from ${x}, ${y} to ${currentRect.x}, ${currentRect.y}`;
          if (!hadRecentInput) window.shifts.push([value, sources.map(of).join("; ")]);
        }
      }).observe({type: "layout-shift", buffered: true})"""
    page = open_page(f"tour?scene={scene}", before=lambda page: page.add_init_script(observe))
    _settled(page)
    wait_until_still(page)
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) <= 0.02, shifts
