"""Priors fitted to a finished run's codes: mixtures of Gaussians and the aggregate posterior, judged on other codes."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training import atomic, checkpoint
from training.data.binarize import fixed_draw
from training.errors import UserError
from training.file_lock import held
from training.measure.bounds import posterior_draws
from training.measure.classifier import Classifier, classify
from training.measure.evaluation import SEED, as_pixels, decode_all
from training.measure.metrics import judge_of, log_ratio, prior_coverage, recognised_share
from training.measure.own_prior import needs_prior
from training.measure.prior_files import PRIORS_FILE, load_fitted_priors
from training.model.posterior import sample
from training.model.prior import MixturePrior, Prior, StandardPrior
from training.model.vae import VAE
from training.sealed_json import sealed

FIT_DRAWS = 10_000  # of q(z|x), at least, that mixtures are fitted to
JUDGED = 400  # images, at most, whose log p(x) is estimated
DRAWS = 200  # of q(z|x) for each of them
SAMPLES = 1024  # images decoded for the classifier
BLOCK = 20  # images at once
STEPS = 300  # of expectation maximisation, at most


class AggregatePrior(MixturePrior):
    """q(z) = mean_i q(z|x_i) of N images: means (N, D) and `spread` as `VAE.encode` gives it, in double precision."""

    def __init__(self, mean: Tensor, spread: Tensor) -> None:
        super().__init__(1, mean.shape[1])
        for name, value in {"logits": torch.zeros(len(mean)), "mean": mean, "log_var": spread}.items():
            delattr(self, name)
            self.register_buffer(name, value.double())
        self.scale = (spread.double() if spread.dim() > 2 else torch.exp(0.5 * spread.double())).numpy()

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z) in nats, (...,), of codes (..., D), on the CPU."""
        points = z.reshape(-1, z.shape[-1]).double()
        ratio = torch.from_numpy(log_ratio(points.numpy(), self.mean.numpy(), self.scale))
        return (ratio + StandardPrior().log_prob(points)).view(z.shape[:-1]).to(z)

    def draw(self, count: int, dim: int, generator: torch.Generator) -> Tensor:
        """Codes (count, D), float32."""
        of = torch.randint(len(self.mean), (count,), generator=generator)
        noise = torch.randn(count, dim, generator=generator).double()
        return sample(self.mean[of], self.log_var[of], noise).float()


@dataclass(frozen=True)
class Fitted:
    """A prior with the name of its kind; of how many Gaussians, and whether their fit settled, if they were fitted."""

    kind: str
    prior: Prior
    components: int | None = None
    converged: bool | None = None


def fit_priors(path: Path, components: Sequence[int], seed: int = SEED) -> dict[str, Any]:
    """Fit priors to half of a run's stored codes, judge them on the other half, and write that into the file beside it.

    What is kept of the run, as `load_fitted_priors` gives it. Figures of other runs in the file stay. Raises UserError
    in one line for a run without a prior to replace, and for one of too few held-out images or none.
    """
    file = path.resolve().parent / PRIORS_FILE
    checkpoint.load_config(path)  # nothing is made beside what is no run
    with held(file):
        kept = load_fitted_priors(file) if os.path.lexists(file) else {}  # before the work
        found = measure(path, components, seed)
        runs = dict(sorted({**kept, path.resolve().name: found}.items()))
        atomic.write_file(file, sealed({"unit": "nats", "runs": runs}))
    return found


