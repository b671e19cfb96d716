"""Planes of more than two latent dimensions: PCA against NumPy's SVD, UMAP by who stays beside whom."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from training.measure.projection import pca_plane, umap_map


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    generator = np.random.default_rng(5)
    return np.concatenate([generator.normal(shift, 0.3, (60, 4)) for shift in (-2, 0, 2)]).astype(np.float32)


def test_pca_is_numpy_s_and_its_plane_goes_back(codes: np.ndarray) -> None:
    found = pca_plane(codes, 0)
    mean, basis = found["pca_mean"], found["pca_components"]
    _, _, axes = np.linalg.svd(codes - codes.mean(0), full_matrices=False)
    np.testing.assert_allclose(np.abs((basis * axes[:2]).sum(1)), 1, atol=1e-5)
    np.testing.assert_allclose((mean + found["pca"] @ basis - mean) @ basis.T, found["pca"], atol=1e-5)


def test_umap_keeps_neighbours_and_its_seed(codes: np.ndarray) -> None:
    found = umap_map(codes, 0)
    assert trustworthiness(codes, found, n_neighbors=10) > 0.9
    assert np.array_equal(found, umap_map(codes, 0))


def test_codes_in_one_place_have_points_in_one_place() -> None:
    codes = np.ones((30, 3), np.float32)
    assert all(np.isfinite(array).all() for array in pca_plane(codes, 0).values())
    assert np.ptp(umap_map(codes, 0), axis=0).max() == 0
