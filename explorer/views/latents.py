"""The latent space of a run for the browser to draw: points and posterior ellipses on a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def plane_arrays(latents: dict[str, NDArray[Any]], spread: NDArray[np.float64] | None) -> dict[str, NDArray[Any]]:
    """What the plane needs of a run's N latents in D dimensions, float32 unless said otherwise.

    `xy` (N, 2) points; `origin` (D,) and `basis` (2, D) with z = origin + xy @ basis (D = 1: z across, nothing up;
    D = 2: the identity; D > 2: the plane of the first two principal components); `mu` (N, D); `label` (N,) int32;
    with a decoder `reconstruction` (N,) in nats. For a Gaussian posterior, whose `spread` is as `checkpoint.spread`
    gives it, also `kl` (N,) in nats, `width` (N,), the D-th root of det L, and `cov` (N, 3): the entries xx, xy, yy of
    its covariance on the plane. For D > 2 also what other planes need: `umap` (N, 2), once it is fitted, and the
    `spread` itself.
    """
    mu = latents["mu"]
    dim = mu.shape[1]
    if dim == 1:
        xy, origin, basis = np.hstack([mu, np.zeros_like(mu)]), np.zeros(1), np.array([[1.0], [0.0]])
    elif dim == 2:
        xy, origin, basis = mu, np.zeros(2), np.eye(2)
    else:
        xy, origin, basis = latents["pca"], latents["pca_mean"], latents["pca_components"]
    arrays = {"xy": xy, "origin": origin, "basis": basis, "mu": mu}
    if "reconstruction" in latents:
        arrays["reconstruction"] = latents["reconstruction"]
    if spread is not None:
        if diagonal := spread.ndim == 2:
            xx, xy_, yy = (spread**2 @ (basis[a] * basis[b]) for a, b in ((0, 0), (0, 1), (1, 1)))
        else:
            projected = basis @ spread
            xx, xy_, _, yy = (projected @ projected.transpose(0, 2, 1)).reshape(-1, 4).T
        arrays["kl"] = latents["kl"]
        scales = spread if diagonal else np.diagonal(spread, axis1=1, axis2=2)
        arrays["width"] = np.exp(np.log(scales).mean(axis=1))
        arrays["cov"] = np.stack([xx, xy_, yy], axis=1)
    if dim > 2:
        if "umap" in latents:
            arrays["umap"] = latents["umap"]
        if spread is not None:
            arrays["spread"] = spread
    arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}
    return {**arrays, "label": np.ascontiguousarray(latents["label"], dtype=np.int32)}


def trajectory_arrays(trajectory: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What the page needs of a run's T saved epochs: `epoch` (T,) int32 and `mu` (T, N, D) float32."""
    return {"epoch": trajectory["epoch"].astype(np.int32), "mu": np.ascontiguousarray(trajectory["mu"], np.float32)}
