"""Why are my samples bad: what a finished run falls short in, in plain words, worst first, and what to try."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import checkpoint
from training import diagnosis_pictures as pictures
from training.data.binarize import fixed_draw
from training.diagnosis_pictures import Bars, Picture
from training.measure.best_posterior import amortisation_gap
from training.measure.classifier import classify
from training.measure.definitions import ACTIVE_VARIANCE
from training.measure.evaluation import as_pixels, decode_all
from training.measure.information import KlParts, kl_parts
from training.measure.metrics import judge_of, recognised_share, sample_probabilities
from training.measure.own_prior import needs_prior
from training.model.posterior import sample
from training.model.vae import VAE

IMAGES = 2000  # held-out ones, of the two parts of the KL
OPTIMISED = 24  # images whose own best q is sought
BARELY = 0.1  # nats of KL, below which a dimension is barely used


@dataclass(frozen=True)
class Finding:
    """What was found: its `weight`, from 0 (as it should be) up to 1; a title; the number in words; what to try.

    `picture`: what it can be seen by, which a terminal leaves out.
    """

    weight: float
    title: str
    number: str
    advice: str
    picture: Picture | None = None


def diagnose(path: Path) -> list[Finding]:
    """The findings of a finished run, worst first, in less than a minute; raises UserError in one line."""
    config = checkpoint.load_config(path)
    needs_prior(path, config.model)
    model, latents = checkpoint.load_model(path, config), checkpoint.load_latents(path, config)
    metrics, history = checkpoint.load_metrics(path, config), checkpoint.load_history(path, config)
    mu = torch.from_numpy(latents["mu"])
    spread = torch.from_numpy(latents["scale_tril" if "scale_tril" in latents else "log_var"])
    some = torch.linspace(0, len(mu) - 1, min(IMAGES, len(mu))).round().long()
    parts = kl_parts(mu[some], spread[some], model.prior)
    gallery = path.parent / checkpoint.GALLERY
    images = None
    if gallery.exists():
        images = checkpoint.load_gallery(gallery, config.dataset["gallery_sha256"])["images"]
        images = images if config.binarize == "none" else fixed_draw(images)
    found = [
        *_samples(model, path, mu, spread),
        *_parts(parts, len(some)),
        *_dimensions(latents["mu"], metrics),
        *_holes(metrics, pictures.prior_and_codes(model, mu, spread, metrics.get("kl_per_dimension"))),
        *(_gaps(model, images, metrics) if images is not None else []),
        *_overfitting(history),
        *_beta(config.training, model, metrics),
        *(_noise(model, images, mu) if images is not None and config.model.likelihood == "bernoulli" else []),
    ]
    return sorted(found, key=lambda finding: -finding.weight)


def beta_of_mean_squared_error(weight: float, pixels: int, variance: float = 0.5) -> float:
    """The beta of a loss that averages squared errors over `pixels` and adds `weight` times the KL.

    Times pixels / (2 variance) it is -log p(x|z), of a Gaussian with that variance and up to a constant, plus
    beta KL with beta = weight * pixels / (2 variance): the average hides a factor of as many as there are pixels.
    """
    return weight * pixels / (2 * variance)


def _samples(model: VAE, path: Path, mu: torch.Tensor, spread: torch.Tensor) -> list[Finding]:
    judge = judge_of(path.resolve().parent / "classifier", model)
    if not judge:
        return []
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(len(mu), (2048,), generator=generator)
    z = sample(mu[rows], spread[rows], torch.randn(2048, mu.shape[1], generator=generator))
    seen = np.concatenate([classify(judge[0], part.clamp(0, 1)) for part in decode_all(model, z)])
    of_q, of_p = recognised_share(seen), recognised_share(sample_probabilities(model, judge[0], 2048))
    return [
        Finding(
            max(0.0, of_q - of_p),
            "samples of the prior beside samples of the codes",
            f"a class is recognised in {of_p:.0%} of images decoded at z ~ p(z), in {of_q:.0%} at z ~ q(z)",
            "good at q(z) and bad at p(z): codes do not fill the prior; learn it (--prior mixture), or sample from a "
            "prior fitted to the codes. Bad at both: the decoder is weak; widen it or train longer",
            pictures.samples(model, z, model.draw_prior(pictures.SHOWN, 0)),
        )
    ]


def _parts(parts: KlParts, count: int) -> list[Finding]:
    low, high = (min(bound, parts.kl) for bound in parts.information)  # neither part is below 0
    rest = parts.kl - high, parts.kl - low
    bounded = f", at most log {count:,} = {math.log(count):.2f} can be seen" if low > 0.9 * math.log(count) else ""
    return [
        Finding(
            min(1.0, rest[0] / max(parts.kl, 1e-9)),
            "the two parts of the KL",
            f"of {parts.kl:.2f} nats, {low:.2f} to {high:.2f} are information of z about x{bounded}; "
            f"{rest[0]:.2f} to {rest[1]:.2f} are the distance of q(z) from p(z)",
            "only the second part makes samples bad: it needs a better prior, not a lower KL",
            Bars(
                "the two parts of the KL, each in the middle of its range",
                {"information of z about x": 0.5 * (low + high), "distance of q(z) from p(z)": 0.5 * sum(rest)},
            ),
        ),
    ]


def _dimensions(mu: np.ndarray[Any, Any], metrics: Mapping[str, Any]) -> list[Finding]:
    per = metrics.get("kl_per_dimension")
    active = int((mu.astype(np.float64).var(axis=0) > ACTIVE_VARIANCE).sum())
    idle = mu.shape[1] - active
    weak = sum(value < BARELY for value in per) if per else idle
    shown = f"; KL by size: {', '.join(f'{v:.2f}' for v in sorted(per, reverse=True)[:16])}" if per else ""
    return [
        Finding(
            idle / mu.shape[1],
            "latent dimensions that are used",
            f"{active} of {mu.shape[1]} are active, {weak} have less than {BARELY:g} nats{shown}",
            "many idle ones are posterior collapse: lower --beta, or begin with a low one, or --objective iwae",
            pictures.dimensions(per),
        )
    ]


def _holes(metrics: Mapping[str, Any], picture: Picture | None) -> list[Finding]:
    coverage, ceiling = metrics.get("prior_coverage"), metrics.get("prior_coverage_ceiling")
    if coverage is None:
        return []
    best = ceiling or 1.0
    return [
        Finding(
            max(0.0, 1 - coverage / best),
            "holes of the prior",
            f"q(z) covers {coverage:.0%} of the prior; as many images could cover {best:.0%}",
            "draws that fall where no image is encoded decode to nothing: raise --beta, or --prior mixture",
            picture,
        )
    ]


def _gaps(model: VAE, images: np.ndarray[Any, Any], metrics: Mapping[str, Any]) -> list[Finding]:
    rows = np.linspace(0, len(images) - 1, OPTIMISED).round().astype(int)
    x = as_pixels(torch.from_numpy(images[rows]))
    amortised = float(amortisation_gap(model, x).mean())
    bound, elbo = (metrics.get(name) for name in ("log_evidence", "bound_elbo"))
    bound = bound if bound is not None else metrics.get("importance_weighted_bound")
    whole = bound - elbo if bound is not None and elbo is not None else None
    rest = "" if whole is None else f"; over the test images log p(x) is {whole:.2f} nats or more above the ELBO in all"
    return [
        Finding(
            min(1.0, max(0.0, amortised) / 20),
            "amortisation against approximation",
            f"an image's own best q has an ELBO {amortised:.2f} nats above the encoder's (mean of {OPTIMISED}){rest}",
            "a large first part: widen the encoder; a large rest: --posterior full, or --objective iwae",
            Bars(
                "how far the encoder's ELBO is below an image's best one, and below log p(x)",
                {"its own best q": max(0.0, amortised)} | ({} if whole is None else {"log p(x)": max(0.0, whole)}),
            ),
        )
    ]


def _overfitting(history: list[dict[str, Any]]) -> list[Finding]:
    losses = [record["validation_loss"] for record in history if record["validation_loss"] is not None]
    if not losses:
        return []
    rise = losses[-1] - min(losses)
    last = history[-1]
    train, validation = (last[f"{name}_reconstruction"] for name in ("train", "validation"))
    apart = validation - train if train is not None and validation is not None else 0.0
    return [
        Finding(
            min(1.0, max(0.0, rise) / 10),
            "over-fitting",
            f"the validation loss ended {rise:.2f} nats above its lowest; reconstruction is {apart:.2f} nats worse on "
            "validation images than on training images",
            "a rising validation loss: --dropout 0.1, --weight-decay 0.1, or fewer epochs",
            pictures.learning(history),
        )
    ]


def _beta(training: Mapping[str, Any], model: VAE, metrics: Mapping[str, Any]) -> list[Finding]:
    if training.get("objective") != "elbo":
        return []
    beta = float(training.get("beta", 1))
    pixels = math.prod(model.spec.image_shape)
    terms = {"reconstruction": metrics["reconstruction"], "β KL": beta * (metrics["kl"] or 0.0)}
    return [
        Finding(
            min(1.0, abs(math.log(beta)) / 4) if beta else 1.0,
            "the loss as beta, in nats",
            f"beta = {beta:g}, of a reconstruction summed over {pixels:,} pixels"
            + (", the ELBO itself" if beta == 1 else "")
            + "; a mean squared error averaged over them with 0.00025 KL would be "
            f"beta = {beta_of_mean_squared_error(0.00025, pixels):.3g} of a Gaussian with variance 1/2",
            "far below 1 codes stray from the prior and samples fail; far above 1 images blur",
            Bars("the two terms of the loss on test images", {name: max(0.0, value) for name, value in terms.items()}),
        )
    ]


@torch.no_grad()
def _noise(model: VAE, images: np.ndarray[Any, Any], mu: torch.Tensor) -> list[Finding]:
    rows = torch.linspace(0, len(images) - 1, min(500, len(images))).round().long()
    x, p = as_pixels(torch.from_numpy(images)[rows]), model.image(mu[rows])
    cross = float(model.reconstruction(x, mu[rows]).mean())
    entropy = float(torch.special.entr(p).flatten(1).sum(1).mean() + torch.special.entr(1 - p).flatten(1).sum(1).mean())
    share = min(1.0, entropy / cross)
    term = "of the reconstruction term at the mean code"
    how_much = (
        f"{share:.0%} {term} ({entropy:.1f} of {cross:.1f} nats) is"
        if entropy < cross
        else f"all {term} ({cross:.1f} nats) is no more than"
    )
    return [
        Finding(
            0.3 * share,
            "blur",
            f"{how_much} the noise that p(x|z) itself gives each pixel, which no z explains",
            "a grey, uncertain pixel is the model's honest answer: more dimensions (--latent-dim) leave less to noise",
            pictures.pixel_noise(model, x, mu[rows]),
        )
    ]


def in_words(path: Path, findings: list[Finding]) -> str:
    """Lines for a terminal."""
    lines = [f"{path}: findings, worst first"]
    for number, finding in enumerate(findings, 1):
        lines += [f"\n{number}. {finding.title}", f"   {finding.number}", f"   Try: {finding.advice}"]
    return "\n".join(lines)
