"""MIG, DCI, SAP and the FactorVAE score against cases of known value and calculations made otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import entropy, linregress
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import balanced_accuracy_score, mutual_info_score

from training.measure.definitions import BINS, FACTOR_DEFINITIONS
from training.measure.disentanglement import (
    Factor,
    attribute_predictability,
    dci,
    dimension_purity,
    disentanglement,
    factor_vae_score,
    information_shares,
    mutual_information_gap,
    number_factor,
    predictabilities,
)

Array = NDArray[np.float64]
COUNT = 2000


def _factors(generator: np.random.Generator) -> list[Factor]:
    kind = generator.integers(3, size=COUNT)
    size, place = generator.integers(5, size=COUNT) / 4, generator.uniform(-1, 1, COUNT)
    return [Factor("kind", kind), number_factor("size", size), number_factor("place", place)]


def _values(factors: Sequence[Factor]) -> Array:
    return np.stack([factor.code if factor.value is None else factor.value for factor in factors], axis=1).astype(float)


@pytest.fixture
def factors() -> list[Factor]:
    return _factors(np.random.default_rng(5))


@pytest.fixture
def mixed(factors: list[Factor]) -> Array:
    """Means that follow the factors in part, with noise, and one dimension that follows none."""
    generator = np.random.default_rng(6)
    turn = np.array([[1, 0.2, 0, 0], [0, 1, 0.9, 0], [0.3, 0, 1, 0]])
    return np.asarray(_values(factors) @ turn + 0.2 * generator.standard_normal((COUNT, 4)))


def test_a_code_that_is_the_factors_gets_every_score(factors: list[Factor]) -> None:
    found = disentanglement(_values(factors), factors)
    assert set(FACTOR_DEFINITIONS) < set(found)
    assert found["mutual_information_gap"] == pytest.approx(1, abs=0.03)  # what 2,000 random images share by chance
    assert found["dci_disentanglement"] > 0.85  # a forest gives what is no use a little too
    assert found["dci_completeness"] > 0.85
    assert found["dci_informativeness"] > 0.98
    assert found["attribute_predictability"] > 0.85  # thresholds on an unrelated dimension are right in a third
    assert found["factor_vae_score"] == 1
    assert found["factors"] == ["kind", "size", "place"]
    assert np.array(found["factor_information"]).argmax(axis=0).tolist() == [0, 1, 2]


def test_a_code_that_knows_nothing_gets_none(factors: list[Factor]) -> None:
    found = disentanglement(np.random.default_rng(7).standard_normal((COUNT, 6)), factors)
    assert found["mutual_information_gap"] < 0.02
    assert found["dci_disentanglement"] < 0.1
    assert found["attribute_predictability"] < 0.05
    assert found["factor_vae_score"] < 0.45  # of three factors, a third by chance


def test_mutual_information_is_that_of_another_library(factors: list[Factor], mixed: Array) -> None:
    shares = information_shares(mixed, factors)
    for d, z in enumerate(mixed.T):
        bins = np.digitize(z, np.histogram_bin_edges(z, BINS)[1:-1])
        for k, factor in enumerate(factors):
            share = mutual_info_score(bins, factor.code) / entropy(np.bincount(factor.code))
            assert shares[d, k] == pytest.approx(share, abs=1e-9)
    gap = np.mean([sorted(column)[-1] - sorted(column)[-2] for column in shares.T])
    assert mutual_information_gap(shares) == pytest.approx(gap)


def test_a_factor_of_many_values_is_cut_into_intervals() -> None:
    many = number_factor("many", np.linspace(0, 1, 1000))
    assert np.unique(many.code).tolist() == list(range(BINS))
    few = number_factor("few", np.array([5.0, 1.0, 1.0, 9.0]))
    assert few.code.tolist() == [1, 0, 0, 2]


@pytest.mark.parametrize(
    ("table", "purity"),
    [
        ([[1, 0], [0, 1]], 1),
        ([[1, 1], [1, 1]], 0),
        ([[3, 0], [0, 1], [0, 0]], 1),
        ([[2, 2], [4, 0]], 0.5),
    ],
)
def test_purity_of_tables_of_known_value(table: list[list[float]], purity: float) -> None:
    assert dimension_purity(np.array(table, float)) == pytest.approx(purity)


def test_purity_is_that_of_another_librarys_entropy() -> None:
    table = np.random.default_rng(8).exponential(size=(7, 4))
    rows = [1 - entropy(row, base=4) for row in table]
    assert dimension_purity(table) == pytest.approx(np.average(rows, weights=table.sum(axis=1)))


def test_dci_agrees_with_boosted_trees_and_permutations() -> None:
    generator = np.random.default_rng(9)
    first, second = generator.integers(4, size=COUNT), generator.integers(4, size=COUNT)
    # Dimension 0 has the one factor, 1 and 2 share the other: neither alone says which of four it is.
    mu = np.stack([first, second // 2, second % 2, generator.standard_normal(COUNT)], axis=1).astype(float)
    mu += 0.05 * generator.standard_normal(mu.shape)
    d, c, i = dci(mu, [Factor("first", first), Factor("second", second)])
    half = COUNT // 2
    table = []
    for code in (first, second):
        model = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(mu[:half], code[:half])
        found = permutation_importance(model, mu[half:], code[half:], n_repeats=3, random_state=0)
        table.append(found.importances_mean.clip(0))
    other = np.array(table).T
    other /= other.sum(axis=0)
    assert d == pytest.approx(dimension_purity(other), abs=0.1)
    assert c == pytest.approx(dimension_purity(other.T), abs=0.1)
    assert c == pytest.approx((1 + 1 - math.log(2) / math.log(4)) / 2, abs=0.1)
    assert i > 0.98


def test_predictability_is_a_lines_and_the_best_thresholds(factors: list[Factor], mixed: Array) -> None:
    scores = predictabilities(mixed, factors)
    for d, z in enumerate(mixed.T):
        for k in (1, 2):
            assert scores[d, k] == pytest.approx(linregress(z, _values(factors)[:, k]).rvalue ** 2)
    gaps = [np.diff(np.sort(column))[-1] for column in scores.T]
    assert attribute_predictability(mixed, factors) == pytest.approx(np.mean(gaps))


def test_thresholds_of_two_categories_are_those_found_by_trying_all() -> None:
    generator = np.random.default_rng(10)
    code = (generator.random(COUNT) < 0.2).astype(np.int64)
    z = code + generator.normal(0, 0.8, COUNT)
    best = max(balanced_accuracy_score(code, z > t) for t in np.quantile(z, np.linspace(0.01, 0.99, 200)))
    assert predictabilities(z[:, None], [Factor("two", code)])[0, 0] == pytest.approx(best, abs=0.05)


def test_the_factor_vae_score_is_that_of_plain_loops(factors: list[Factor], mixed: Array) -> None:
    mu = np.concatenate([mixed, 0.01 * np.ones((COUNT, 1))], axis=1)  # an inactive dimension has no vote
    random = np.random.default_rng(11)
    deviations = [column.std() for column in mu.T[:4]]

    def vote() -> tuple[int, int]:
        k = int(random.integers(3))
        value = factors[k].code[random.integers(COUNT)]
        rows = [mu[random.choice(np.where(factors[k].code == value)[0])] for _ in range(64)]
        return int(np.argmin([np.std([row[d] for row in rows]) / deviations[d] for d in range(4)])), k

    learned = [vote() for _ in range(400)]
    majority = {d: max(range(3), key=lambda k: learned.count((d, k))) for d in range(4)}
    right = np.mean([majority[d] == k for d, k in (vote() for _ in range(400))])
    assert factor_vae_score(mu, factors) == pytest.approx(right, abs=0.06)


def test_one_dimension_has_no_gap_and_a_dead_code_no_votes(factors: list[Factor]) -> None:
    found = disentanglement(np.zeros((COUNT, 1)), factors)
    assert found["mutual_information_gap"] is None
    assert found["attribute_predictability"] is None
    assert found["factor_vae_score"] is None
    assert found["dci_informativeness"] < 0.5
