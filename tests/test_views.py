"""View functions: pure, checked on any input hypothesis thinks of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explorer.views.decoder import MAX_WEIGHTS, decoder_arrays, decoder_layers
from explorer.views.explore import RunView, explore_payload
from explorer.views.latents import plane_arrays
from explorer.views.link import BACKGROUND, COLOR_BY, Link, format_link, parse_link, parse_point
from explorer.views.palette import class_colors, value_colors
from explorer.views.runs import run_order, run_text

RUNS = {"mnist": ["autoencoder", "elbo"], "fashion": ["beta-4", "elbo"]}
NUMBERS = st.floats(-1000, 1000, allow_nan=False)
LINKS = st.builds(
    Link,
    dataset=st.sampled_from(list(RUNS)),
    run=st.just("elbo"),
    z=st.none() | st.tuples(NUMBERS, NUMBERS),
    image=st.none() | st.integers(0, 10**9 - 1),
    color_by=st.sampled_from(COLOR_BY),
    background=st.sampled_from(BACKGROUND),
)


@given(LINKS)
def test_a_link_comes_back_from_its_address(link: Link) -> None:
    assert parse_link(format_link(link), RUNS) == (link, [])


@settings(max_examples=500)
@given(
    st.dictionaries(
        st.sampled_from(["dataset", "run", "z", "image", "color_by", "background", "other"]), st.text(max_size=60)
    )
)
def test_any_address_gives_a_state_that_exists_and_short_notes(params: dict[str, str]) -> None:
    link, notes = parse_link(params, RUNS)
    assert link.run in RUNS[link.dataset]
    assert link.color_by in COLOR_BY
    assert link.background in BACKGROUND
    assert link.z is None or all(math.isfinite(v) and abs(v) <= 1000 for v in link.z)
    assert link.image is None or link.image >= 0
    for note in notes:
        assert len(note) < 200
        assert not set("<>[]()`*\n\\") & set(note.split(":")[0])


@pytest.mark.parametrize(
    ("params", "note"),
    [
        ({"z": "1"}, "z=1: expected two numbers"),
        ({"z": "nan,0"}, "z=nan,0: expected two numbers"),
        ({"z": "1e9,0"}, "z=1e9,0: expected"),
        ({"image": "-3"}, "image=-3: expected the index"),
        ({"image": "²"}, "image=²: expected the index"),
        ({"run": "../../etc/passwd"}, "run=..?..?etc?passwd: there is no such run; showing elbo"),
        ({"dataset": "cifar"}, "dataset=cifar: there is no such dataset; showing mnist"),
        ({"color_by": "x"}, "color_by=x: there is no such color by; showing label"),
    ],
)
def test_nonsense_in_the_address_is_named(params: dict[str, str], note: str) -> None:
    link, notes = parse_link(params, RUNS)
    assert link == Link("mnist", "elbo")
    assert len(notes) == 1
    assert notes[0].startswith(note)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists))
def test_whatever_the_browser_reports_is_a_point_or_nothing(value: object) -> None:
    for report in (value, {"z": value, "image": value}, {"z": [value, 1.0]}):
        z, image = parse_point(report)
        assert z is None or all(math.isfinite(v) for v in z)
        assert image is None or isinstance(image, int)
    assert parse_point({"z": [0.5, -1], "image": 3}) == ((0.5, -1.0), 3)


@given(st.integers(2, 6), st.integers(1, 30), st.data())
def test_the_plane_s_map_and_covariance_are_those_of_the_latents(dim: int, count: int, data: st.DataObject) -> None:
    numbers = hnp.arrays(np.float32, (count, dim), elements=st.floats(-3, 3, width=32))
    mu, log_var = data.draw(numbers), data.draw(numbers)
    latents = {"mu": mu, "log_var": log_var, "label": np.zeros(count, np.int64)}
    latents |= {"reconstruction": np.ones(count, np.float32), "kl": np.ones(count, np.float32)}
    if dim > 2:
        basis = np.linalg.qr(np.random.default_rng(dim).normal(size=(dim, 2)))[0].T
        mean = mu.mean(0)
        latents |= {"pca_components": basis, "pca_mean": mean, "pca": (mu - mean) @ basis.T}
    arrays = plane_arrays(latents)
    basis = arrays["basis"].astype(float)
    # The plane's point of an image is where its code projects to, and its covariance that of the projected posterior.
    np.testing.assert_allclose((mu - arrays["origin"]) @ basis.T, arrays["xy"], atol=1e-3)
    for index in range(count):
        expected = basis @ np.diag(np.exp(log_var[index].astype(float))) @ basis.T
        xx, xy, yy = arrays["cov"][index]
        np.testing.assert_allclose([[xx, xy], [xy, yy]], expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(arrays["width"], np.prod(np.exp(log_var / 2), 1) ** (1 / dim), rtol=1e-4)


def test_one_dimension_has_no_plane() -> None:
    with pytest.raises(ValueError, match="at least two"):
        plane_arrays({"mu": np.zeros((3, 1), np.float32)})


def _linear(outputs: int, inputs: int) -> dict[str, np.ndarray]:
    return {"weight": np.zeros((outputs, inputs), np.float32), "bias": np.zeros(outputs, np.float32)}


def _weights(**layers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"decoder.{n[1:]}.{part}": array for n, layer in layers.items() for part, array in layer.items()}


def test_decoder_layers_in_order() -> None:
    arrays = decoder_arrays({**_weights(_10=_linear(784, 8), _0=_linear(8, 2)), "encoder.0.weight": np.zeros(3)})
    layers = decoder_layers(arrays, "silu", (1, 28, 28))
    assert [layer["kind"] for layer in layers] == ["linear", "silu", "linear"]
    assert [layer.get("weight") for layer in layers] == ["0.weight", None, "10.weight"]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({}, "layers the browser cannot run"),
        ({"decoder.0.gamma": np.zeros(3)}, "layers the browser cannot run"),
        (_weights(_0=_linear(783, 2)), "gives 783 numbers for images of shape"),
        ({"decoder.0.weight": np.zeros((4, 4, 3, 3)), "decoder.0.bias": np.zeros(4)}, "no layer the browser can run"),
        (_weights(_0=_linear(MAX_WEIGHTS // 2 + 1, 2)), "the browser decodes up to"),
    ],
)
def test_decoders_that_the_browser_cannot_run_are_named(weights: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decoder_layers(decoder_arrays(weights), "silu", (1, 28, 28))


def test_run_words_and_order() -> None:
    assert run_order(["zeta", "kl", "elbo", "alpha"]) == ["kl", "elbo", "alpha", "zeta"]
    assert run_text("elbo", {"objective": "elbo", "beta": 1.0}, "diagonal").title == "Full ELBO"
    assert "reconstruction + 4 KL" in run_text("b4", {"objective": "elbo", "beta": 4.0}, "diagonal").sentence
    assert "unheard" in run_text("x", {"objective": "unheard"}, "diagonal").sentence


def test_colours() -> None:
    assert len(set(class_colors(10))) == 10
    assert len(class_colors(62)) == 62
    assert all(len(color) == 7 and int(color[1:], 16) >= 0 for color in (*class_colors(10), *value_colors()))
    luminance = [
        sum(int(color[i : i + 2], 16) * w for i, w in ((1, 0.21), (3, 0.72), (5, 0.07))) for color in value_colors()
    ]
    assert luminance == sorted(luminance)


def test_payload_is_json_of_the_documented_fields() -> None:
    import json

    link = Link("mnist", "elbo", (0.5, 1.0), 3)
    view = RunView("Full ELBO", "words", "/d", "/l", {"kl": None})
    payload = explore_payload(link, Link("mnist", "elbo"), {"elbo": view}, ["0", "1"], None, "/assets", {"kl": "words"})
    assert json.loads(json.dumps(payload, allow_nan=False))["runs"]["elbo"]["figures"] == {"kl": None}
    # The page's data must not follow the handle: a drag would then remount the component.
    moved = explore_payload(
        Link("mnist", "elbo", (9, 9), 4),
        Link("mnist", "elbo"),
        {"elbo": view},
        ["0", "1"],
        None,
        "/assets",
        {"kl": "words"},
    )
    assert moved == payload
