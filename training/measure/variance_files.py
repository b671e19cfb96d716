"""The files beside runs that say how noisy gradients are, and their readers: by dimension, of each run. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.checkpoint_fields import NOISE, NOISES, POINT, VARIANCES
from training.fields import check
from training.measure.noise import Noise
from training.regular_file import CheckpointError
from training.sealed_json import read_sealed
from training.tensor_files import MAX_RECORD_BYTES

IMAGES = 16
DRAWS = 2048
DEFINITIONS = {
    "scaled": (
        "variance of a one-sample estimate of an image's ELBO gradient by one of its D posterior means mu_d, measured "
        f"in the posterior's standard deviation sigma_d: the mean over d and {IMAGES} held-out images, from {DRAWS:,} "
        "draws"
    ),
    "mean": (
        "variance of a one-sample estimate of an image's ELBO gradient by one of its D posterior means mu_d: "
        f"the mean over d and {IMAGES} held-out images, from {DRAWS:,} draws"
    ),
    "encoder": (
        f"total variance of a one-sample estimate of the gradient of the mean ELBO of {IMAGES} held-out images by all "
        f"encoder parameters: the sum over parameters, from {DRAWS:,} draws"
    ),
}
NOISE_FILE = "gradient-noise.json"


def load_variances(file: Path) -> dict[str, Any]:
    """A file that `measure_variances` wrote; raises CheckpointError in one line that names it."""
    try:
        value = read_sealed(file, MAX_RECORD_BYTES)
        check(file, value, VARIANCES)
        for number, point in enumerate(value["points"]):
            check(file, point, POINT, where=f"points[{number}]")
            for name in DEFINITIONS:
                if set(point[name]) != set(value["points"][0][name]):
                    raise CheckpointError(f"{file}: points[{number}].{name} is of other estimators than the first")
    except CheckpointError as error:
        command = f"python -m training gradient-variance --out {file}"
        raise CheckpointError(f"{error}; make it anew: {command}") from error
    return value


@dataclass(frozen=True)
class RunNoise:
    """A run's noise as it was measured: `version` of the run, and of what batch; `decoded`: of images from latents."""

    version: str
    images: int
    draws: int
    seed: int
    decoded: bool
    noise: Noise

    def as_json(self) -> dict[str, Any]:
        """With six digits of each number."""
        return {
            "version": self.version,
            "images": self.images,
            "draws": self.draws,
            "seed": self.seed,
            "decoded": self.decoded,
            "curves": {name: [_short(row) for row in rows] for name, rows in self.noise.curves.items()},
            "agreement": {name: _short(values) for name, values in self.noise.agreement.items()},
            "squared_length": _short([self.noise.squared_length])[0],
            "clamped": _short([self.noise.clamped])[0],
        }


def _short(values: Any) -> list[float | None]:
    """Numbers that JSON can hold: a cosine of no gradient is none."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def load_noise(file: Path) -> dict[str, RunNoise]:
    """What `python -m training gradient-noise` wrote, by run; raises CheckpointError in one line that names it."""
    try:
        value = read_sealed(file, MAX_RECORD_BYTES)
        check(file, value, NOISES)
        for name, of_run in value["runs"].items():
            check(file, of_run, NOISE, where=f"runs.{name}")
            if len({len(rows) for rows in of_run["curves"].values()}) != 1:
                raise CheckpointError(f"{file}: runs.{name}.curves differ in length")
    except CheckpointError as error:
        raise CheckpointError(f"{error}; make it anew: python -m training gradient-noise {file.parent}/*/") from error
    return {name: _run_noise(of_run) for name, of_run in value["runs"].items()}


def _run_noise(value: dict[str, Any]) -> RunNoise:
    curves = {name: np.array(rows, dtype=float) for name, rows in value["curves"].items()}
    agreements = {
        name: (np.nan if cosine is None else cosine, difference, error)
        for name, (cosine, difference, error) in value["agreement"].items()
    }
    noise = Noise(curves, agreements, value["squared_length"], value["clamped"])
    batch = {name: value[name] for name in ("version", "images", "draws", "seed", "decoded")}
    return RunNoise(**batch, noise=noise)
