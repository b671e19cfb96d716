"""The metrics of a finished run that take seconds: its loss terms on test images, what its latent space is like."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tqdm import tqdm

from training import checkpoint
from training.classifier_folder import is_classifier
from training.data.datasets import ImageData
from training.errors import UserError
from training.measure.classifier import Classifier, classify, load_classifier
from training.measure.definitions import (
    ACTIVE_VARIANCE,
    ALL_DEFINITIONS,
    COLLAPSED_KL,
    DEFINITIONS,
    NEIGHBOURS,
    PRIOR_DRAWS,
    RECOGNISED,
    RECOGNISED_CLASS,
)
from training.measure.evaluation import SAMPLES, SEED, decode_all, terms_of
from training.model.prior import Prior, StandardPrior
from training.model.vae import VAE

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_VALUES = 5_000_000  # numbers at once: 40 MB
FEW_DIMENSIONS = 8  # up to which distances are summed dimension by dimension, to the last digit


def final_metrics(
    model: VAE,
    data: ImageData,
    latents: dict[str, NDArray[Any]],
    classifier: Path,
    progress: bool = False,
    seen: NDArray[np.uint8] | None = None,
) -> dict[str, Any]:
    """The part of metrics.json that takes seconds, with definitions, sample sizes and seed.

    `latents`: arrays of latents.safetensors; `classifier`: folder of the data set's classifier, if there is one;
    `progress`: show which is computed; `seen`: the test images as the model takes them, if they are made binary.
    Raises UserError for a classifier that cannot be read or is for other images.
    """
    device = next(model.parameters()).device
    spread, mu = checkpoint.spread(latents), latents["mu"]
    learned = model.spec.prior != "standard"
    judge, labelled = judge_of(classifier, model), data.labelled(data.gallery)
    parts: dict[str, Callable[[], Any]] = {
        "terms of test images": lambda: terms_of(
            model,
            torch.from_numpy(data.test.images if seen is None else seen).to(device),
            model.classes_of(data.test.labels),
        ),
        "prior_coverage": lambda: None if spread is None else prior_coverage(mu, spread, prior=model.prior),
        "prior_coverage_ceiling": lambda: None if spread is None or learned else coverage_ceiling(spread),
        "neighbour_accuracy": lambda: neighbour_accuracy(mu[labelled], latents["label"][labelled]),
        "recognisable": lambda: recognition(model, judge[0] if judge else None, data.test.images),
    }
    found: dict[str, Any] = {}
    with tqdm(total=len(parts), unit=" figures", disable=not progress, mininterval=0) as bar:
        for name, compute in parts.items():
            bar.set_description(f"measuring {name.replace('_', ' ')}")
            found[name] = compute()
            bar.update()
    terms = found.pop("terms of test images")
    found |= found.pop("recognisable")
    nats = {
        "reconstruction": terms.reconstruction.cpu().double().mean().item(),
        "kl": terms.kl.cpu().double().mean().item(),
        "elbo": terms.elbo.cpu().double().mean().item(),
    }
    return {
        **unmeasured(latents, len(data.test)),
        **{name: round(value, 4) + 0.0 if np.isfinite(value) else None for name, value in nats.items()},
        **{name: None if share is None else round(share, 4) for name, share in found.items()},
        "classifier_sha256": judge[1]["sha256"] if judge else None,
        **units(mu, None if learned else spread, nats["kl"]),
    }


def unmeasured(latents: dict[str, NDArray[Any]], images: int) -> dict[str, Any]:
    """metrics.json of a run whose figures are still to come: none, over so many test `images`."""
    return {
        **dict.fromkeys(DEFINITIONS),
        "unit": "nats per image",
        "split": "test",
        "images": images,
        "samples": SAMPLES,
        "held_out_images": len(latents["label"]),
        "prior_draws": PRIOR_DRAWS,
        "neighbours": NEIGHBOURS,
        "classifier_sha256": None,
        "seed": SEED,
        "definitions": ALL_DEFINITIONS,
    }


def prior_coverage(
    mu: NDArray[np.floating[Any]],
    spread: NDArray[np.float64],
    draws: int = PRIOR_DRAWS,
    seed: int = SEED,
    prior: Prior | None = None,
) -> float:
    """Overlap in [0, 1] of q(z) = mean_i N(z; mu_i, Sigma_i) with the prior, N(0, I) if not given.

    The integral of min(q(z), p(z)) dz = E_p[min(1, q(z) / p(z))], a mean over `draws` of the prior. `mu` (N, D),
    `spread` as `checkpoint.spread` gives it. Its standard error is at most 0.5 / sqrt(draws), 0.008 for the default.
    """
    means = mu.astype(np.float64)
    if prior is None or isinstance(prior, StandardPrior):
        z = np.random.default_rng(seed).standard_normal((draws, means.shape[1]))
        above = log_ratio(z, means, spread.astype(np.float64))
    else:
        codes = prior.draw(draws, means.shape[1], torch.Generator().manual_seed(seed)).double()
        z = codes.numpy()
        log_prior = prior.log_prob(codes.to(prior.mean.device)).detach().cpu().numpy()
        standard = -0.5 * ((z * z).sum(axis=1) + z.shape[1] * np.log(2 * np.pi))
        above = log_ratio(z, means, spread.astype(np.float64)) + standard - log_prior
    return float(np.exp(np.minimum(above, 0)).mean())


def coverage_ceiling(spread: NDArray[np.float64], draws: int = PRIOR_DRAWS, seed: int = SEED) -> float:
    """The prior coverage of a perfect aggregate posterior of N Gaussians with these covariances, in [0, 1].

    `spread` as `checkpoint.spread` gives it. Each mean is drawn from N(0, I - Sigma), so that q(z) is the prior but for
    the N being few; of a covariance that is wider than the prior's, as far as it is not.
    """
    noise = np.random.default_rng(seed + 1).standard_normal(spread.shape[:2])
    if spread.ndim == 2:
        return prior_coverage(np.sqrt((1 - spread**2).clip(0)) * noise, spread, draws, seed)
    variance, axes = np.linalg.eigh(np.eye(spread.shape[-1]) - spread @ spread.transpose(0, 2, 1))
    means = np.einsum("nij,nj->ni", axes, np.sqrt(variance.clip(0)) * noise)
    return prior_coverage(means, spread, draws, seed)


def log_ratio(z: NDArray[np.float64], means: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """log q(z) - log N(z; 0, I), (M,), at points (M, D), q(z) being the mean of N Gaussians; their constants cancel.

    `means` (N, D), `spread` as `checkpoint.spread` gives it.
    """
    full = spread.ndim == 3
    log_scale = np.log(np.diagonal(spread, axis1=1, axis2=2) if full else spread).sum(axis=1)
    log_q = np.full(len(z), -np.inf)
    size = max(1, BLOCK_VALUES // (len(z) * (means.shape[1] if full else 1)))
    for start in range(0, len(means), size):
        part = slice(start, start + size)
        squares = _squares_full(z, means[part], spread[part]) if full else _squares(z, means[part], spread[part])
        exponents = -0.5 * squares - log_scale[part, None]
        log_q = np.logaddexp(log_q, np.logaddexp.reduce(exponents, axis=0))
    return np.asarray(log_q - np.log(len(means)) + 0.5 * (z * z).sum(axis=1))


def _squares(z: NDArray[np.float64], means: NDArray[np.float64], sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances in standard deviations, (N, M), of points (M, D) from N diagonal Gaussians."""
    if z.shape[1] <= FEW_DIMENSIONS:
        squares = np.zeros((len(means), len(z)))
        for d in range(z.shape[1]):
            squares += ((z[:, d] - means[:, d, None]) / sigma[:, d, None]) ** 2
        return squares
    # Two products of matrices; what they lose of the digits is far below the noise of the draws.
    precision = 1 / sigma**2
    whole = precision @ (z * z).T - 2 * (precision * means) @ z.T + (precision * means * means).sum(1, keepdims=True)
    return np.asarray(np.maximum(whole, 0))


