"""How noisy the gradient estimators are on runs as they are, measured once and kept beside them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from training import atomic, checkpoint
from training.file_lock import held
from training.measure.noise import batch_rows, batch_size, noise_of
from training.measure.variance import GradientDraws
from training.measure.variance_files import DRAWS, IMAGES, NOISE_FILE, RunNoise, load_noise
from training.sealed_json import sealed

SEED = 0
PART = 256  # draws taken at once


def measure_runs(runs: Sequence[Path]) -> dict[str, str]:
    """Measure each run, and write its figures into the file beside it; what was found by run, or why nothing was.

    Figures of other runs in the file stay. Raises UserError for what is no run.
    """
    return {str(path): _measure_into(path) for path in runs}


def _measure_into(path: Path) -> str:
    config = checkpoint.load_config(path)
    if why := why_none(config):
        return why
    file = path.resolve().parent / NOISE_FILE
    with held(file):
        found = measure(path, config)
        kept = load_noise(file) if os.path.lexists(file) else {}
        runs = {name: of.as_json() for name, of in sorted({**kept, path.resolve().name: found}.items())}
        atomic.write_file(file, sealed({"unit": "nats squared", "runs": runs}))
    curves = found.noise.curves
    worth = curves["none"][0, 1] / curves["reparameterization"][0, 1] if curves["reparameterization"][0, 1] else np.nan
    return f"one reparameterized draw is worth {worth:.3g} of the score function"


def why_none(config: checkpoint.Config) -> str:
    """Why nothing is measured of a run, or nothing."""
    if not config.model.has_decoder:
        return "skipped: latents alone, without a model"
    if config.model.posterior == "deterministic":
        return "skipped: a code without noise"
    return "skipped: given the class of each image" if config.model.condition else ""


def measure(path: Path, config: checkpoint.Config) -> RunNoise:
    """A run's noise on the batch that the page Gradients opens with; raises UserError."""
    images, decoded = _images(path, config)
    drawing = GradientDraws(checkpoint.load_model(path, config), torch.from_numpy(images), SEED)
    parts = [drawing.draw(part, PART) for part in range(DRAWS // PART)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    noise = noise_of(found, drawing.clamped)
    return RunNoise(config.version, len(images), DRAWS, SEED, decoded, noise)


def _images(path: Path, config: checkpoint.Config) -> tuple[np.ndarray, bool]:
    """Images (N, C, H, W) in [0, 1], and whether they are decoded from the latents, as none are beside the run."""
    latents = checkpoint.load_latents(path, config)
    total = len(latents["label"])
    rows = batch_rows(total, batch_size(total, config.model.posterior_parameters, IMAGES), SEED)
    gallery = path.resolve().parent / checkpoint.GALLERY
    if os.path.lexists(gallery):
        held_out = checkpoint.load_gallery(gallery, config.dataset["gallery_sha256"])["images"]
        return (held_out[rows] / np.float32(255)).astype(np.float32), False
    with torch.no_grad():
        return checkpoint.load_model(path, config).image(torch.from_numpy(latents["mu"][rows])).numpy(), True
