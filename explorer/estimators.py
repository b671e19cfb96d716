"""The Gradients page's door to torch: draws of the estimators' gradients for a run and a batch, and measurements.

torch is imported by the first draw, and by nothing before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer import loader, models
from explorer.run_folders import refusals
from explorer.views.iwae_signal import Ratios
from training import checkpoint
from training.measure.noise import Noise, batch_rows, batch_size, noise_of
from training.measure.quadratic import DIMENSIONS, exact_variance, measured_variance
from training.measure.variance_files import NOISE_FILE, RunNoise, load_noise, load_variances

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.measure.variance import GradientDraws

PART = 256  # draws between two steps of the progress bar
STORED = "gradient-variance.json"
KEPT = 32  # measurements
SIGNAL_IMAGES, SIGNAL_ESTIMATES = 4, 128  # of the importance-weighted bound's gradient


@dataclass(frozen=True)
class Batch:
    """Images of a run, chosen by `seed`; `decoded`: from the latents, in the place of held-out images not there.

    `version` changes with the run's weights and images, so that what is kept of a batch is of these.
    """

    path: Path
    version: str
    decoded: bool
    count: int
    seed: int


@dataclass(frozen=True)
class ByDimension:
    """Variance of a draw by estimator: rows of latent dimension, value and, if measured, its interval's ends."""

    measured: dict[str, NDArray[np.float64]]
    exact: dict[str, NDArray[np.float64]]


def batch(run: loader.Run, count: int, seed: int) -> Batch:
    """`count` images, fewer if there are not so many, or if q(z|x) has too many parameters for all."""
    most = batch_size(loader.image_count(run), run.config.model.posterior_parameters, count)
    return Batch(run.path, run.config.version, loader.gallery_problem(run) is not None, most, seed)


@lru_cache(maxsize=8)
def images(chosen: Batch) -> NDArray[np.float32]:
    """The batch's images (N, C, H, W) in [0, 1]; raises CheckpointError."""
    latents = checkpoint.load_latents(chosen.path, models.config_of(chosen.path, chosen.version))
    rows = batch_rows(len(latents["label"]), chosen.count, chosen.seed)
    if not chosen.decoded:
        held_out = models.load_images(chosen.path, chosen.version)
        return (held_out[rows] / np.float32(255)).astype(np.float32)
    model = models.load_model(chosen.path, chosen.version)
    import torch

    with torch.no_grad():
        return np.asarray(model.image(torch.from_numpy(latents["mu"][rows])).numpy())


def draw(chosen: Batch, draws: int) -> Iterator[float]:
    """Take the draws that `measured` looks at, part by part; yields the share that is done, nothing if all are."""
    if (chosen, draws) in _measured or kept(chosen, draws):
        return
    models.need_torch()
    yield 0.0
    for part in range(draws // PART):
        _part(chosen, part)
        yield (part + 1) * PART / draws


_measured: dict[tuple[Batch, int], Noise] = {}


def measured(chosen: Batch, draws: int) -> Noise:
    """Variances and means of the batch's gradients, kept beside the run or drawn; the latest are held."""
    found = kept(chosen, draws) or _measured.get((chosen, draws))
    if found is None:
        found = _measured[chosen, draws] = _measure(chosen, draws)
    for oldest in list(_measured)[:-KEPT]:
        _measured.pop(oldest, None)
    return found


def kept(chosen: Batch, draws: int) -> Noise | None:
    """The same as `python -m training gradient-noise` wrote it, if it is of this batch; raises CheckpointError."""
    file = chosen.path.parent / NOISE_FILE
    if not os.path.lexists(file):
        return None
    with refusals(file):
        found = _kept(file, _signature(file)).get(chosen.path.name)
    if found is None:
        return None
    batch = (found.version, found.images, found.seed, found.decoded, found.draws)
    return found.noise if batch == (chosen.version, chosen.count, chosen.seed, chosen.decoded, draws) else None


@lru_cache(maxsize=8)
def _kept(file: Path, signature: tuple[int, int]) -> dict[str, RunNoise]:
    return load_noise(file)


def _measure(chosen: Batch, draws: int) -> Noise:
    parts = [_part(chosen, part) for part in range(draws // PART)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return noise_of(found, _draws(chosen).clamped)


_signals: dict[Batch, Ratios] = {}


def signal_known(chosen: Batch) -> bool:
    """Whether `signal` has its answer already."""
    return chosen in _signals


def signal(chosen: Batch) -> Ratios:
    """Signal-to-noise ratios of the importance-weighted bound's gradient against K, in up to a minute; kept."""
    if chosen not in _signals:
        import torch

        from training.measure.iwae_signal import signals, slope

        model, x = models.load_model(chosen.path, chosen.version), torch.from_numpy(images(chosen))
        found = list(signals(model, x, estimates=SIGNAL_ESTIMATES, seed=chosen.seed))
        counts = tuple(one.count for one in found)
        encoder, decoder = (tuple(getattr(one, name) for one in found) for name in ("encoder", "decoder"))
        _signals[chosen] = Ratios(counts, encoder, decoder, (slope(counts, encoder), slope(counts, decoder)))
    for oldest in list(_signals)[:-KEPT]:
        _signals.pop(oldest, None)
    return _signals[chosen]


@lru_cache(maxsize=1)
def quadratic() -> ByDimension:
    """Variance of the gradient by one mean on the problem with a known answer, measured and exact."""
    smooth = np.geomspace(DIMENSIONS[0], DIMENSIONS[-1], 60)
    rows: dict[str, list[list[float]]] = {}
    for dim in DIMENSIONS:
        for name, found in measured_variance(dim).items():
            rows.setdefault(name, []).append([dim, *(v / dim for v in _row(dim, found)[1:])])
    exact = {name: np.stack([smooth, values], axis=1) for name, values in exact_variance(smooth).items()}
    return ByDimension({name: np.array(values) for name, values in rows.items()}, exact)


@dataclass(frozen=True)
class Stored:
    """What `python -m training gradient-variance` measured; equal while its file has not changed."""

    file: Path
    signature: tuple[int, int]
    content: dict[str, Any] = field(compare=False)


def stored(dataset: str) -> Stored | None:
    """A data set's measurement, or None where there is none; raises CheckpointError."""
    file = loader.checkpoints_root() / dataset / STORED
    if not os.path.lexists(file):
        return None
    signature = _signature(file)
    with refusals(file):
        return _stored(file, signature)


def _signature(file: Path) -> tuple[int, int]:
    with suppress(OSError):
        return file.stat().st_mtime_ns, file.stat().st_size
    return 0, 0


@lru_cache(maxsize=8)
def _stored(file: Path, signature: tuple[int, int]) -> Stored:
    return Stored(file, signature, load_variances(file))


def _row(first: float, found: Any) -> list[float]:
    return [first, found.value, found.low, found.high]


@lru_cache(maxsize=64)
def _part(chosen: Batch, part: int) -> dict[str, NDArray[np.float32]]:
    return _draws(chosen).draw(part, PART)


@lru_cache(maxsize=8)
def _draws(chosen: Batch) -> GradientDraws:
    model = models.load_model(chosen.path, chosen.version)
    import torch

    from training.measure.variance import GradientDraws

    return GradientDraws(model, torch.from_numpy(images(chosen)), chosen.seed)
