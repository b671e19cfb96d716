"""Two-dimensional coordinates of latents with more than two dimensions, made once, at training time."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def project(mu: NDArray[np.float32], seed: int) -> dict[str, NDArray[Any]]:
    """PCA and UMAP of `mu` (N, D > 2), float32.

    `pca` (N, 2) with z = pca_mean + pca @ pca_components on its plane; `umap` (N, 2), which has no inverse.
    """
    from sklearn.decomposition import PCA
    from sklearn.neighbors import NearestNeighbors

    pca = PCA(n_components=2, random_state=seed)
    coordinates = pca.fit_transform(mu)
    with warnings.catch_warnings():  # umap-learn warns that a fixed seed means one thread
        warnings.simplefilter("ignore")
        from umap import UMAP

        count = min(15, len(mu) - 1)
        # Umap-learn's own search for them must be compiled first, which takes longer than all the rest.
        distances, indices = NearestNeighbors(n_neighbors=count).fit(mu).kneighbors(mu)
        umap = UMAP(
            n_neighbors=count, random_state=seed, n_jobs=1, init="pca", precomputed_knn=(indices, distances)
        ).fit_transform(mu)
    arrays = {"pca": coordinates, "pca_mean": pca.mean_, "pca_components": pca.components_, "umap": umap}
    return {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}
