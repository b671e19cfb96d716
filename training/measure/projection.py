"""Two-dimensional coordinates of latents with more than two dimensions, made once, at training time."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 20_000  # points that UMAP is fitted on: a minute


def pca_plane(mu: NDArray[np.float32], seed: int) -> dict[str, NDArray[Any]]:
    """The plane of the first two principal components of `mu` (N, D > 2), float32.

    `pca` (N, 2), `pca_mean` (D,) and `pca_components` (2, D), with z = pca_mean + pca @ pca_components on the plane.
    """
    from sklearn.decomposition import PCA

    pca = PCA(n_components=2, random_state=seed)
    with np.errstate(invalid="ignore"):  # no variance, of which it takes shares, where all codes are equal
        coordinates = pca.fit_transform(mu)
    arrays = {"pca": coordinates, "pca_mean": pca.mean_, "pca_components": pca.components_}
    return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}


def umap_map(mu: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Coordinates (N, 2) of `mu` (N, D) by UMAP, which has no inverse; all 0 where all codes are equal."""
    found = _umap(mu, seed) if np.ptp(mu, axis=0).any() else np.zeros((len(mu), 2))
    return np.ascontiguousarray(found, dtype=np.float32)


def _umap(mu: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Of more than 20,000 points it is fitted on so many; the others go to the weighted mean of their nearest three."""
    from sklearn.neighbors import NearestNeighbors

    if len(mu) > MOST:
        chosen = np.sort(np.random.default_rng(seed).permutation(len(mu))[:MOST])
        fitted = _umap(mu[chosen], seed)
        distances, indices = NearestNeighbors(n_neighbors=3).fit(mu[chosen]).kneighbors(mu)
        weight = 1 / np.maximum(distances, 1e-9)
        placed = (fitted[indices] * (weight / weight.sum(axis=1, keepdims=True))[:, :, None]).sum(axis=1)
        placed[chosen] = fitted
        return np.asarray(placed, np.float32)
    with warnings.catch_warnings():  # umap-learn warns that a fixed seed means one thread
        warnings.simplefilter("ignore")
        from umap import UMAP

        count = min(15, len(mu) - 1)
        # Umap-learn's own search for them must be compiled first, which takes longer than all the rest.
        distances, indices = NearestNeighbors(n_neighbors=count).fit(mu).kneighbors(mu)
        umap = UMAP(n_neighbors=count, random_state=seed, n_jobs=1, init="pca", precomputed_knn=(indices, distances))
        return np.asarray(umap.fit_transform(mu))
