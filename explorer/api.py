"""Runs in Python, for notebooks and scripts: open one, take its latents, and compute with its model.

    from explorer.api import interpolate, open_run
    run = open_run("checkpoints/mnist/elbo")

Everything is NumPy, in and out. Images x are (N, C, H, W) in [0, 1], codes z (N, D), log-densities in nats, an image
each. What does not fit is a ValueError of one line; a folder that breaks the format is a CheckpointError, which is one
too. torch is imported by the first question to the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from scipy.spatial import geometric_slerp

from training import checkpoint
from training.checkpoint import Config
from training.data.binarize import fixed_draw
from training.data.image_data import NO_LABEL, UNLABELLED

if TYPE_CHECKING:
    import pandas as pd
    import torch
    from numpy.typing import ArrayLike, NDArray

    from training.model.vae import VAE

    Floats = NDArray[np.float32]


class Posterior(NamedTuple):
    """q(z|x) of N images: `mu` (N, D), and `spread`.

    That is the standard deviations (N, D), or of a full covariance the Cholesky factor L (N, D, D) of
    Sigma = L L^T (Eq. 22); zeros for an autoencoder's code, which has no noise.
    """

    mu: Floats
    spread: Floats


class Samples(NamedTuple):
    """Codes `z` (N, D) of the prior and `images` (N, C, H, W), what they decode to: E[x|z]."""

    z: Floats
    images: Floats


def open_run(folder: str | Path) -> OpenRun:
    """The run in a checkpoint folder, as "checkpoints/mnist/elbo"; raises CheckpointError in one line."""
    return OpenRun(Path(folder), checkpoint.load_config(folder))


@dataclass(frozen=True)
class OpenRun:
    """A run that was opened; each method checks the files that it reads against their hashes.

    `y` is the class of each image, for a conditional run (`mnist/elbo-conditional`) alone: numbers (N,) of `classes`,
    or one for all.
    """

    folder: Path
    config: Config

    @property
    def latent_dim(self) -> int:
        """D."""
        return self.config.model.latent_dim

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        return self.config.model.image_shape

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes that `label` counts."""
        return tuple(self.config.dataset["classes"])

    def images(self) -> Floats:
        """The held-out images as the run takes them, (N, C, H, W) in [0, 1]: those of `latents`, in the same order."""
        file = self.folder.parent / checkpoint.GALLERY
        images = checkpoint.load_gallery(file, self.config.dataset["gallery_sha256"])["images"]
        seen = images if self.config.binarize == "none" else fixed_draw(images)
        return np.divide(seen, 255, dtype=np.float32)

    def latents(self) -> dict[str, NDArray[Any]]:
        """Arrays of the held-out images by name, all float32 but `label` (N,) int64.

        `mu` (N, D); `log_var` (N, D) or `scale_tril` (N, D, D), unless the code has no noise; `reconstruction` and `kl`
        (N,), in nats; for D > 2 `pca` (N, 2) and, once measured, `umap` (N, 2): docs/checkpoint-format.md.
        """
        return checkpoint.load_latents(self.folder, self.config)

    def frame(self) -> pd.DataFrame:
        """The same as a table, one row an image, with the columns of the CSV file that the Explore page downloads.

        `label` (the class's name, missing where there is none), `z1` to `zD` (mu), `reconstruction` and `kl` (nats),
        and whatever is known of the images besides.
        """
        import pandas as pd

        latents = self.latents()
        names = [None if name in (NO_LABEL, UNLABELLED) else name for name in self.classes]
        table: dict[str, Any] = {"label": np.array(names, object)[latents["label"]]}
        table |= {f"z{d + 1}": column for d, column in enumerate(latents["mu"].T)}
        table |= {name: latents[name] for name in ("reconstruction", "kl") if name in latents}
        for name, column in checkpoint.load_columns(self.folder, self.config).items():
            table[name] = (
                column.values
                if column.categories is None
                else pd.Categorical.from_codes(column.values, list(column.categories))
            )
        return pd.DataFrame(table).rename_axis(index="index")

    def encode(self, x: ArrayLike, y: ArrayLike | None = None) -> Posterior:
        """q(z|x) of images x (N, C, H, W) in [0, 1]."""
        import torch

        from training.model.posterior import is_full

        images = self._pixels(x)
        with torch.no_grad():
            mu, spread = self._model.encode(images, self._class(y, len(images)))
        return Posterior(mu.numpy(), (spread if is_full(mu, spread) else torch.exp(0.5 * spread)).numpy())

    def decode(self, z: ArrayLike, y: ArrayLike | None = None) -> Floats:
        """E[x|z] of codes z (N, D): images (N, C, H, W) in [0, 1]."""
        import torch

        codes = torch.from_numpy(_array("z", z, (self.latent_dim,)))
        with torch.no_grad():
            found: Floats = self._model.image(codes, self._class(y, len(codes))).numpy()
        return found

    def log_evidence(self, x: ArrayLike, y: ArrayLike | None = None, draws: int | None = None) -> NDArray[np.float64]:
        """log p(x), or log p(x|y), of images x (N, C, H, W) in [0, 1]: (N,), in nats.

        By numerical integration over z (Eq. 4), for D = 1 or 2, to 0.003 nats. With `draws` K it is the
        importance-weighted bound instead (Burda et al., 2016), in the mean at most log p(x), for every D. Of grey
        pixels a Bernoulli likelihood is a cross-entropy, and neither is a log-probability.
        """
        from training.measure.bounds import importance_weighted_bounds
        from training.measure.evaluation import by_class
        from training.measure.evidence import log_evidence
        from training.model.posterior import standard_deviations

        noisy = self.config.model.posterior != "deterministic"
        if draws is not None and not (draws >= 1 and noisy):
            raise ValueError(f"draws={draws}: expected at least 1, of a run whose code has noise")
        if draws is None and self.latent_dim > 2:
            raise ValueError(f"log p(x) is integrated for D = 1 or 2, this run has {self.latent_dim}: give draws=5000")

        def measure(model: VAE, some: torch.Tensor) -> torch.Tensor:
            if draws is not None:
                return importance_weighted_bounds(model, some, draws, seed=0)
            mu, spread = model.encode(some)
            return log_evidence(model, some, mu, standard_deviations(mu, spread)).log_evidence

        import torch

        images = self._pixels(x)
        with torch.no_grad():
            found: NDArray[np.float64] = by_class(self._model, self._class(y, len(images)), images, measure).numpy()
        return found

    def sample(self, count: int, y: ArrayLike | None = None, seed: int = 0) -> Samples:
        """Images of the model itself: z of the prior, N(0, I) or the run's learned one, and E[x|z]."""
        if count < 1:
            raise ValueError(f"count={count}: expected at least 1")
        z = self._model.draw_prior(count, seed).numpy()
        return Samples(z, self.decode(z, y))

    @cached_property
    def _model(self) -> VAE:
        return checkpoint.load_model(self.folder, self.config)

    def _pixels(self, x: ArrayLike) -> torch.Tensor:
        import torch

        images = _array("x", x, self.image_shape)
        if images.size and not (images.min() >= 0 and images.max() <= 1):
            raise ValueError(f"x: from {images.min():g} to {images.max():g}, expected pixels in [0, 1]")
        return torch.from_numpy(images)

    def _class(self, y: ArrayLike | None, count: int) -> torch.Tensor | None:
        """The classes (N, K), one-hot."""
        classes = self.config.model.condition
        if (y is None) == bool(classes):
            raise ValueError("y: this run is conditional, give it classes" if classes else "y: this run takes no class")
        if y is None:
            return None
        labels = np.asarray(y)
        if labels.shape not in ((), (count,)) or labels.dtype.kind not in "iu":
            raise ValueError(f"y: {labels.dtype} {labels.shape}, expected whole numbers ({count},), or one")
        if labels.size and not (labels.min() >= 0 and labels.max() < classes):
            raise ValueError(f"y: from {labels.min()} to {labels.max()}, expected numbers from 0 to {classes - 1}")
        return self._model.classes_of(np.broadcast_to(labels, (count,)).astype(np.int64))


