"""Planes of more than two latent dimensions: PCA against NumPy's SVD, UMAP by who stays beside whom."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from training.measure.neighbour_graph import neighbour_graph
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


@pytest.mark.parametrize("case", ["spread", "twins", "far"])
def test_the_graph_is_umap_learn_s(codes: np.ndarray, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    with warnings.catch_warnings():  # it has no TensorFlow
        warnings.simplefilter("ignore")
        from umap import umap_
    for name in ("smooth_knn_dist", "compute_membership_strengths"):  # as they are written: compiled after 9 seconds
        monkeypatch.setattr(umap_, name, getattr(umap_, name).py_func)
    if case == "twins":
        codes = np.concatenate([codes[:40], np.repeat(codes[:1], 30, axis=0), codes[40:]])
    if case == "far":
        codes = np.concatenate([codes, codes[:5] + 1000])
    distances, indices = NearestNeighbors(n_neighbors=15).fit(codes).kneighbors(codes)
    theirs, *_ = umap_.fuzzy_simplicial_set(
        codes, 15, np.random.RandomState(0), "euclidean", knn_indices=indices, knn_dists=distances
    )
    ours = neighbour_graph(indices, distances)
    np.testing.assert_allclose(ours.toarray(), theirs.toarray(), atol=2e-4)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_few_codes_have_a_place(count: int) -> None:
    codes = np.random.default_rng(0).normal(size=(count, 5)).astype(np.float32)
    plane = pca_plane(codes, 0)
    np.testing.assert_allclose(plane["pca_components"] @ plane["pca_components"].T, np.eye(2), atol=1e-5)
    np.testing.assert_allclose(plane["pca"], (codes - plane["pca_mean"]) @ plane["pca_components"].T, atol=1e-5)
    found = umap_map(codes, 0)
    assert found.shape == (count, 2) and np.isfinite(found).all()


def test_codes_in_one_place_have_points_in_one_place() -> None:
    codes = np.ones((30, 3), np.float32)
    assert all(np.isfinite(array).all() for array in pca_plane(codes, 0).values())
    assert np.ptp(umap_map(codes, 0), axis=0).max() == 0
