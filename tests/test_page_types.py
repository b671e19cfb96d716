"""What the browser is given, as the JavaScript of each page types it and as Python makes it: the same fields."""

from __future__ import annotations

import re
from typing import Any

import pytest

from explorer import loader
from explorer.screens import screen
from explorer.views.page_address import Page, parse_address
from explorer.views.pages import PAGES
from tests.server import ROOT

WEB = ROOT / "explorer" / "web"
IN_BROWSER = [page for page in PAGES.values() if page.in_browser]
COMMON = "Payload<State>"


@pytest.fixture(params=IN_BROWSER, ids=[page.name for page in IN_BROWSER])
def page(request: pytest.FixtureRequest) -> Page:
    """Each page with a part in the browser."""
    found: Page = request.param
    return found


@pytest.fixture
def payload(page: Page, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Python gives the page, opened without an address on the shipped runs."""
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(ROOT / "checkpoints"))
    state, _ = parse_address({}, page, loader.catalog().names)
    made: dict[str, Any] = screen(page.name).payload(state)
    return made


def _typedef(source: str, name: str) -> str | None:
    """The lines of `@typedef {object} name` and its properties, up to the comment's end or the next typedef."""
    found = re.search(rf"@typedef {{object}} {name}\b(.*?)(?=\*/|@typedef)", source, re.DOTALL)
    return found[1] if found else None


def _properties(typedef: str) -> dict[str, str]:
    """Types by name of `@property {type} name`."""
    found = re.findall(r"@property ({.*?}) (\w+)(?= |$)", typedef, re.MULTILINE)
    return {name: kind[1:-1] for kind, name in found}


def _sources(page: Page) -> str:
    return "\n".join(file.read_text() for file in sorted((WEB / "pages" / page.name).glob("*.js")))


def _payload_type(source: str) -> str | None:
    """The type in `@typedef {type} Payload`, on one line; one taken over from a neighbouring module is not it."""
    for start in re.finditer(r"@typedef {", source):
        depth, end = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(source[end], 0)
            end += 1
        if re.match(r" Payload\b", source[end:]) and not source.startswith('import("./', start.end()):
            return " ".join(source[start.end() : end - 1].replace("\n *", " ").split())
    return None


def _fields(literal: str) -> set[str]:
    """Names of an object type's own fields, `{a: string, b: {c: number}}`."""
    names, depth = set(), 0
    for part in re.finditer(r"[{<(\[]|[}>)\]]|(\w+)\??:", literal):
        if part[1] and depth == 1:
            names.add(part[1])
        depth += 1 if part[0] in "{<([" else -1 if part[0] in "}>)]" else 0
    return names


# What a value may be in JavaScript, by its kind in Python; names and choices have types of their own.
KINDS = {
    "number": r"number",
    "numbers": r"number\[\]|Pair",
    "images": r"number\[\]",
    "text": r"(?!number\b)[^\[\]]+",
    "texts": r"(?!number\b).+\[\]",
}


def test_a_page_s_state_has_the_parameters_of_its_address(page: Page) -> None:
    typedef = _typedef(_sources(page), "State")
    assert typedef, f"no module of explorer/web/pages/{page.name} has a `@typedef {{object}} State`"
    kinds = _properties(typedef)
    assert set(kinds) == {"dataset", *page.parameters}
    names = loader.catalog().names
    there = next(iter(names.values()))
    for name, parameter in page.parameters.items():
        assert ("| null" in kinds[name]) == (parameter.default(there) is None), f"{name}: {kinds[name]}"
        assert re.fullmatch(KINDS[parameter.kind], kinds[name].removesuffix(" | null")), f"{name}: {kinds[name]}"
        for literal in re.findall(r'"([^"]*)"', re.sub(r'import\("[^"]*"\)', "", kinds[name])):
            parameter.parse(literal, there)


def test_a_page_s_payload_has_the_fields_that_it_is_given(page: Page, payload: dict[str, Any]) -> None:
    common = _typedef((WEB / "run" / "payload.js").read_text(), "Payload")
    kind = _payload_type(_sources(page))
    assert common and kind, f"no module of explorer/web/pages/{page.name} has a `@typedef` of its Payload"
    own = _fields(re.sub(r'import\("[^"]*"\)\.Payload<State>', COMMON, kind))
    expected = own | set(_properties(common)) if COMMON in kind else own
    assert set(payload) == expected
    assert set(payload["state"]) == {"dataset", *page.parameters}


def test_a_run_has_the_fields_that_it_is_typed_with() -> None:
    source = (WEB / "run" / "payload.js").read_text()
    typedef = _typedef(source, "RunInfo")
    state, _ = parse_address({}, PAGES["explore"], loader.catalog().names)
    assert typedef
    for run in screen("explore").payload(state)["runs"].values():
        assert set(run) == set(_properties(typedef))