def measure(path: Path, components: Sequence[int], seed: int = SEED) -> dict[str, Any]:
    """The same without a file: everything of it but `version` hangs on `seed` alone."""
    config = checkpoint.load_config(path)
    needs_prior(path, config.model)
    gallery = path.resolve().parent / checkpoint.GALLERY
    if not os.path.lexists(gallery):
        raise UserError(f"{path}: no held-out images beside it ({checkpoint.GALLERY}), so no log p(x) to judge by")
    model, latents = checkpoint.load_model(path, config), checkpoint.load_latents(path, config)
    images = checkpoint.load_gallery(gallery, config.dataset["gallery_sha256"])["images"]
    images = images if config.binarize == "none" else fixed_draw(images)
    mu = torch.from_numpy(latents["mu"]).double()
    spread = torch.from_numpy(latents["scale_tril" if "scale_tril" in latents else "log_var"]).double()
    to_fit, to_judge = halves(len(mu), seed)
    if max(components) > len(to_fit):
        raise UserError(
            f"--components {max(components)}: more than the {len(to_fit):,} held-out images that they are fitted to"
        )
    codes = _draws(mu[to_fit], spread[to_fit], seed)
    fitted = [
        Fitted(config.model.prior, model.prior),
        *(fit_mixture(codes, count, seed) for count in sorted(set(components))),
        Fitted("aggregate", AggregatePrior(mu[to_fit], spread[to_fit])),
    ]
    judged = to_judge[:JUDGED]
    weights = _log_weights(model.eval(), as_pixels(torch.from_numpy(images[judged.numpy()])), fitted, seed)
    judge = judge_of(path.resolve().parent / "classifier", model)
    others, scale = latents["mu"][to_judge.numpy()], checkpoint.spread(latents)
    assert scale is not None
    log_evidence = torch.logsumexp(weights, 2) - math.log(DRAWS)
    effective = torch.exp(2 * torch.logsumexp(weights, 2) - torch.logsumexp(2 * weights, 2)).mean(1)
    mixtures = log_evidence[1:-1].mean(1)
    best = log_evidence[1 + int(mixtures.argmax())]
    rows = [
        {
            "prior": one.kind,
            "components": one.components,
            "converged": one.converged,
            "coverage": min(1.0, _short(prior_coverage(others, scale[to_judge.numpy()], seed=seed, prior=one.prior))),
            "log_evidence": _short(log_evidence[number].mean().item()),
            "over_own": _difference(log_evidence[number] - log_evidence[0]),
            "below_best": _difference(best - log_evidence[number]),
            "effective_draws": max(1.0, _short(effective[number].item())),
            "recognisable": recognisable(model, one.prior, judge[0], seed) if judge else None,
            "gaussians": _gaussians(one.prior) if one.components and isinstance(one.prior, MixturePrior) else None,
        }
        for number, one in enumerate(fitted)
    ]
    return {
        "version": config.version,
        "fitted_images": len(to_fit),
        "fitted_draws": len(codes),
        "judged_images": len(judged),
        "draws": DRAWS,
        "seed": seed,
        "priors": rows,
    }


def halves(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Which of so many held-out images are fitted to, and which judge, in a random order: no image is in both."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return order[: count // 2], order[count // 2 :]


def fit_mixture(codes: np.ndarray[Any, np.dtype[np.float64]], components: int, seed: int = SEED) -> Fitted:
    """A mixture of so many Gaussians with diagonal covariances, fitted to codes (N, D) by expectation maximisation."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said in `converged`
        found = GaussianMixture(components, covariance_type="diag", max_iter=STEPS, random_state=seed).fit(codes)
    prior = MixturePrior(components, codes.shape[1])
    with torch.no_grad():
        for parameter, value in (
            (prior.logits, np.log(found.weights_.clip(1e-300))),
            (prior.mean, found.means_),
            (prior.log_var, np.log(found.covariances_)),
        ):
            parameter.copy_(torch.from_numpy(value))
    return Fitted("mixture", prior, components, bool(found.converged_))


def _draws(mu: Tensor, spread: Tensor, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """As many draws of each q(z|x) as make FIT_DRAWS or more, (M, D)."""
    times = math.ceil(FIT_DRAWS / len(mu))
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(times, *mu.shape, generator=generator, dtype=torch.float64)
    codes: np.ndarray[Any, np.dtype[np.float64]] = sample(mu, spread, noise).flatten(0, 1).numpy()
    return codes


@torch.no_grad()
def _log_weights(model: VAE, x: Tensor, fitted: Sequence[Fitted], seed: int) -> Tensor:
    """log p(x, z) - log q(z|x) under each prior, (priors, images, DRAWS), at the same z of q(z|x)."""
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for block in torch.split(x, BLOCK):
        z, log_p, log_q = posterior_draws(model, block, DRAWS, generator)
        parts.append(torch.stack([log_p - log_q + one.prior.log_prob(z) for one in fitted]))
    return torch.cat(parts, dim=1)


def recognisable(model: VAE, prior: Prior, judge: Classifier, seed: int) -> float:
    """Share of images decoded at draws of a prior in which the classifier sees one class with at least 50 %."""
    z = prior.draw(SAMPLES, model.spec.latent_dim, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return recognised_share(np.concatenate([classify(judge, part.clamp(0, 1)) for part in decode_all(model, z)]))


def _difference(nats: Tensor) -> list[float | None]:
    """The mean of differences (N,) and its standard error, None of a single one."""
    error = _short(nats.std().item() / math.sqrt(len(nats))) if len(nats) > 1 else None
    return [_short(nats.mean().item()), error]


def _gaussians(prior: MixturePrior) -> dict[str, Any]:
    parts = zip(("logits", "mean", "log_var"), prior.components(), strict=True)
    return {name: np.vectorize(_short)(part.detach().double().numpy()).tolist() for name, part in parts}


def _short(value: float) -> float:
    """With six digits."""
    return float(f"{value:.6g}")
