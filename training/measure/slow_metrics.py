"""The metrics of a run that take minutes: bounds on log p(x), log p(x) itself, and Frechet distances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.measure.bounds import gaps, importance_weighted_bounds
from training.measure.definitions import BOUND_DRAWS, BOUND_IMAGES, FRECHET_IMAGES
from training.measure.evaluation import SEED, as_pixels, encode_all, portion, terms_of
from training.measure.evidence import log_evidence
from training.measure.frechet import classifier_distance, inception_distance, inception_weights
from training.measure.metrics import judge_of
from training.model.architectures import CLASSIFIER_FEATURES
from training.model.posterior import standard_deviations
from training.model.vae import VAE

GAP_EDGES = np.logspace(-2, 3, 41)  # nats, eight bins a decade
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def slow_metrics(model: VAE, test: Tensor, held_out: Tensor, classifier: Path) -> dict[str, Any]:
    """More of metrics.json, with their sample sizes; None where one does not apply to the run.

    `test`, `held_out`: uint8 images (N, C, H, W) on the CPU, as the model is; `classifier`: folder of the data set's
    classifier, if there is one. Shows its progress.
    """
    return {**_bounds(model, test), **_gap(model, held_out), **_frechet(model, test, classifier)}


def _bounds(model: VAE, test: Tensor) -> dict[str, Any]:
    images = test[:BOUND_IMAGES]
    found: dict[str, Any] = dict.fromkeys(("importance_weighted_bound", "log_evidence", "bound_elbo"))
    if model.spec.posterior != "deterministic":
        x = as_pixels(images)
        with _progress("importance-weighted bound", len(images)) as bar:
            bounds = importance_weighted_bounds(model, x, BOUND_DRAWS, SEED, bar.update)
        found["importance_weighted_bound"] = _mean(bounds)
        found["bound_elbo"] = _mean(terms_of(model, images).elbo)
        if model.spec.latent_dim == 2:
            mu, spread = encode_all(model, images)
            with _progress("log p(x)", len(images)) as bar:
                found["log_evidence"] = _mean(log_evidence(model, x, mu, standard_deviations(mu, spread)).log_evidence)
                bar.update(len(images))
    return {**found, "bound_images": len(images), "bound_draws": BOUND_DRAWS}


def _gap(model: VAE, held_out: Tensor) -> dict[str, Any]:
    if model.spec.posterior == "deterministic" or model.spec.latent_dim != 2:
        return {"gap": None}
    chosen = torch.linspace(0, len(held_out) - 1, min(BOUND_IMAGES, len(held_out))).round().long()
    with _progress("gap of held-out images", len(chosen)) as bar:
        found = gaps(model, as_pixels(held_out[chosen])).numpy()
        bar.update(len(chosen))
    counts, _ = np.histogram(found.clip(GAP_EDGES[0], GAP_EDGES[-1]), GAP_EDGES)
    return {
        "gap": {
            "images": len(chosen),
            "mean": round(float(found.mean()), 4),
            "quantiles": {f"{q:g}": round(float(np.quantile(found, q)), 4) for q in QUANTILES},
            "edges": [float(f"{edge:.6g}") for edge in GAP_EDGES],
            "counts": counts.tolist(),
        }
    }


@torch.no_grad()
def _frechet(model: VAE, test: Tensor, folder: Path) -> dict[str, Any]:
    real = test[:FRECHET_IMAGES]
    weights = inception_weights(model.spec.image_shape[0])
    judge = judge_of(folder, model)
    names = [f"{kind}_{what}" for kind in ("frechet", "inception") for what in ("samples", "reconstructions")]
    found: dict[str, Any] = dict.fromkeys(names)
    if judge or weights:
        z = torch.randn(len(real), model.spec.latent_dim, generator=torch.Generator().manual_seed(SEED))
        for what, codes in {"samples": z, "reconstructions": encode_all(model, real)[0]}.items():
            with _progress(f"Frechet distance of {what}", len(real)) as bar:
                parts = torch.split(codes, portion(model.spec.image_shape))
                decoded = torch.cat([model.image(part).clamp(0, 1) for part in parts])
                if judge:
                    found[f"frechet_{what}"] = round(classifier_distance(judge[0], real, decoded), 4)
                if weights:
                    found[f"inception_{what}"] = round(inception_distance(weights, real, decoded), 4)
                bar.update(len(real))
    network = None
    if judge:
        record = judge[1]
        name = f"classifier of {record['dataset']}, {CLASSIFIER_FEATURES} features"
        network = {"name": name, "accuracy": record["accuracy"], "sha256": record["sha256"]}
    return {**found, "frechet_images": len(real), "feature_network": network}


def _progress(title: str, images: int) -> tqdm[Any]:
    return tqdm(total=images, desc=title, unit=" images", mininterval=0.2)


def _mean(values: Tensor) -> float:
    return round(values.double().mean().item(), 4) + 0.0
