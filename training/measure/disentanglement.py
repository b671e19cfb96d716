"""How far each latent dimension follows one factor of the data, and each factor one dimension: four published scores.

All are of the posterior means of the held-out images, and of factors that are known for each of these. A factor with
more values than BINS is cut into that many intervals of equal width where its values are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from training.measure.definitions import (
    ACTIVE_VARIANCE,
    BINS,
    FACTOR_SEED,
    FOREST_TREES,
    VOTE_IMAGES,
    VOTES,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.columns import Columns

    Means = NDArray[np.floating[Any]]
    Codes = NDArray[np.int64]
    Table = NDArray[np.float64]

LEAST_IMAGES = 100  # fewer say nothing
MOST_AT_SPLIT = 64  # dimensions that a forest looks at for a split


@dataclass(frozen=True)
class Factor:
    """One factor of N images: `name`; `code` (N,) int64 from 0; `value` (N,) numbers in order, None for categories."""

    name: str
    code: Codes
    value: Table | None = None


def factors_of(columns: Columns) -> list[Factor]:
    """The columns that are factors: known for every image, at least LEAST_IMAGES of them, and not the same for all."""
    found = []
    for name, column in columns.items():
        missing = np.isnan(column.values) if column.categories is None else column.values < 0
        different, code = np.unique(column.values, return_inverse=True)
        if missing.any() or len(column) < LEAST_IMAGES or len(different) < 2:
            continue
        found.append(Factor(name, code) if column.categories else number_factor(name, column.values))
    return found


def number_factor(name: str, value: NDArray[np.floating[Any]]) -> Factor:
    """A factor that is a number: its values as they are, or in BINS intervals if they are more."""
    different, code = np.unique(value, return_inverse=True)
    return Factor(name, code if len(different) <= BINS else intervals(value), value.astype(np.float64))


def disentanglement(mu: Means, factors: Sequence[Factor]) -> dict[str, Any]:
    """The part of metrics.json that needs factors, rounded to four digits; empty without any.

    `mu` (N, D). `mutual_information_gap`, `dci_disentanglement`, `dci_completeness`, `dci_informativeness`,
    `attribute_predictability` and `factor_vae_score` as training/measure/definitions.py says; `factors`, their names;
    `factor_information` (D, F), each dimension's mutual information with each factor as a share of the factor's
    entropy.
    """
    if not factors:
        return {}
    shares = information_shares(mu, factors)
    d, c, i = dci(mu, factors)
    scores = {
        "mutual_information_gap": mutual_information_gap(shares),
        "dci_disentanglement": d,
        "dci_completeness": c,
        "dci_informativeness": i,
        "attribute_predictability": attribute_predictability(mu, factors),
        "factor_vae_score": factor_vae_score(mu, factors),
    }
    return {
        **{name: None if score is None else round(float(score), 4) + 0.0 for name, score in scores.items()},
        "factors": [factor.name for factor in factors],
        "factor_information": [[round(float(share), 4) + 0.0 for share in row] for row in shares],
    }


def intervals(values: NDArray[np.floating[Any]]) -> Codes:
    """Which of BINS intervals of equal width, from the least to the greatest, each value is in; (N,) int64."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.zeros(len(values), np.int64)
    return np.asarray(np.minimum((values - low) / (high - low) * BINS, BINS - 1).astype(np.int64))


def information_shares(mu: Means, factors: Sequence[Factor]) -> Table:
    """I(z_d; v_k) / H(v_k) in [0, 1], (D, F): z_d in BINS intervals of equal width."""
    binned = [intervals(column) for column in mu.T.astype(np.float64)]
    return np.array([[_information(z, factor.code) / _entropy(factor.code) for factor in factors] for z in binned])


def _information(a: Codes, b: Codes) -> float:
    """Mutual information in nats of two codes (N,)."""
    joint = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(joint, (a, b), 1 / len(a))
    outer = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0
    return max(0.0, float((joint[seen] * np.log(joint[seen] / outer[seen])).sum()))


def _entropy(code: Codes) -> float:
    share = np.bincount(code) / len(code)
    return -float((share[share > 0] * np.log(share[share > 0])).sum())


def mutual_information_gap(shares: Table) -> float | None:
    """MIG: what the dimension that knows most of a factor knows more than the next one, mean over factors.

    `shares` (D, F) of `information_shares`. None for a single dimension.
    """
    return _gap(shares)


def _gap(table: Table) -> float | None:
    if len(table) < 2:
        return None
    ordered = np.sort(table, axis=0)
    return float((ordered[-1] - ordered[-2]).mean())


