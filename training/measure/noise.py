"""How noisy gradients are, from draws of them: variances with intervals, and whether two means agree. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_SAMPLES = 256
MOST_OUTPUTS = 2048  # numbers that the encoder gives a batch: memory and time grow with their square


@dataclass(frozen=True)
class Variance:
    """Total variance of the mean of `samples` draws, a sum over parameters, and its 95 % interval."""

    samples: int
    groups: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Agreement:
    """Two estimators' mean gradients: cosine, length of their difference, and the length that noise alone gives it."""

    cosine: float
    difference: float
    standard_error: float


@dataclass(frozen=True)
class Noise:
    """What draws of the gradient show, by estimator.

    `curves`: rows of samples, variance, and its interval's low and high end, nats squared; `agreement` with the
    reparameterized mean: cosine, difference, standard error; `squared_length` of the mean gradient; `clamped` is the
    share of the batch's log-variances at the end of their range.
    """

    curves: dict[str, NDArray[np.float64]]
    agreement: dict[str, tuple[float, float, float]]
    squared_length: float
    clamped: float


def noise_of(found: Mapping[str, NDArray[np.float32]], clamped: float) -> Noise:
    """What draws (M, Q) by each estimator show, the reparameterized ones among them."""
    own = found["reparameterization"]
    curves = {
        name: np.array([[v.samples, v.value, v.low, v.high] for v in variance_curve(g, MOST_SAMPLES)])
        for name, g in found.items()
    }
    mean = own.mean(axis=0, dtype=np.float64)
    length = float(mean @ mean) - curves["reparameterization"][0, 1] / len(own)  # less what noise adds to it
    agreements = {name: astuple(agreement(own, g)) for name, g in found.items() if g is not own}
    return Noise(curves, agreements, max(length, 0.0), clamped)


def batch_size(images: int, outputs: int, asked: int) -> int:
    """How many images a batch has of the `images` there are, for so many numbers that the encoder gives each."""
    return min(asked, images, max(1, MOST_OUTPUTS // outputs))


def batch_rows(images: int, count: int, seed: int) -> NDArray[np.int64]:
    """Numbers of the images of a batch."""
    return np.random.default_rng(seed).choice(images, count, replace=False)


def variance(draws: NDArray[np.floating[Any]], samples: int) -> Variance:
    """Total variance of the mean of `samples` of the draws (M, Q), from M // samples groups of them.

    The interval is that of a scaled chi-square variable whose degrees of freedom match how much the groups' squared
    distances from their mean vary: exact neither for few groups nor for heavy tails, but right for both in most cases
    (tests/test_variance.py counts how often it holds).
    """
    from scipy.special import gammaincinv  # not scipy.stats, whose chi2.ppf it is: that takes a second to import

    groups = len(draws) // samples
    means = draws[: groups * samples].reshape(groups, samples, -1).mean(axis=1, dtype=np.float64)
    distances = ((means - means.mean(axis=0)) ** 2).sum(axis=1) * groups / (groups - 1)
    value = float(distances.mean())
    if not value:
        return Variance(samples, groups, 0.0, 0.0, 0.0)
    # A sum of groups - 1 squared Gaussians in one direction has the fewest degrees of freedom, in all Q the most.
    freedom = 2 * groups * value**2 / float(distances.var(ddof=1))
    freedom = float(np.clip(freedom, 1, (groups - 1) * draws.shape[1]))
    low, high = (value * freedom / (2 * gammaincinv(freedom / 2, share)) for share in (0.975, 0.025))
    return Variance(samples, groups, value, float(low), float(high))


def variance_curve(draws: NDArray[np.floating[Any]], most: int) -> list[Variance]:
    """The variance for 1, 2, 4, ... samples, up to `most` and as long as four groups are left."""
    counts = [2**k for k in range(most.bit_length()) if 2**k <= most and len(draws) >= 4 * 2**k]
    return [variance(draws, samples) for samples in counts]


def agreement(first: NDArray[np.floating[Any]], second: NDArray[np.floating[Any]]) -> Agreement:
    """Whether two estimators' draws (M, Q) from the same noise have the same mean."""
    mean_a, mean_b = (draws.mean(axis=0, dtype=np.float64) for draws in (first, second))
    apart = (first - second).astype(np.float64)
    error = np.sqrt(apart.var(axis=0, ddof=1).sum() / len(apart))
    lengths = np.linalg.norm(mean_a) * np.linalg.norm(mean_b)
    cosine = float(mean_a @ mean_b / lengths) if lengths else float("nan")
    return Agreement(cosine, float(np.linalg.norm(mean_a - mean_b)), float(error))
