"""What the page says of the gradient estimators: chosen by the numbers, whichever way they fall."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import linregress, t

from explorer.views.estimator_plots import by_dimension_figure, learning_figure, strip, variance_figure
from explorer.views.estimators import (
    Slope,
    agreement_table,
    agreement_words,
    by_dimension,
    by_dimension_sentence,
    by_dimension_text,
    learning_text,
    number,
    ratio_sentence,
    same_but_gradient,
    slope,
)
from training.measure.quadratic import exact_variance, measured_variance

DIMS = np.array([1, 2, 5, 10, 20, 50], dtype=float)


def _curve(value: float) -> np.ndarray[Any, Any]:
    samples = 2.0 ** np.arange(5)
    return np.stack([samples, value / samples, 0.9 * value / samples, 1.2 * value / samples], axis=1)


@pytest.mark.parametrize(
    ("power", "kind"), [(1, "linear"), (0, "bounded"), (-1, "bounded"), (2, "faster"), (0.5, "slower")]
)
def test_a_power_law_is_told_by_its_slope(power: float, kind: str) -> None:
    noise = np.exp(0.02 * np.random.default_rng(0).normal(size=len(DIMS)))
    found = slope(DIMS, 3 * DIMS**power * noise)
    assert found is not None
    assert found.low <= power <= found.high
    assert found.kind == kind
    assert found.ratio == pytest.approx(50**power, rel=0.1)


def test_a_slope_and_its_interval_are_those_of_scipy() -> None:
    values = 3 * DIMS**0.7 * np.exp(0.3 * np.random.default_rng(1).normal(size=len(DIMS)))
    found, fit = slope(DIMS, values), linregress(np.log(DIMS), np.log(values))
    half = t.ppf(0.975, len(DIMS) - 2) * fit.stderr
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((fit.slope, fit.slope - half, fit.slope + half))


def test_a_slope_without_a_law_is_unclear_and_too_few_points_have_none() -> None:
    found = slope(DIMS, [1, 100, 1, 100, 1, 100])
    assert found is not None
    assert found.kind == "unclear"
    assert slope([1, 2], [1, 2]) is None
    assert slope([2, 2, 2], [1, 2, 3]) is None
    assert slope(DIMS, 0 * DIMS) is None


LINEAR, FLAT, SQUARE = (slope(DIMS, DIMS**power) for power in (1.0, 0.0, 2.0))


@pytest.mark.parametrize(
    ("reparameterized", "expected"), [(FLAT, "The first is seen here"), (SQUARE, "The first is not seen here")]
)
def test_the_sentence_says_which_of_the_notes_laws_is_tested(reparameterized: Slope, expected: str) -> None:
    sentence = by_dimension_sentence({"reparameterization": reparameterized, "none": SQUARE, "mean": LINEAR})
    assert expected in sentence
    assert "the second is not tested" in sentence
    assert "From D = 1 to 50" in sentence


def test_what_was_not_measured_is_not_told() -> None:
    assert "Too few" in by_dimension_sentence({"reparameterization": None, "none": None})
    assert "gradient-variance --out checkpoints/mnist/gradient-variance.json" in by_dimension_text({}, "mnist")


def test_stored_points_become_rows() -> None:
    points = [{"latent_dim": d, "scaled": {"none": 2.0 * d, "reparameterization": 1.0}} for d in (1, 2, 4)]
    rows = by_dimension({"points": points}, "scaled")
    assert rows["none"].tolist() == [[1, 2], [2, 4], [4, 8]]
    assert "the score function grows linearly (×4.00)" in by_dimension_text(rows, "mnist")


def test_how_many_draws_one_is_worth() -> None:
    curves = {"reparameterization": _curve(2), "none": _curve(3000), "mean": _curve(90), "expected": _curve(1)}
    sentence = ratio_sentence(curves)
    assert "worth 1,500 draws" in sentence
    assert "of f = −log p(x|z), with the KL's gradient exact" in sentence
    assert "or 1/2.00 of a draw with the baseline E_q[f]." in sentence
    both = ratio_sentence({**curves, "whole": _curve(4000), "whole_expected": _curve(6)})
    assert "of the whole f = log q(z|x) − log p(x, z) of Eq. 20, 2,000 draws, or 3.00 draws with its baseline" in both
    assert "no noise" in ratio_sentence({"reparameterization": _curve(0), "none": _curve(1), "expected": _curve(1)})


@pytest.mark.parametrize(
    ("difference", "expected"), [(1.2, "agree: 1.2"), (3.0, "rare but possible"), (5.0, "more than noise explains")]
)
def test_agreement_in_words(difference: float, expected: str) -> None:
    assert expected in agreement_words(difference, 1.0, 2048)
    assert expected in agreement_table({"none": (0.95, difference, 1.0)}, 2048)
    table = agreement_table({"none": (-0.5, difference, 1.0)}, 2048)
    assert "−0.50" in table
    assert "agree" not in table, "nothing is seen to agree where the directions differ"
    assert ("too noisy to tell" in table) == (difference < 2)
    assert agreement_words(0, 0, 2048) == "equal: neither has noise"


def test_pairs_that_differ_in_the_gradient_alone() -> None:
    plain = {"objective": "elbo", "gradient": "reparameterization", "baseline": "none", "epochs": 3}
    score = {**plain, "gradient": "score-function", "baseline": "learned"}
    recipes = {"kl": {**plain, "objective": "kl"}, "a": plain, "b": score, "longer": {**score, "epochs": 9}}
    assert same_but_gradient("a", recipes) == ["a", "b"]
    assert same_but_gradient("b", recipes) == ["a", "b"]
    assert same_but_gradient("kl", recipes) == ["a", "b"]
    old = {name: value for name, value in plain.items() if name not in ("gradient", "baseline")}
    assert same_but_gradient("old", {"a": plain, "old": old}) == []
    assert same_but_gradient("old", {"a": plain, "old": old, "b": score}) == ["old", "b"]
    assert same_but_gradient("a", {name: recipes[name] for name in ("a", "longer")}) == []


def test_learning_in_words_names_the_better_run_first() -> None:
    slow, fast = np.array([-200.0, -180, -170]), np.array([-190.0, -165, -150])
    text = learning_text(["slow", "fast"], [slow, fast], "mnist")
    assert text.startswith("After 3 epochs “fast” stands at −150 nats per image, “slow” at −170")
    assert text.endswith("after epoch 2.")
    assert "--gradient score-function --baseline learned" in learning_text([], [], "digits")


@pytest.mark.parametrize(
    ("value", "text"), [(7686.2, "7,690"), (4.684, "4.68"), (0.01284, "0.0128"), (3.2e9, "3.20 × 10⁹"), (0, "0")]
)
def test_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_the_variance_figure_has_points_bars_guides_and_units() -> None:
    figure = variance_figure({"reparameterization": _curve(2), "none": _curve(3000)}, squared_length=5.0)
    points = [trace for trace in figure.data if trace.mode == "markers"]
    guides = [trace for trace in figure.data if trace.mode == "lines" and trace.line.dash == "dot"]
    assert [trace.name for trace in points] == ["reparameterization", "score function"]
    np.testing.assert_allclose(points[1].error_y.array, 0.2 * np.array(points[1].y))
    for trace in guides:
        assert np.diff(np.log(trace.y)) / np.diff(np.log(trace.x)) == pytest.approx([-1])
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert "nats²" in figure.layout.yaxis.title.text
    assert len(variance_figure({"reparameterization": _curve(2)}, 0.0).data) == 2


def test_growth_lines_are_the_exact_ones_or_geometric_means() -> None:
    rows = np.array([[1, 2.0], [1, 8.0], [10, 5.0]])
    assert by_dimension_figure({"none": rows}, {}).data[0].y == pytest.approx([4, 5])
    exact = np.array([[1, 3.0], [10, 30.0]])
    assert by_dimension_figure({"none": rows}, {"none": exact}).data[0].y == pytest.approx([3, 30])


def test_learning_figure_names_runs_and_units() -> None:
    figure = learning_figure(["a", "b"], [np.arange(3)] * 2, [np.arange(3.0)] * 2, "epochs")
    assert [trace.name for trace in figure.data] == ["a", "b"]
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == (
        "epochs of training",
        "validation ELBO, nats per image",
    )


def test_a_batch_is_one_picture_row_by_row() -> None:
    images = np.zeros((3, 1, 2, 2), dtype=np.float32)
    images[1], images[2] = 1, 0.5
    picture = strip(images, columns=2, scale=1)
    assert picture.shape == (4, 4, 3)
    assert picture[:2, 2:].min() == 255
    assert set(np.unique(picture[2:, :2])) == {128}
    assert picture[2:, 2:].max() == 0


# ---- the problem whose answer is known


def test_the_closed_form_is_the_integral_over_z() -> None:
    # D = 1: variances by integration of both gradients over z, on a fine grid.
    delta, sigma = 0.7, 1.3
    epsilon = np.linspace(-12, 12, 48_001)
    density = np.exp(-(epsilon**2) / 2) / np.sqrt(2 * np.pi) * (epsilon[1] - epsilon[0])
    away = delta + sigma * epsilon
    f = away**2 / 2
    exact = exact_variance(np.array([1.0]), delta, sigma)
    for name, gradient in {
        "reparameterization": away,
        "none": f * epsilon / sigma,
        "expected": (f - (density * f).sum()) * epsilon / sigma,
    }.items():
        mean = (density * gradient).sum()
        assert mean == pytest.approx(delta, abs=1e-6)
        assert exact[name][0] == pytest.approx((density * (gradient - mean) ** 2).sum(), rel=1e-6)


@pytest.mark.parametrize("dim", [1, 5, 50])
def test_the_measurement_is_the_closed_form_within_its_noise(dim: int) -> None:
    exact = exact_variance(np.array([float(dim)]), 0.5, 2.0)
    for name, found in measured_variance(dim, 0.5, 2.0, draws=40_000, seed=3).items():
        width = (found.high - found.low) / found.value
        assert found.value / dim == pytest.approx(exact[name][0], rel=width), name
        assert width < 0.5


def test_the_known_problem_is_bounded_linear_and_quadratic() -> None:
    # Far out the power of each law is what is left of its polynomial.
    exact = exact_variance(np.array([1e6, 2e6, 4e6]))
    powers = {name: np.diff(np.log2(values)).mean() for name, values in exact.items()}
    assert powers == pytest.approx({"reparameterization": 0, "expected": 1, "none": 2}, abs=0.01)