def interpolate(
    start: ArrayLike, end: ArrayLike, steps: int = 11, path: Literal["straight", "spherical"] = "straight"
) -> Floats:
    """Codes z (steps, D) evenly spaced from `start` (D,) to `end` (D,), both of them among these.

    "spherical" turns from one direction to the other at an even pace (Shoemake, 1985) while the distance from the
    origin changes evenly, as on the Interpolate page: where most of a Gaussian lies if D is large.
    """
    first, last = (np.asarray(one, np.float64) for one in (start, end))
    if first.ndim != 1 or first.shape != last.shape or not (np.isfinite(first).all() and np.isfinite(last).all()):
        raise ValueError(f"start {first.shape}, end {last.shape}: expected two finite codes (D,)")
    if steps < 2:
        raise ValueError(f"steps={steps}: expected at least 2")
    marks = np.linspace(0, 1, steps)
    radii = np.linalg.norm([first, last], axis=1)
    if path == "straight" or len(first) < 2 or not radii.all():
        return (first + marks[:, None] * (last - first)).astype(np.float32)
    if path != "spherical":
        raise ValueError(f"path={path!r}: expected 'straight' or 'spherical'")
    u, v = first / radii[0], last / radii[1]
    if np.linalg.norm(u + v) < 1e-6:
        raise ValueError("start and end lie opposite each other: no one arc leads from one to the other")
    length = radii[0] + marks * (radii[1] - radii[0])
    found: Floats = (length[:, None] * geometric_slerp(u, v, marks)).astype(np.float32)
    return found


def _array(name: str, value: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Finite numbers (N, *shape), float32."""
    array: Floats = np.array(value, np.float32)
    if array.ndim != 1 + len(shape) or array.shape[1:] != shape:
        raise ValueError(f"{name}: shape {array.shape}, expected (N, {', '.join(map(str, shape))})")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: holds numbers that are not finite")
    return array
