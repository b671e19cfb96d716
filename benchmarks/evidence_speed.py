"""log p(x) of many images at once against a plain loop that integrates for each image by itself."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.measure import Measure
from training import checkpoint
from training.data.datasets import load_dataset
from training.measure.evaluation import as_pixels, encode_all
from training.measure.evidence import log_evidence, log_likelihood
from training.model.posterior import standard_deviations
from training.model.vae import VAE

RUN = Path(__file__).parent.parent / "checkpoints" / "mnist" / "elbo"
IMAGES = 1000
LOOP_IMAGES = 5  # the loop is measured on these, and what it takes for 1,000 is that times 200
# The loop's grids: as fine as ours over the prior, and 16 steps a standard deviation over eight of them about q(z|x).
REACH, STEP = 6.0, 1 / 24
LOCAL_REACH, LOCAL_SIDE = 4.0, 128


def evidence_speed(data_dir: Path, images: int = IMAGES, loop_images: int = LOOP_IMAGES) -> list[Measure]:
    """Seconds for 1,000 test images of the shipped ELBO run, and how much longer the loop takes."""
    model = checkpoint.load_model(RUN)
    test = torch.from_numpy(load_dataset("mnist", data_dir).test.images[:images])
    x, (mu, spread) = as_pixels(test), encode_all(model, test)
    sigma = standard_deviations(mu, spread)
    log_evidence(model, x[:2], mu[:2], sigma[:2])  # the first products are slow
    start = time.perf_counter()
    ours = log_evidence(model, x, mu, sigma).log_evidence
    seconds = (time.perf_counter() - start) * IMAGES / images
    times, off = [], []
    for i in range(loop_images):
        start = time.perf_counter()
        found = _by_itself(model, x[i : i + 1], mu[i], sigma[i])
        times.append(time.perf_counter() - start)
        off.append(abs(found - ours[i].item()))
    loop = statistics.median(times) * IMAGES
    assert statistics.median(off) < 0.01, "the two do not agree"
    what = "log p(x) of 1,000 images by integration"
    return [
        Measure("Compute", what, seconds, "s", "<= 30"),
        Measure("Compute", "the same", seconds, "s", ">= 20", "a loop over images", loop, inverse=True),
    ]


@torch.no_grad()
def _by_itself(model: VAE, x: Tensor, mu: Tensor, sigma: Tensor) -> float:
    """log p(x) of one image by the midpoint rule: a global grid, and in the box about q(z|x) a local one instead."""
    middle = torch.arange(-REACH + STEP / 2, REACH, STEP, dtype=torch.float64)
    z = torch.cartesian_prod(middle, middle)
    inside = ((z - mu).abs() <= LOCAL_REACH * sigma).all(1)
    parts = [_summed(model, x, z[~inside], STEP**2)]
    side = 2 * LOCAL_REACH * sigma.double() / LOCAL_SIDE
    near = [mu[d].double() + side[d] * (torch.arange(LOCAL_SIDE) - (LOCAL_SIDE - 1) / 2) for d in range(2)]
    parts.append(_summed(model, x, torch.cartesian_prod(*near), side.prod().item()))
    return torch.logsumexp(torch.stack(parts), 0).item()


def _summed(model: VAE, x: Tensor, z: Tensor, area: float) -> Tensor:
    log_joint = log_likelihood(model, x, z)[0].double() + model.log_prior(z)
    return torch.logsumexp(log_joint, 0) + torch.tensor(area, dtype=torch.float64).log()
