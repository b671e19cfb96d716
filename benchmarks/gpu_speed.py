"""`python -m benchmarks.gpu_speed`: training on this machine's GPU; writes benchmarks/gpu.md."""

from __future__ import annotations

import dataclasses
import os
import platform
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import torch

from benchmarks.measure import Measure, tables
from benchmarks.training_speed import matrix_product_rate, our_rate
from training import aevb
from training.data.datasets import load_dataset
from training.data.image_data import ImageData, Split

RESULTS = Path(__file__).parent / "gpu.md"
BATCHES = {128: 4, 8192: 60}  # images in a minibatch, and epochs of them
IMAGES = 8192 * 8
ROUNDS = 5


def gpu_speed(device: torch.device) -> list[Measure]:
    """Images a second at each size of minibatch, medians over interleaved rounds after one that is not counted."""
    data, found = _as_large_as_mnist(), []
    for batch, epochs in BATCHES.items():
        rounds = []
        for _ in range(1 + ROUNDS):
            ours = our_rate(data, device, batch, epochs)
            with _launched_one_by_one():
                launched = our_rate(data, device, batch, epochs)
            rounds.append((ours, matrix_product_rate(device, batch, epochs * IMAGES), launched))
        del rounds[0]
        ours, products, launched = (statistics.median(rates) for rates in zip(*rounds, strict=True))
        of_products, of_launched = (statistics.median(one[0] / one[other] for one in rounds) for other in (1, 2))
        what = f"training, 784-400-20-400-784, batch {batch:,}"
        bound, plain = "its matrix products alone", "each kernel launched by itself"
        found += [
            Measure("Train", what, ours, "images/s", "", bound, products, paired=of_products),
            Measure("Train", "the same", ours, "images/s", "", plain, launched, paired=of_launched),
        ]
    return found


@contextmanager
def _launched_one_by_one() -> Iterator[None]:
    before, aevb.LAUNCHED_FIRST = aevb.LAUNCHED_FIRST, sys.maxsize
    try:
        yield
    finally:
        aevb.LAUNCHED_FIRST = before


def _as_large_as_mnist() -> ImageData:
    """Grey noise of MNIST's size, as no step takes longer for what an image shows."""
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, 1, 28, 28), np.uint8)
    noise = Split(images, np.zeros(IMAGES, np.int64))
    return dataclasses.replace(
        load_dataset("digits", Path("unused")), train=noise, validation=noise, test=noise, gallery=noise
    )


def main() -> int:
    """Measure, print and write; 1 without a GPU."""
    if not torch.cuda.is_available():
        print("error: there is no CUDA device on this machine", file=sys.stderr)
        return 1
    device = torch.device("cuda")
    before = os.getloadavg()[0]
    measures = gpu_speed(device)
    machine = f"{torch.cuda.get_device_name(device)}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = (
        f"Measured on {date.today().isoformat()} by `python -m benchmarks.gpu_speed`: {machine}, torch "
        f"{torch.__version__}, float32; load average {before:.1f} before.\n\n"
    )
    text = head + tables(measures)
    print(text)
    RESULTS.write_text("# Speed on a GPU\n\n" + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