def dci(mu: Means, factors: Sequence[Factor]) -> tuple[float, float, float]:
    """Disentanglement, completeness and informativeness, each in [0, 1].

    A random forest tells each factor from the means; the importances of the dimensions, (D, F), say which follows
    which. Trained on three quarters of the images; informativeness is its accuracy on the rest.
    """
    from sklearn.ensemble import RandomForestClassifier

    train, test = _parts(len(mu))
    importances, accuracies = [], []
    for factor in factors:
        # Each split looks at all dimensions, as far as time allows: one that knows nothing is not taken for want of
        # another.
        forest = RandomForestClassifier(
            FOREST_TREES, max_features=min(mu.shape[1], MOST_AT_SPLIT), min_samples_leaf=5, random_state=FACTOR_SEED
        )
        forest.fit(mu[train], factor.code[train])
        importances.append(forest.feature_importances_)
        accuracies.append(forest.score(mu[test], factor.code[test]))
    table = np.array(importances).T
    return dimension_purity(table), dimension_purity(table.T), float(np.mean(accuracies))


def dimension_purity(importance: Table) -> float:
    """1 - the entropy of each row of (R, C) by base C, weighted by the row's share of all importance.

    Of dimensions by factors it is DCI's disentanglement; of factors by dimensions its completeness.
    """
    columns = importance.shape[1]
    total = importance.sum()
    if columns < 2 or not total:
        return float(total > 0)
    rows = importance.sum(axis=1, keepdims=True)
    share = np.divide(importance, rows, out=np.full_like(importance, 1 / columns), where=rows > 0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    purity = 1 + (share * logs).sum(axis=1) / np.log(columns)
    return float((purity * rows[:, 0] / total).sum())


def attribute_predictability(mu: Means, factors: Sequence[Factor]) -> float | None:
    """SAP: how much better the best single dimension predicts a factor than the next, mean over factors.

    The prediction's score is R^2 of a straight line for a number, and for categories the balanced accuracy, on the
    images left out, of thresholds on that dimension. None for a single dimension.
    """
    return _gap(predictabilities(mu, factors))


def predictabilities(mu: Means, factors: Sequence[Factor]) -> Table:
    """The scores (D, F) of `attribute_predictability`."""
    return np.array([[_predictability(column, factor) for factor in factors] for column in mu.T.astype(np.float64)])


def _predictability(z: Table, factor: Factor) -> float:
    if factor.value is not None:
        if z.std() < 1e-12:
            return 0.0
        return float(np.corrcoef(z, factor.value)[0, 1] ** 2)
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.tree import DecisionTreeClassifier

    train, test = _parts(len(z))
    leaves = max(2, int(factor.code.max()) + 1)
    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, class_weight="balanced", random_state=FACTOR_SEED)
    tree.fit(z[train, None], factor.code[train])
    return float(balanced_accuracy_score(factor.code[test], tree.predict(z[test, None])))


def factor_vae_score(mu: Means, factors: Sequence[Factor]) -> float | None:
    """FactorVAE score: how often the dimension that varies least among images alike in one factor names that factor.

    A vote: a random factor, the value that a random image has of it, VOTE_IMAGES images with that value; the dimension
    whose variance, as a share of its variance over all images, is least. Each dimension stands for the factor that it
    was voted for most in the first VOTES; the score is the share of as many others that are right. Inactive dimensions
    are left out; None if all are inactive.
    """
    variance = mu.astype(np.float64).var(axis=0)
    active = np.flatnonzero(variance > ACTIVE_VARIANCE)
    if not len(active):
        return None
    scaled = mu[:, active] / np.sqrt(variance[active])
    generator = np.random.default_rng(FACTOR_SEED)
    like = [[np.flatnonzero(factor.code == code) for code in range(factor.code.max() + 1)] for factor in factors]
    votes = np.zeros((2 * VOTES, 2), np.int64)
    for vote in votes:
        factor = int(generator.integers(len(factors)))
        alike = like[factor][factors[factor].code[generator.integers(len(mu))]]
        chosen = generator.choice(alike, VOTE_IMAGES)
        vote[:] = scaled[chosen].var(axis=0).argmin(), factor
    counts = np.zeros((len(active), len(factors)), np.int64)
    np.add.at(counts, tuple(votes[:VOTES].T), 1)
    named = counts.argmax(axis=1)
    return float((named[votes[VOTES:, 0]] == votes[VOTES:, 1]).mean())


def _parts(count: int) -> tuple[Codes, Codes]:
    """Three quarters of the images by a fixed shuffle, and the rest."""
    order = np.random.default_rng(FACTOR_SEED).permutation(count)
    return order[: 3 * count // 4], order[3 * count // 4 :]
