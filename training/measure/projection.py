"""Two-dimensional coordinates of latents with more than two dimensions, made once, at training time."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from training.measure.neighbour_graph import neighbour_graph

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

MOST = 20_000  # points that UMAP is fitted on: a minute
EPOCHS = 200


def pca_plane(mu: NDArray[np.float32], seed: int) -> dict[str, NDArray[Any]]:
    """The plane of the first two principal components of `mu` (N, D > 2), float32; any through it if N = 1.

    `pca` (N, 2), `pca_mean` (D,) and `pca_components` (2, D), with z = pca_mean + pca @ pca_components on the plane.
    """
    from sklearn.decomposition import PCA

    pca = PCA(n_components=2, random_state=seed)
    with np.errstate(invalid="ignore"):  # no variance, of which it takes shares, where all codes are equal
        pca.fit(mu if len(mu) > 1 else mu.repeat(2, axis=0))
        coordinates = pca.transform(mu)
    arrays = {"pca": coordinates, "pca_mean": pca.mean_, "pca_components": pca.components_}
    return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}


def umap_map(mu: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Coordinates (N, 2) of `mu` (N, D) by UMAP, which has no inverse; all 0 where all codes are equal.

    Of fewer than three codes, whose neighbours say nothing, those of PCA.
    """
    if len(mu) < 3:
        return pca_plane(mu, seed)["pca"]
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
    count = min(15, len(mu) - 1)
    # Umap-learn's own search for them must be compiled first, which takes longer than all the rest.
    distances, indices = NearestNeighbors(n_neighbors=count).fit(mu).kneighbors(mu)
    return _laid_out(mu, neighbour_graph(indices, distances), seed)


def _laid_out(mu: NDArray[np.float32], graph: csr_matrix, seed: int) -> NDArray[np.float32]:
    """Coordinates (N, 2) in which points that `graph` joins are near, from PCA's, with UMAP's own defaults."""
    with warnings.catch_warnings():  # that another part of it, unused here, would need TensorFlow
        warnings.simplefilter("ignore")
        from umap.umap_ import find_ab_params, simplicial_set_embedding

    a, b = find_ab_params(spread=1.0, min_dist=0.1)
    found, _ = simplicial_set_embedding(
        data=mu,
        graph=graph,
        n_components=2,
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=EPOCHS,
        init="pca",
        random_state=np.random.RandomState(seed),
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
    )
    return np.asarray(found)
