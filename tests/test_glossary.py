"""A term of the field says what it means by tap, hover and focus, and every term that is named is in the dictionary."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.javascript import JavaScript
from tests.opener import Open, next_frame, patient_page
from tests.server import ROOT

WEB = ROOT / "explorer" / "web"
NAMED = re.compile(r"""\b(?:term|addLine)\((?:caption,)?\s*"([\w-]+)"|data-term="([\w-]+)\"""")


def _terms(javascript: JavaScript) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = javascript.evaluate(
        'async () => (await import("/assets/dom/glossary.js")).TERMS'
    )
    return found


def test_every_term_of_the_dictionary_is_named_somewhere_and_every_one_named_is_there(javascript: JavaScript) -> None:
    terms = _terms(javascript)
    named = {
        first or second
        for file in WEB.glob("pages/**/*.js")
        for first, second in NAMED.findall(file.read_text(encoding="utf-8"))
    }
    assert named - set(terms) == set()
    assert set(terms) - named - {name for name, meaning in terms.items() if "said" in meaning} == set()


def test_each_meaning_is_one_or_two_sentences_and_then_symbols(javascript: JavaScript) -> None:
    for name, meaning in _terms(javascript).items():
        assert meaning["title"][0].isupper() or meaning["title"].startswith("log"), name
        assert meaning["words"].endswith("."), name
        assert 1 <= len(re.findall(r"[.:](?= [A-Z])|\.$", meaning["words"])) <= 3, name
        assert not re.search(r"\|\||‖|\bE_q|Σ", meaning["words"]), f"{name}: symbols come after the words"


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("A code near a code of the prior.", [["code"], ["prior"]]),
        ("No held-out image in priority.", [["held-out"]]),
        ("q(z|x) at 1 and 2 σ", [["posterior", "q(z|x)"]]),
        ("Nothing of it, nor of Eq. 100 or (Eq. 99).", []),
    ],
)
def test_the_first_mention_in_a_sentence_is_a_button(
    browser: Browser, shipped_app: str, sentence: str, parts: list[list[str]]
) -> None:
    page = patient_page(browser)
    page.goto(f"{shipped_app}/assets/dom/theme.js")
    shown = page.evaluate(
        """async (text) => {
          const { explained } = await import("/assets/dom/explained.js");
          const line = document.createElement("p");
          explained(line, text);
          const buttons = [...line.querySelectorAll("button.lx-term")];
          return [line.textContent, buttons.map((one) => [one.dataset.term, one.textContent])];
        }""",
        sentence,
    )
    page.close()
    assert shown == [sentence, [[part[0], part[-1]] for part in parts]]


def _opened(page: Page) -> Locator:
    return page.locator(".lx-meaning:popover-open")


def _in_window(page: Page) -> None:
    box = _opened(page).bounding_box()
    size = page.viewport_size
    assert box
    assert size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]


def test_tap_hover_and_focus_open_it_and_escape_closes_it(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&image=17")
    kl = page.locator("[data-testid=loss-sum] .lx-term[data-term=kl]")
    before = page.evaluate("document.querySelector('.lx-side').getBoundingClientRect().height")
    kl.hover()
    expect(_opened(page)).to_contain_text("how far", ignore_case=True)
    _in_window(page)
    assert page.evaluate("document.querySelector('.lx-side').getBoundingClientRect().height") == before
    _opened(page).hover()  # what is open can be reached
    next_frame(page)
    expect(_opened(page)).to_have_count(1)
    page.mouse.move(400, 400)
    expect(_opened(page)).to_have_count(0)

    kl.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(kl).to_be_focused()
    expect(_opened(page)).to_have_count(1)
    expect(kl).to_have_accessible_description(re.compile("prior"))
    page.keyboard.press("Escape")
    expect(_opened(page)).to_have_count(0)
    expect(kl).to_be_focused()
    expect(page.locator("[data-part=selected]")).not_to_have_class(re.compile("lx-empty"))  # Escape did only that

    kl.click()
    expect(_opened(page)).to_have_count(1)
    page.mouse.click(640, 230)
    expect(_opened(page)).to_have_count(0)


def test_a_tap_opens_it_on_a_phone(open_page: Open) -> None:
    page = open_page("?dataset=mnist&run=elbo&image=17", "phone")
    for term in ("reconstruction", "nats"):
        page.locator(f"[data-testid=loss-sum] .lx-term[data-term={term}]").tap()
        expect(_opened(page)).to_have_count(1)
        _in_window(page)
        spoken = "".join(_opened(page).locator(":scope > *").all_inner_texts())
        expect(page.locator(".lx-live").last).to_have_text(spoken)
