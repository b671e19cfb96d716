"""View functions: pure, checked on any input hypothesis thinks of."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explorer.views.latents import plane_arrays
from explorer.views.out_of_range import out_of_range
from explorer.views.page_address import Page, change_dataset, parameters_in_browser, parse_address
from explorer.views.pages import EXPLORE, PAGES
from explorer.views.palette import class_colors, value_colors
from explorer.views.parameters import choice, images, index, latent, number, numbers, run, runs, several, whole, written
from explorer.views.payload import RunView, page_payload
from explorer.views.runs import run_order, run_text
from tests.server import ROOT

RUNS = {"mnist": ["autoencoder", "elbo"], "fashion": ["beta-4", "elbo", "kl"]}
PAGE = Page(
    "page",
    {
        "run": run(),
        "runs": runs(2, 4),
        "z": latent(),
        "image": index(),
        "set": images(),
        "axes": numbers("two dimensions", "axes=1,2", 1, 2),
        "color_by": choice("label", "kl"),
        "paths": several("linear", "spherical", default=("linear",)),
        "steps": whole(8, 2, 40),
        "t": number(0.5, 0, 1),
    },
    widgets=("run",),
)


# What a folder may be called, commas among it.
RUN_NAMES = st.text(st.characters(exclude_characters="/\0") | st.sampled_from(",\\%&=+ "), min_size=1, max_size=12)


@settings(max_examples=500)
@given(st.lists(RUN_NAMES, min_size=2, max_size=4, unique=True))
def test_runs_of_any_names_come_back_from_their_address(names: list[str]) -> None:
    there = {"mnist": names}
    state, _ = parse_address({}, PAGE, there)
    params = {"runs": written("texts", names)}
    assert parse_address(params, PAGE, there) == ({**state, "runs": names}, [])
    if not any("," in name for name in names):
        assert params["runs"] == ",".join(names), "an address that is written by hand, or was before"


def test_a_comma_in_a_name_parts_no_runs() -> None:
    there = {"mnist": ["a", "b", "a,b"]}
    for text, expected in (("a,b", ["a", "b"]), ("a/,b,a", ["a,b", "a"])):
        state, notes = parse_address({"runs": text}, PAGE, there)
        assert (state["runs"], notes) == (expected, [])


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_every_page_s_default_has_a_bare_address(page: Page) -> None:
    state, notes = parse_address({}, page, RUNS)
    assert notes == []
    assert set(_params(state, page)) <= {"dataset", "run", "runs"}
    assert parse_address(_params(state, page), page, RUNS) == (state, [])


@settings(max_examples=500)
@given(st.dictionaries(st.sampled_from(["dataset", "other", *PAGE.parameters]), st.text(max_size=60)))
def test_any_address_gives_a_state_that_exists_and_short_notes(params: dict[str, str]) -> None:
    state, notes = parse_address(params, PAGE, RUNS)
    _is_valid(state)
    for note in notes:
        assert len(note) < 200
        assert not set("<>[]()`*\n\\") & set(note.split(":")[0])


@pytest.mark.parametrize(
    ("params", "note"),
    [
        ({"z": "one"}, "z=one: expected a number for each dimension"),
        ({"z": "nan,0"}, "z=nan,0: expected a number for each dimension"),
        ({"z": "1e9,0"}, "z=1e9,0: expected"),
        ({"z": "1," * 600 + "1"}, "z=1,1"),
        ({"set": "3.0"}, "set=3.0: expected indices of images"),
        ({"set": "3..1"}, "set=3..1: expected indices of images"),
        ({"set": ".".join("1" * 2001)}, "set=1.1"),
        ({"axes": "2,2"}, "axes=2,2: expected two dimensions, as in axes=1,2"),
        ({"axes": "0,1"}, "axes=0,1: expected two dimensions"),
        ({"axes": "1,2,3"}, "axes=1,2,3: expected two dimensions"),
        ({"image": "-3"}, "image=-3: expected the index"),
        ({"image": "²"}, "image=²: expected the index"),
        ({"run": "../../etc/passwd"}, "run=..?..?etc?passwd: there is no such run; showing elbo"),
        ({"runs": "elbo"}, "runs=elbo: expected 2 to 4 names of runs"),
        ({"runs": "elbo,elbo"}, "runs=elbo,elbo: expected 2 to 4 names of runs"),
        ({"dataset": "cifar"}, "dataset=cifar: there is no such dataset; showing mnist"),
        ({"color_by": "x"}, "color_by=x: there is no such color by; showing label"),
        ({"steps": "41"}, "steps=41: expected a whole number from 2 to 40; showing 8"),
        ({"t": "inf"}, "t=inf: expected a number from 0 to 1; showing 0.5"),
        ({"paths": "bent"}, "paths=bent: expected some of linear,spherical"),
    ],
)
def test_nonsense_in_the_address_is_named(params: dict[str, str], note: str) -> None:
    state, notes = parse_address(params, PAGE, RUNS)
    assert state == parse_address({}, PAGE, RUNS)[0]
    assert len(notes) == 1
    assert notes[0].startswith(note)


@pytest.mark.parametrize(
    ("params", "notes"),
    [
        ({"z": "1,2", "image": "9", "set": "3.6", "axes": "3,16", "hide": "9"}, []),
        ({"z": ",".join("1" * 16)}, []),
        ({"z": "1,2,3"}, ["z=1,2,3: has 3 numbers, this run has 16 latent dimensions; showing the default"]),
        ({"image": "10"}, ["image=10: this run has images 0 to 9; none is selected"]),
        ({"set": "3.7"}, ["set=3.7: this run has images 0 to 9; none are selected"]),
        ({"axes": "3,17"}, ["axes=3,17: this run has 16 latent dimensions; showing the default"]),
        ({"hide": "3,10"}, ["hide=3,10: the data set has classes 0 to 9; showing all"]),
    ],
)
def test_what_a_run_cannot_show_is_named(params: dict[str, str], notes: list[str]) -> None:
    state, _ = parse_address(params, EXPLORE, RUNS)
    found = out_of_range(state, EXPLORE, [16], 10, 10)
    assert [note for _, note in found] == notes
    assert [name for name, _ in found] == [note.split("=")[0] for note in notes]


def test_a_change_of_data_set_keeps_what_still_means_something() -> None:
    params = {"dataset": "fashion", "run": "kl", "runs": "kl,elbo", "z": "1,1", "image": "3", "steps": "9"}
    state, _ = parse_address(params, PAGE, RUNS)
    moved = change_dataset({**state, "dataset": "mnist"}, PAGE, RUNS)
    assert moved == {**state, "dataset": "mnist", "run": "elbo", "runs": RUNS["mnist"], "z": None, "image": None}
    stays = change_dataset({**state, "dataset": "fashion"}, PAGE, RUNS)
    assert stays == {**state, "z": None, "image": None}


def _is_valid(state: dict[str, object]) -> None:
    assert parse_address(_params(state, PAGE), PAGE, RUNS) == (state, [])


def _params(state: dict[str, object], page: Page) -> dict[str, str]:
    parameters = parameters_in_browser(page, RUNS[str(state["dataset"])])
    params = {name: written(p["kind"], state[name]) for name, p in parameters.items() if state[name] != p["default"]}
    return {"dataset": str(state["dataset"]), **params}


@given(st.integers(2, 6), st.integers(1, 30), st.data())
def test_the_plane_s_map_and_covariance_are_those_of_the_latents(dim: int, count: int, data: st.DataObject) -> None:
    numbers = hnp.arrays(np.float32, (count, dim), elements=st.floats(-3, 3, width=32))
    mu = data.draw(numbers)
    factor = np.tril(np.random.default_rng(count).normal(size=(count, dim, dim)))
    factor[:, range(dim), range(dim)] = np.exp(data.draw(numbers) / 2)
    latents = {"mu": mu, "label": np.zeros(count, np.int64)}
    latents |= {"reconstruction": np.ones(count, np.float32), "kl": np.ones(count, np.float32)}
    if dim > 2:
        basis = np.linalg.qr(np.random.default_rng(dim).normal(size=(dim, 2)))[0].T
        mean = mu.mean(0)
        latents |= {"pca_components": basis, "pca_mean": mean, "pca": (mu - mean) @ basis.T, "umap": mu[:, :2]}
    arrays = plane_arrays(latents, factor)
    basis = arrays["basis"].astype(float)
    # The plane's point of an image is where its code projects to, and its covariance that of the projected posterior.
    np.testing.assert_allclose((mu - arrays["origin"]) @ basis.T, arrays["xy"], atol=1e-3)
    for i in range(count):
        expected = basis @ factor[i] @ factor[i].T @ basis.T
        xx, xy, yy = arrays["cov"][i]
        np.testing.assert_allclose([[xx, xy], [xy, yy]], expected, rtol=1e-3, atol=1e-4)
    if dim > 2:
        np.testing.assert_allclose(arrays["spread"], factor, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(arrays["width"], np.linalg.det(factor) ** (1 / dim), rtol=1e-3)


@pytest.mark.parametrize("dim", [2, 5])
def test_a_diagonal_covariance_is_that_of_its_matrix(dim: int) -> None:
    rng = np.random.default_rng(dim)
    mu, sigma = rng.normal(size=(9, dim)).astype(np.float32), np.exp(rng.normal(size=(9, dim)))
    latents = {"mu": mu, "label": np.zeros(9, np.int64), "reconstruction": np.ones(9), "kl": np.ones(9)}
    if dim > 2:
        latents |= {"pca_components": np.linalg.qr(rng.normal(size=(dim, 2)))[0].T, "pca_mean": mu.mean(0)}
        latents |= {"pca": mu[:, :2], "umap": mu[:, :2]}
    narrow, whole = plane_arrays(latents, sigma), plane_arrays(latents, sigma[:, :, None] * np.eye(dim))
    for name in ("cov", "width"):
        np.testing.assert_allclose(narrow[name], whole[name], rtol=1e-5, atol=1e-6)
    if dim > 2:
        np.testing.assert_allclose(narrow["spread"], sigma, rtol=1e-6)


def test_run_words_and_order() -> None:
    assert run_order(["alpha", "kl", "elbo", "zeta"]) == ["kl", "elbo", "alpha", "zeta"]
    assert run_text("elbo", {"objective": "elbo", "beta": 1.0}, "diagonal").title == "Full ELBO"
    assert "reconstruction + 4 KL" in run_text("b4", {"objective": "elbo", "beta": 4.0}, "diagonal").sentence
    assert "unheard" in run_text("x", {"objective": "unheard"}, "diagonal").sentence
    assert "my_vae:VAE" in run_text("own", {"objective": "imported", "model": "my_vae:VAE"}, "diagonal").sentence
    assert "Eq. 22" in run_text("f", {"objective": "elbo"}, "full").sentence
    assert "(Eq. 20)" in run_text("s", {"objective": "elbo", "gradient": "score-function"}, "diagonal").sentence
    assert run_order(["other", "elbo-score-function", "elbo-full-covariance", "elbo"])[-1] == "other"


@pytest.mark.parametrize("by", ["rank:kl", "rank:column:size", "column:rank:kl"])
def test_points_are_coloured_by_ranks_of_values(by: str) -> None:
    state, notes = parse_address({"dataset": "mnist", "color_by": by}, EXPLORE, RUNS)
    assert state["color_by"] == by and not notes
    for wrong in ("rank:", "rank:label", "rank:size", "rank:rank:kl"):
        state, notes = parse_address({"dataset": "mnist", "color_by": wrong}, EXPLORE, RUNS)
        assert state["color_by"] == "label" and notes


def test_colours() -> None:
    assert len(set(class_colors(10))) == 10
    assert len(class_colors(62)) == 62
    assert all(len(color) == 7 and int(color[1:], 16) >= 0 for color in (*class_colors(10), *value_colors()))
    luminance = [
        sum(int(color[i : i + 2], 16) * w for i, w in ((1, 0.21), (3, 0.72), (5, 0.07))) for color in value_colors()
    ]
    assert luminance == sorted(luminance)


def _documented(name: str) -> list[str]:
    """The fields of a type that explorer/web/run/payload.js describes."""
    text = (ROOT / "explorer" / "web" / "run" / "payload.js").read_text()
    found = re.search(rf"@typedef {{object}} {name}\n(.*?)\*/", text, re.DOTALL)
    assert found, name
    return re.findall(r"@property {.*?} (\w+)(?:  |\n)", found[1])


def test_payload_is_json_of_the_documented_fields() -> None:
    state, _ = parse_address({"z": "0.5,1"}, EXPLORE, RUNS)
    run = {"title": "Full ELBO", "sentence": "words", "decoder": "/d", "encoder": "/e", "latents": "/l"}
    run |= {"trajectory": None}
    run |= {"metrics": {"kl": None}, "kl_per_dimension": [0.5, 1.5], "columns": [], "column": "/c"}
    payload = page_payload("explore", state, {"elbo": RunView(**run)}, ["0", "1"], "/g", None, "/a", {"kl": "words"})
    sent = json.loads(json.dumps(payload, allow_nan=False))
    assert list(sent["runs"]["elbo"]) == _documented("RunInfo")
    assert sorted(sent) == sorted(_documented("Payload"))
    assert sent["runs"] == {"elbo": run}
    assert sent["state"] == state
    assert sent["state"]["z"] == [0.5, 1]
    assert (sent["page"], sent["assets"], sent["gallery"], sent["classifier"]) == ("explore", "/a", "/g", None)
    assert (sent["classes"], sent["definitions"]) == (["0", "1"], {"kl": "words"})
    assert sent["class_colors"] == list(class_colors(2))
    assert sent["value_colors"] == list(value_colors())
