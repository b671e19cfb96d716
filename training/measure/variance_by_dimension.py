"""How the variance of the gradient estimators grows with the latent dimension: small models, alike but for D."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from training import atomic
from training.aevb import Trainer
from training.data.datasets import ImageData, load_dataset
from training.file_lock import held
from training.measure.evaluation import as_pixels
from training.measure.variance import WHOLE, GradientDraws
from training.measure.variance_files import DEFINITIONS, DRAWS, IMAGES, load_variances
from training.model.posterior import standard_deviations
from training.options import FitOptions, GradientVarianceOptions
from training.sealed_json import sealed


def measure_variances(options: GradientVarianceOptions) -> dict[str, Any]:
    """Train a model for each latent dimension and seed, measure each estimator's variance, and write it as JSON.

    `points` of the result: latent_dim, seed, validation elbo in nats per image, and variance by definition and
    estimator in nats squared. Raises UserError for data that cannot be had.
    """
    with held(options.out):  # also finds out at once whether it can be written
        result = _measure(options)
        atomic.write_file(options.out, sealed(result))
    return result


def seal(file: Path) -> None:
    """Seal a measurement that an older version wrote."""
    with held(file):
        atomic.write_file(file, sealed(load_variances(file)))


def _measure(options: GradientVarianceOptions) -> dict[str, Any]:
    data = load_dataset(options.dataset, options.data_dir)
    recipes = [
        FitOptions(out=options.out, dataset=options.dataset, epochs=options.epochs, latent_dim=dim, seed=seed)
        for dim in options.latent_dims
        for seed in range(options.seeds)
    ]
    points = [_point(recipe, data) for recipe in recipes]
    shared = {name: value for name, value in recipes[0].recipe().items() if name not in ("latent_dim", "seed")}
    return {
        "unit": "nats squared",
        "definitions": DEFINITIONS,
        "training": shared,
        "images": IMAGES,
        "draws": DRAWS,
        "points": points,
    }


def _point(recipe: FitOptions, data: ImageData) -> dict[str, Any]:
    trainer = Trainer(recipe, data, torch.device("cpu"))
    trainer.run(lambda _: None)
    last = trainer.history[-1]
    images = as_pixels(torch.from_numpy(data.gallery.images[:IMAGES]))
    draws = GradientDraws(trainer.model, images, recipe.seed)
    by_output = {name: h for name, h in draws.output_draws(0, DRAWS).items() if name not in WHOLE}
    by_encoder = {name: g for name, g in draws.draw(0, DRAWS).items() if name not in WHOLE}
    dim = recipe.latent_dim
    with torch.no_grad():
        width = standard_deviations(*trainer.model.posterior(draws.head)).double()
    by_mean = {name: h[..., :dim].double().var(0) for name, h in by_output.items()}
    return {
        "latent_dim": dim,
        "seed": recipe.seed,
        "elbo": round(-last["validation_reconstruction"] - last["validation_kl"], 4),
        "scaled": {name: _short((value * width**2).mean().item()) for name, value in by_mean.items()},
        "mean": {name: _short(value.mean().item()) for name, value in by_mean.items()},
        "encoder": {name: _short(float(g.var(axis=0, ddof=1).sum())) for name, g in by_encoder.items()},
    }


def _short(value: float) -> float:
    return float(f"{value:.6g}")
