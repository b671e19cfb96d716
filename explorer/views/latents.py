"""The latent space of a run as the browser draws it: points and posterior ellipses on a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def plane_arrays(latents: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What the plane needs of a run's N latents in D >= 2 dimensions, float32 unless said otherwise.

    `xy` (N, 2) points; `origin` (D,) and `basis` (2, D) with z = origin + xy @ basis (the identity for D = 2, the
    plane of the first two principal components for D > 2); `mu` (N, D); `label` (N,) int32; `reconstruction` (N,) in
    nats. For a Gaussian posterior also `kl` (N,) in nats, `width` (N,), the geometric mean of its D standard
    deviations, and `cov` (N, 3): the entries xx, xy, yy of its covariance on the plane.
    Raises ValueError for D < 2.
    """
    mu = latents["mu"]
    dim = mu.shape[1]
    if dim < 2:
        raise ValueError("the plane needs at least two latent dimensions")
    if dim == 2:
        xy, origin, basis = mu, np.zeros(2), np.eye(2)
    else:
        xy, origin, basis = latents["pca"], latents["pca_mean"], latents["pca_components"]
    arrays = {"xy": xy, "origin": origin, "basis": basis, "mu": mu, "reconstruction": latents["reconstruction"]}
    if "log_var" in latents:
        variance = np.exp(latents["log_var"].astype(np.float64))
        first, second = basis
        arrays["kl"] = latents["kl"]
        arrays["width"] = np.exp(0.5 * latents["log_var"].mean(axis=1))
        arrays["cov"] = np.stack(
            [variance @ (first * first), variance @ (first * second), variance @ second**2], axis=1
        )
    arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}
    return {**arrays, "label": np.ascontiguousarray(latents["label"], dtype=np.int32)}
