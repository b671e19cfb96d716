"""The graph of nearest neighbours that UMAP lays out (McInnes, Healy and Melville, 2018, section 3.1), by NumPy alone.

Umap-learn compiles its own for nine seconds before it takes a tenth of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

STEPS = 64  # of the bisection
NEAR_ENOUGH = 1e-5  # of the sum of a point's weights to what it should be
LEAST_SHARE = 1e-3  # of the mean distance that a point's scale is at least


def neighbour_graph(indices: NDArray[np.integer[Any]], distances: NDArray[np.floating[Any]]) -> csr_matrix:
    """Symmetric weights in [0, 1], (N, N) float32, from the K nearest points of each, itself among them.

    `indices` and `distances`: (N, K), K > 1, nearest first. A weight is exp(-(distance - nearest) / scale), with the
    scale by which a point's weights sum to log2(K); of the two that a pair has, a + b - ab.
    """
    from scipy.sparse import coo_matrix

    count, neighbours = distances.shape
    apart = distances.astype(np.float64)
    nearest = np.where(apart > 0, apart, np.inf).min(axis=1)
    nearest[np.isinf(nearest)] = 0
    excess = np.maximum(apart - nearest[:, None], 0)
    scale = np.maximum(_scales(excess[:, 1:], np.log2(neighbours)), _least(apart, nearest))
    weights = np.exp(-excess / scale[:, None])
    weights[indices == np.arange(count)[:, None]] = 0
    rows = np.repeat(np.arange(count), neighbours)
    one_way = coo_matrix((weights.ravel().astype(np.float32), (rows, indices.ravel())), shape=(count, count)).tocsr()
    other_way = one_way.T
    both = (one_way + other_way - one_way.multiply(other_way)).tocsr()
    both.eliminate_zeros()
    return both


def _scales(excess: NDArray[np.float64], target: float) -> NDArray[np.float64]:
    """The scale (N,) by which exp(-excess / scale) sums to `target` over each row, as near as a bisection comes."""
    low, high = np.zeros(len(excess)), np.full(len(excess), np.inf)
    scale = np.ones(len(excess))
    for _ in range(STEPS):
        missing = target - np.exp(-excess / scale[:, None]).sum(axis=1)
        open_ = np.abs(missing) >= NEAR_ENOUGH
        if not open_.any():
            break
        high = np.where(open_ & (missing < 0), scale, high)
        low = np.where(open_ & (missing > 0), scale, low)
        middle = np.where(np.isinf(high), 2 * scale, (low + np.where(np.isinf(high), 0, high)) / 2)
        scale = np.where(open_, middle, scale)
    return scale


def _least(distances: NDArray[np.float64], nearest: NDArray[np.float64]) -> NDArray[np.float64]:
    own: NDArray[np.float64] = np.where(nearest > 0, distances.mean(axis=1), distances.mean())
    return np.multiply(LEAST_SHARE, own)
