"""Two gradient estimators on a problem whose answer is known: q(z) = N(mu, sigma^2 I), f(z) = sum_d (z_d - c)^2 / 2.

Both estimate the gradient of E_q[f] by mu, which is delta = mu - c in each of the D dimensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from training.measure.noise import Variance, variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

DELTA, SIGMA = 1.0, 1.0
DIMENSIONS = (1, 2, 5, 10, 20, 50, 100)
DRAWS = 4000
SEED = 0


def exact_variance(
    dim: NDArray[np.float64], delta: float = DELTA, sigma: float = SIGMA
) -> dict[str, NDArray[np.float64]]:
    """Variance of the one-sample gradient by one mu_d, the same for every d, for each dimension of `dim` (K,).

    Reparameterized (Eq. 26): z_d - c has variance sigma^2. Score function (Eq. 20): (f - b) (z_d - mu_d) / sigma^2,
    with b = 0 (`none`) or b = E_q[f] (`expected`). With u = (z_d - c)^2 / 2 and epsilon = (z_d - mu_d) / sigma, the
    other dimensions' f is independent of epsilon and has mean (D - 1) E[u] and variance (D - 1) Var[u].
    """
    mean = (delta**2 + sigma**2) / 2  # E[u]
    spread = delta**2 * sigma**2 + sigma**4 / 2  # Var[u]
    first = (delta**2 + 3 * sigma**2) / 2  # E[u epsilon^2]
    second = (delta**4 + 18 * delta**2 * sigma**2 + 15 * sigma**4) / 4  # E[u^2 epsilon^2]

    def score(baseline: NDArray[np.float64]) -> NDArray[np.float64]:
        rest = (dim - 1) * mean - baseline
        return np.asarray((second + 2 * rest * first + (dim - 1) * spread + rest**2) / sigma**2 - delta**2)

    return {
        "reparameterization": np.full(dim.shape, sigma**2),
        "none": score(np.zeros_like(dim)),
        "expected": score(dim * mean),
    }


def measured_variance(
    dim: int, delta: float = DELTA, sigma: float = SIGMA, draws: int = DRAWS, seed: int = SEED
) -> dict[str, Variance]:
    """The total over the D dimensions of the same, from `draws` draws of z."""
    epsilon = np.random.default_rng(seed).standard_normal((draws, dim))
    away = delta + sigma * epsilon  # z - c
    f = (away**2).sum(axis=1, keepdims=True) / 2
    score = epsilon / sigma
    gradients: dict[str, NDArray[Any]] = {
        "reparameterization": away,
        "none": f * score,
        "expected": (f - dim * (delta**2 + sigma**2) / 2) * score,
    }
    return {name: variance(found, 1) for name, found in gradients.items()}
