"""The metrics of a finished run that take seconds: its loss terms on test images, what its latent space is like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training import checkpoint
from training.classifier_folder import is_classifier
from training.data.datasets import Split
from training.errors import UserError
from training.measure.classifier import Classifier, classify, load_classifier
from training.measure.definitions import (
    ACTIVE_VARIANCE,
    ALL_DEFINITIONS,
    COLLAPSED_KL,
    NEIGHBOURS,
    PRIOR_DRAWS,
    RECOGNISED,
    RECOGNISED_CLASS,
)
from training.measure.evaluation import SAMPLES, SEED, decode_all, terms_of
from training.model.vae import VAE

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 256  # draws at once: a block times all images fits in memory


def final_metrics(model: VAE, test: Split, latents: dict[str, NDArray[Any]], classifier: Path) -> dict[str, Any]:
    """The part of metrics.json that takes seconds, with definitions, sample sizes and seed.

    `latents`: arrays of latents.safetensors; `classifier`: folder of the data set's classifier, if there is one.
    Raises UserError for a classifier that cannot be read or is for other images.
    """
    device = next(model.parameters()).device
    terms = terms_of(model, torch.from_numpy(test.images).to(device), model.classes_of(test.labels))
    terms_in_nats = {
        "reconstruction": terms.reconstruction.cpu().double().mean().item(),
        "kl": terms.kl.cpu().double().mean().item(),
        "elbo": terms.elbo.cpu().double().mean().item(),
    }
    judge = judge_of(classifier, model)
    factor = checkpoint.scale_tril(latents)
    shares = {
        "prior_coverage": None if factor is None else prior_coverage(latents["mu"], factor),
        "prior_coverage_ceiling": None if factor is None else coverage_ceiling(factor),
        "neighbour_accuracy": neighbour_accuracy(latents["mu"], latents["label"]),
        **recognition(model, judge[0] if judge else None, test.images),
    }
    return {
        **{name: round(value, 4) + 0.0 if np.isfinite(value) else None for name, value in terms_in_nats.items()},
        **{name: None if share is None else round(share, 4) for name, share in shares.items()},
        "unit": "nats per image",
        "split": "test",
        "images": len(test),
        "samples": SAMPLES,
        "held_out_images": len(latents["label"]),
        "prior_draws": PRIOR_DRAWS,
        "neighbours": NEIGHBOURS,
        "classifier_sha256": judge[1]["sha256"] if judge else None,
        "seed": SEED,
        **units(latents["mu"], factor, terms_in_nats["kl"]),
        "definitions": ALL_DEFINITIONS,
    }


def prior_coverage(
    mu: NDArray[np.floating[Any]], scale_tril: NDArray[np.float64], draws: int = PRIOR_DRAWS, seed: int = SEED
) -> float:
    """Overlap in [0, 1] of q(z) = mean_i N(z; mu_i, L_i L_i^T) with the prior N(0, I).

    The integral of min(q(z), p(z)) dz = E_p[min(1, q(z) / p(z))], a mean over `draws` of the prior. `mu` (N, D),
    `scale_tril` (N, D, D). Its standard error is at most 0.5 / sqrt(draws), 0.008 for the default.
    """
    means, whitening = mu.astype(np.float64), np.linalg.inv(scale_tril.astype(np.float64))
    z = np.random.default_rng(seed).standard_normal((draws, means.shape[1]))
    log_ratio = np.concatenate(
        [_log_ratio(block, means, whitening) for block in np.split(z, range(BLOCK, draws, BLOCK))]
    )
    return float(np.exp(np.minimum(log_ratio, 0)).mean())


def coverage_ceiling(scale_tril: NDArray[np.float64], draws: int = PRIOR_DRAWS, seed: int = SEED) -> float:
    """The prior coverage of a perfect aggregate posterior of N Gaussians with these covariances L L^T, in [0, 1].

    `scale_tril` (N, D, D). Each mean is drawn from N(0, I - L L^T), so that q(z) is the prior but for the N being few;
    of a covariance that is wider than the prior's, as far as it is not.
    """
    variance, axes = np.linalg.eigh(np.eye(scale_tril.shape[-1]) - scale_tril @ scale_tril.transpose(0, 2, 1))
    noise = np.random.default_rng(seed + 1).standard_normal(variance.shape)
    means = np.einsum("nij,nj->ni", axes, np.sqrt(variance.clip(0)) * noise)
    return prior_coverage(means, scale_tril, draws, seed)


def _log_ratio(
    z: NDArray[np.float64], means: NDArray[np.float64], whitening: NDArray[np.float64]
) -> NDArray[np.float64]:
    """log q(z) - log p(z) at points (M, D); the constants of both Gaussians cancel."""
    squares = np.zeros((len(z), len(means)))
    for d in range(means.shape[1]):
        whitened = np.zeros_like(squares)
        for e in range(d + 1):
            if whitening[:, d, e].any():
                whitened += whitening[:, d, e] * (z[:, e, None] - means[:, e])
        squares += whitened**2
    exponents = -0.5 * squares + np.log(np.diagonal(whitening, axis1=1, axis2=2)).sum(axis=1)
    highest = exponents.max(axis=1)
    log_q = highest + np.log(np.exp(exponents - highest[:, None]).mean(axis=1))
    return np.asarray(log_q + 0.5 * (z * z).sum(axis=1))


def neighbour_accuracy(
    mu: NDArray[np.floating[Any]], label: NDArray[np.integer[Any]], neighbours: int = NEIGHBOURS
) -> float | None:
    """Share of N points whose label is the commonest (of equals, the smallest) among their nearest others.

    `mu` (N, D), `label` (N,). None for fewer points than neighbours, and for a single label.
    """
    if len(label) <= neighbours or (label == label[0]).all():
        return None
    from sklearn.neighbors import NearestNeighbors

    # Asked about no points, it answers for its own, each without itself.
    near = NearestNeighbors(n_neighbors=neighbours).fit(mu).kneighbors(return_distance=False)
    votes = (label[near][:, :, None] == np.arange(label.max() + 1)).sum(axis=1)
    return float((votes.argmax(axis=1) == label).mean())


def recognition(model: VAE, judge: Classifier | None, images: NDArray[np.uint8]) -> dict[str, float | int | None]:
    """What a judge recognises of images decoded at draws of the prior and of real ones, (N, C, H, W)."""
    if not judge:
        return dict.fromkeys(("recognisable", "recognisable_images", "recognised_classes"))
    sampled = sample_probabilities(model, judge)
    real = classify(judge, torch.from_numpy(images).to(next(judge.parameters()).device))
    return {
        "recognisable": recognised_share(sampled),
        "recognisable_images": recognised_share(real),
        "recognised_classes": recognised_classes(sampled),
    }


def recognised_share(probabilities: NDArray[np.float32]) -> float:
    """Share of the images in which one class, of (N, K + 1) whose last is none of them, has at least 50 %."""
    return float((probabilities[:, :-1].max(axis=1) >= RECOGNISED).mean())


def recognised_classes(probabilities: NDArray[np.float32]) -> int:
    """How many classes are each seen, with at least 50 %, in 1 % of the images or more."""
    seen = (probabilities[:, :-1] >= RECOGNISED).mean(axis=0)
    return int((seen >= RECOGNISED_CLASS).sum())


@torch.no_grad()
def sample_probabilities(
    model: VAE, judge: Classifier, draws: int = PRIOR_DRAWS, seed: int = SEED
) -> NDArray[np.float32]:
    """What the judge sees, (draws, K + 1), in images decoded at draws of the prior.

    A conditional model is given each class in turn.
    """
    device = next(model.parameters()).device
    z = torch.randn(draws, model.spec.latent_dim, generator=torch.Generator().manual_seed(seed)).to(device)
    images = decode_all(model, z, model.classes_of(torch.arange(draws) % max(1, model.spec.condition)))
    return np.concatenate([classify(judge.to(device), part.clamp(0, 1)) for part in images])


def units(
    mu: NDArray[np.floating[Any]], scale_tril: NDArray[np.float64] | None, kl: float
) -> dict[str, list[float] | int | bool | None]:
    """Which latent dimensions a run uses: `kl_per_dimension` in nats, `active_units`, and whether it has `collapsed`.

    `mu` (N, D), `scale_tril` (N, D, D) or None for a deterministic code; `kl` in nats, of all dimensions together.
    """
    means = mu.astype(np.float64)
    active = int((means.var(axis=0) > ACTIVE_VARIANCE).sum())
    per_dimension = None
    if scale_tril is not None:
        variance = (scale_tril**2).sum(axis=2)
        nats = 0.5 * (means**2 + variance - 1 - np.log(variance)).mean(axis=0)
        per_dimension = [round(float(value), 4) + 0.0 for value in nats]
    return {
        "kl_per_dimension": per_dimension,
        "active_units": active,
        "collapsed": active == 0 or kl < COLLAPSED_KL,
    }


def judge_of(folder: Path, model: VAE) -> tuple[Classifier, dict[str, Any]] | None:
    """A data set's classifier and its record, or None without one; raises UserError for one of other images."""
    if not is_classifier(folder):
        return None
    judge, record = load_classifier(folder)
    if tuple(record["image_shape"]) != model.spec.image_shape:
        raise UserError(f"{folder}: for images of shape {record['image_shape']}, not {list(model.spec.image_shape)}")
    return judge, record
