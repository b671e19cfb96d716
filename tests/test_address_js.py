"""How the browser writes an address (explorer/web/hosts/address.js), against how Python reads and writes one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.views.page_address import Page, parameters_in_browser, parse_address
from explorer.views.pages import PAGES
from explorer.views.parameters import (
    choice,
    coloring,
    ellipse,
    images,
    index,
    latent,
    number,
    numbers,
    run,
    runs,
    several,
    whole,
    written,
)
from tests.javascript import JavaScript

RUNS = {"mnist": ["autoencoder", "elbo"], "fashion & co": ["beta-4", "elbo", "kl", "läufe, ж", ",=&%+"]}
PAGE = Page(
    "page",
    {
        "run": run(),
        "runs": runs(2, 4),
        "z": latent(),
        "image": index(),
        "set": images(),
        "axes": numbers("two dimensions", "axes=1,2", 1, 2),
        "color_by": coloring("label", "kl"),
        "link": choice("image", "z"),
        "paths": several("linear", "spherical", default=("linear",)),
        "steps": whole(8, 2, 40),
        "t": number(0.5, 0, 1),
        "q": ellipse(),
    },
    widgets=("run",),
)
NUMBERS = st.floats(-1000, 1000, allow_nan=False)
SPREADS = st.floats(1e-6, 100)
STATES = st.sampled_from(list(RUNS)).flatmap(
    lambda dataset: st.fixed_dictionaries(
        {
            "dataset": st.just(dataset),
            "run": st.sampled_from(RUNS[dataset]),
            "runs": st.lists(st.sampled_from(RUNS[dataset]), min_size=2, max_size=4, unique=True),
            "z": st.none() | st.lists(NUMBERS, min_size=2, max_size=40),
            "image": st.none() | st.integers(0, 10**9 - 1),
            "set": st.none() | st.sets(st.integers(0, 10**9), min_size=1).map(sorted),
            "axes": st.none() | st.lists(st.integers(1, 512), min_size=2, max_size=2, unique=True),
            "color_by": st.sampled_from(["label", "kl"]) | st.text(max_size=90).map("column:{}".format),
            "link": st.sampled_from(["image", "z"]),
            "paths": st.sampled_from([[], ["linear"], ["linear", "spherical"]]),
            "steps": st.integers(2, 40),
            "t": st.floats(0, 1),
            "q": st.none() | st.tuples(NUMBERS, NUMBERS, SPREADS, SPREADS, st.floats(-10, 10)).map(list),
        }
    )
)
ADDRESS = """async ({ state, parameters }) => {
  globalThis.location ??= { search: "" };
  const { paramsOf, queryOf, paramsIn } = await import("/assets/hosts/address.js");
  const params = paramsOf(state, parameters);
  const query = queryOf(params);
  return { params, query, again: paramsIn(query) };
}"""


def _in_browser(javascript: JavaScript, state: dict[str, Any], page: Page) -> dict[str, Any]:
    parameters = parameters_in_browser(page, RUNS[state["dataset"]])
    found: dict[str, Any] = javascript.evaluate(ADDRESS, {"state": state, "parameters": parameters})
    return found


@given(STATES)
@example({**parse_address({}, PAGE, RUNS)[0], "z": [-0.0, 1e-5, 1e-6, 1e-7, 1.5e-10, 123.4567, 5e-324]})
def test_a_state_comes_back_from_its_address(javascript: JavaScript, state: dict[str, Any]) -> None:
    found = _in_browser(javascript, state, PAGE)
    assert parse_address(found["params"], PAGE, RUNS) == (state, [])
    assert found["again"] == found["params"], found["query"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53), min_size=1))
@example([1e15, 1e16, 1e20, 1e21, 1e22, -1e-6, 1e-7, 123456789012345680.0, 0.1, -0.0, 2.5e-7])
def test_numbers_are_written_alike_in_both_languages(javascript: JavaScript, values: list[float]) -> None:
    source = """async (values) => (await import("/assets/hosts/address.js")).written("numbers", values)"""
    assert javascript.evaluate(source, values) == written("numbers", values)


@given(st.sets(st.integers(0, 10**9), min_size=1).map(sorted))
def test_images_are_written_alike_in_both_languages(javascript: JavaScript, values: list[int]) -> None:
    source = """async (values) => (await import("/assets/hosts/address.js")).written("images", values)"""
    assert javascript.evaluate(source, values) == written("images", values)


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_every_page_s_default_has_a_bare_address(javascript: JavaScript, page: Page) -> None:
    state, _ = parse_address({}, page, RUNS)
    found = _in_browser(javascript, state, page)
    assert set(found["params"]) <= {"dataset", "run", "runs"}
    assert parse_address(found["again"], page, RUNS) == (state, [])


def test_commas_stay_as_they_are_and_the_embedding_is_kept(javascript: JavaScript) -> None:
    source = """async () => {
      globalThis.location = { search: "?embed=true&z=1,2&embed_options=dark_theme&embed_options=show_toolbar" };
      const { queryOf, paramsIn } = await import("/assets/hosts/address.js");
      const query = queryOf({ z: "0.5,-1.2", talk: "a&b c" });
      return [query, paramsIn(query)];
    }"""
    assert javascript.evaluate(source) == [
        "?z=0.5,-1.2&talk=a%26b+c&embed=true&embed_options=dark_theme&embed_options=show_toolbar",
        {"z": "0.5,-1.2", "talk": "a&b c"},
    ]