def _squares_full(
    z: NDArray[np.float64], means: NDArray[np.float64], factor: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same for Cholesky factors (N, D, D)."""
    whitening = np.linalg.inv(factor)
    whitened = whitening @ z.T - whitening @ means[:, :, None]
    return np.asarray(np.einsum("ndm,ndm->nm", whitened, whitened))


def neighbour_accuracy(
    mu: NDArray[np.floating[Any]], label: NDArray[np.integer[Any]], neighbours: int = NEIGHBOURS
) -> float | None:
    """Share of N points whose label is the commonest (of equals, the smallest) among their nearest others.

    `mu` (N, D), `label` (N,). None for fewer points than neighbours, and for a single label.
    """
    if len(label) <= neighbours or (label == label[0]).all():
        return None
    from scipy.spatial import cKDTree

    near = cKDTree(mu).query(mu, neighbours + 1)[1]
    others = near != np.arange(len(mu))[:, None]
    others[others.all(axis=1), -1] = False  # of more equal points than were asked for, a point itself may be left out
    near = near[others].reshape(-1, neighbours)
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
    z = model.draw_prior(draws, seed).to(device)
    images = decode_all(model, z, model.classes_of(torch.arange(draws) % max(1, model.spec.condition)))
    return np.concatenate([classify(judge.to(device), part.clamp(0, 1)) for part in images])


def units(
    mu: NDArray[np.floating[Any]], spread: NDArray[np.float64] | None, kl: float
) -> dict[str, list[float] | int | bool | None]:
    """Which latent dimensions a run uses: `kl_per_dimension` in nats, `active_units`, and whether it has `collapsed`.

    `mu` (N, D), `spread` as `checkpoint.spread` gives it; `kl` in nats, of all dimensions together.
    """
    means = mu.astype(np.float64)
    active = int((means.var(axis=0) > ACTIVE_VARIANCE).sum())
    per_dimension = None
    if spread is not None:
        variance = spread**2 if spread.ndim == 2 else (spread**2).sum(axis=2)
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
