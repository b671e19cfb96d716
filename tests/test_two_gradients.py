"""The live part of Gradients: two estimators of one gradient, true to their closed forms, and what moves them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.javascript import JavaScript
from tests.opener import Open, wait_for_address

PROBLEMS = [
    {"mean": mean, "sigma": sigma, "height": height, "less": less}
    for mean in (-2.0, 0.0, 1.5)
    for sigma in (0.5, 1.0)
    for height in (0.0, 3.0)
    for less in (False, True)
]


def _moments(problem: dict[str, Any], estimator: str) -> tuple[float, float]:
    """Mean and variance of one draw by Gauss-Hermite quadrature, exact for these polynomials."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()
    z = problem["mean"] + problem["sigma"] * nodes
    f = z**2 / 2 + problem["height"]
    f = f - (weights @ f if problem["less"] else 0)
    draw = z if estimator == "reparameterization" else f * (z - problem["mean"]) / problem["sigma"] ** 2
    mean = float(weights @ draw)
    return mean, float(weights @ (draw - mean) ** 2)


@pytest.mark.parametrize("estimator", ["reparameterization", "score"])
def test_both_are_unbiased_and_their_variances_are_exact(javascript: JavaScript, estimator: str) -> None:
    found = javascript.evaluate(
        """async ([estimator, problems]) => {
          const { estimate, gradient, variance } = await import("/assets/maths/two_gradients.js");
          const { Random } = await import("/assets/maths/normal.js");
          return problems.map((problem) => {
            const random = new Random(3);
            const draws = Array.from({ length: 20000 }, () => estimate(estimator, random.normal(), problem));
            const mean = draws.reduce((sum, value) => sum + value) / draws.length;
            return [gradient(problem), variance(estimator, problem), mean];
          });
        }""",
        [estimator, PROBLEMS],
    )
    for (gradient, variance, mean), problem in zip(found, PROBLEMS, strict=True):
        exact, spread = _moments(problem, estimator)
        assert gradient == pytest.approx(exact, abs=1e-12), problem
        assert variance == pytest.approx(spread, rel=1e-9, abs=1e-12), problem
        assert mean == pytest.approx(exact, abs=5 * np.sqrt(spread / 20000) + 1e-9), problem


def test_the_running_mean_is_the_mean_of_the_first_so_many(javascript: JavaScript) -> None:
    found = javascript.evaluate(
        """async () => (await import("/assets/maths/two_gradients.js")).runningMeans([4, 2, -3])"""
    )
    assert found == [4, 3, 1]


def _numbers(page: Page) -> list[float]:
    texts = [page.locator("[data-part=truth]").inner_text(), *page.locator("[data-part=mean]").all_inner_texts()]
    return [float(text.replace("−", "-")) for text in texts]


def test_the_mean_is_dragged_and_the_draws_go_with_it(open_page: Open) -> None:
    page = open_page("gradients?images=4&draws=1024&samples=8")
    truth, own, score = _numbers(page)
    assert truth == 1.5
    assert own == pytest.approx(truth, abs=0.3)
    assert score == pytest.approx(truth, abs=2)
    expect(page.get_by_test_id("toy-plot").locator(".lx-draws path")).to_have_count(256)
    handle = page.get_by_role("slider", name="Mean of q").bounding_box()
    assert handle
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 120, y, steps=4)
    page.mouse.up()
    moved = _numbers(page)
    assert moved[0] < 0.5
    assert moved[1] - moved[0] == pytest.approx(own - truth, abs=0.011), "the same noise"
    mean = page.get_by_test_id("toy-plot").get_attribute("data-mean")
    wait_for_address(page, mean=str(mean), samples="8")


def test_height_is_noise_for_the_score_function_alone_and_a_baseline_takes_it_away(open_page: Open) -> None:
    page = open_page("gradients?images=4&draws=1024&height=0")
    errors = page.locator("[data-part=error]")

    def noise() -> list[float]:
        expect(errors).to_have_count(2)
        return [float(re.findall(r"± ([\d.]+)", text)[0]) for text in errors.all_inner_texts()]

    low = noise()
    page.get_by_test_id("toy-height").fill("10")
    high = noise()
    assert high[0] == low[0]
    assert high[1] > 2 * low[1]
    page.get_by_role("button", name="Less E_q[f]").click()
    less = noise()
    assert less[1] < low[1]
    wait_for_address(page, height="10", less="expected")
    before = _numbers(page)
    page.get_by_test_id("toy-again").click()
    assert _numbers(page)[1] != before[1]
    page.get_by_role("slider", name="Mean of q").focus()
    page.keyboard.press("ArrowRight")
    assert _numbers(page)[0] == pytest.approx(1.6)


def test_a_link_and_back_restore_it(open_page: Open) -> None:
    page = open_page("gradients?images=4&draws=1024&mean=-2&samples=2&estimator=score&toy_seed=5")
    assert _numbers(page)[0] == -2
    expect(page.get_by_role("button", name="Score function")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("toy-plot").locator(".lx-draws path")).to_have_count(4)
