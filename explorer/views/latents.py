"""The latent space of a run for the browser to draw: points and posterior ellipses on a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def plane_arrays(latents: dict[str, NDArray[Any]], scale_tril: NDArray[np.float64] | None) -> dict[str, NDArray[Any]]:
    """What the plane needs of a run's N latents in D >= 2 dimensions, float32 unless said otherwise.

    `xy` (N, 2) points; `origin` (D,) and `basis` (2, D) with z = origin + xy @ basis (the identity for D = 2, the
    plane of the first two principal components for D > 2); `mu` (N, D); `label` (N,) int32; with a decoder
    `reconstruction` (N,) in nats. For a Gaussian posterior, with Cholesky factors `scale_tril` (N, D, D), also `kl`
    (N,) in nats, `width` (N,), the D-th root of det L, and `cov` (N, 3): the entries xx, xy, yy of its covariance on
    the plane. For D > 2 also what other planes need: `umap` (N, 2), and of a Gaussian posterior `spread`: its standard
    deviations (N, D), or its Cholesky factors (N, D, D) where they are not diagonal. Raises ValueError for D < 2.
    """
    mu = latents["mu"]
    dim = mu.shape[1]
    if dim < 2:
        raise ValueError("the plane needs at least two latent dimensions")
    if dim == 2:
        xy, origin, basis = mu, np.zeros(2), np.eye(2)
    else:
        xy, origin, basis = latents["pca"], latents["pca_mean"], latents["pca_components"]
    arrays = {"xy": xy, "origin": origin, "basis": basis, "mu": mu}
    if "reconstruction" in latents:
        arrays["reconstruction"] = latents["reconstruction"]
    if scale_tril is not None:
        projected = basis @ scale_tril
        xx, xy_, _, yy = (projected @ projected.transpose(0, 2, 1)).reshape(-1, 4).T
        arrays["kl"] = latents["kl"]
        arrays["width"] = np.exp(np.log(np.diagonal(scale_tril, axis1=1, axis2=2)).mean(axis=1))
        arrays["cov"] = np.stack([xx, xy_, yy], axis=1)
    if dim > 2:
        arrays["umap"] = latents["umap"]
        if scale_tril is not None:
            full = "scale_tril" in latents
            arrays["spread"] = scale_tril if full else np.diagonal(scale_tril, axis1=1, axis2=2)
    arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}
    return {**arrays, "label": np.ascontiguousarray(latents["label"], dtype=np.int32)}
