"""The metrics of a run that take minutes: bounds on log p(x), log p(x) itself, and Frechet distances."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.measure.bounds import gaps, importance_weighted_bounds
from training.measure.cell_rule import DIMENSIONS
from training.measure.definitions import BOUND_DRAWS, BOUND_IMAGES, FRECHET_IMAGES
from training.measure.evaluation import SEED, as_pixels, by_class, decode_all, encode_all, terms_of
from training.measure.evidence import log_evidence
from training.measure.frechet import classifier_distance, inception_distance, inception_weights
from training.measure.metrics import judge_of
from training.model.architectures import CLASSIFIER_FEATURES
from training.model.posterior import standard_deviations
from training.model.vae import VAE

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAP_EDGES = np.logspace(-2, 3, 41)  # nats, eight bins a decade
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def slow_metrics(
    model: VAE,
    test: Tensor,
    held_out: Tensor,
    classifier: Path,
    test_labels: NDArray[np.int64] | None = None,
    held_out_labels: NDArray[np.int64] | None = None,
    real: Tensor | None = None,
) -> dict[str, Any]:
    """More of metrics.json, with their sample sizes; None where one does not apply to the run.

    `test`, `held_out`: uint8 images (N, C, H, W) on the CPU, as the model is; `classifier`: folder of the data set's
    classifier, if there is one; the images' labels (N,), which a conditional model needs: every figure is then with
    each image's class given. `real`: the test images that a classifier is to see, where `test` was made binary. Shows
    its progress.
    """
    y, y_held_out = (None if labels is None else model.classes_of(labels) for labels in (test_labels, held_out_labels))
    return {
        **_bounds(model, test, y),
        **_gap(model, held_out, y_held_out),
        **_frechet(model, test, y, classifier, real),
    }


def _bounds(model: VAE, test: Tensor, y: Tensor | None) -> dict[str, Any]:
    images = test[:BOUND_IMAGES]
    y = None if y is None else y[:BOUND_IMAGES]
    found: dict[str, Any] = dict.fromkeys(("importance_weighted_bound", "log_evidence", "bound_elbo"))
    if model.spec.posterior != "deterministic":
        x = as_pixels(images)
        with _progress("importance-weighted bound", len(images)) as bar:
            bounds = by_class(
                model, y, x, lambda given, some: importance_weighted_bounds(given, some, BOUND_DRAWS, SEED, bar.update)
            )
        found["importance_weighted_bound"] = _mean(bounds)
        found["bound_elbo"] = _mean(terms_of(model, images, y).elbo)
        if model.spec.latent_dim in DIMENSIONS:
            with _progress("log p(x)", len(images)) as bar:
                found["log_evidence"] = _mean(by_class(model, y, x, _log_evidence))
                bar.update(len(images))
    return {**found, "bound_images": len(images), "bound_draws": BOUND_DRAWS}


@torch.no_grad()
def _log_evidence(model: VAE, x: Tensor) -> Tensor:
    mu, spread = model.encode(x)
    return log_evidence(model, x, mu, standard_deviations(mu, spread)).log_evidence


def _gap(model: VAE, held_out: Tensor, y: Tensor | None) -> dict[str, Any]:
    if model.spec.posterior == "deterministic" or model.spec.latent_dim not in DIMENSIONS:
        return {"gap": None}
    chosen = torch.linspace(0, len(held_out) - 1, min(BOUND_IMAGES, len(held_out))).round().long()
    with _progress("gap of held-out images", len(chosen)) as bar:
        found = by_class(model, None if y is None else y[chosen], as_pixels(held_out[chosen]), gaps).numpy()
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
def _frechet(model: VAE, test: Tensor, y: Tensor | None, folder: Path, real: Tensor | None) -> dict[str, Any]:
    seen = test[:FRECHET_IMAGES]
    real = seen if real is None else real[:FRECHET_IMAGES]
    y = None if y is None else y[:FRECHET_IMAGES]
    weights = inception_weights(model.spec.image_shape[0])
    judge = judge_of(folder, model)
    names = [f"{kind}_{what}" for kind in ("frechet", "inception") for what in ("samples", "reconstructions")]
    found: dict[str, Any] = dict.fromkeys(names)
    if judge or weights:
        z = model.draw_prior(len(real), SEED)
        for what, codes in {"samples": z, "reconstructions": encode_all(model, seen, y)[0]}.items():
            with _progress(f"Frechet distance of {what}", len(real)) as bar:
                decoded = torch.cat(list(decode_all(model, codes, y))).clamp(0, 1)
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
