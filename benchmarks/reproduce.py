"""Table 1 of Burda et al. (2016), one stochastic layer on MNIST, beside ours: `python -m benchmarks.reproduce`.

Their network is 784-200-200-50 with tanh and a Bernoulli of stochastically binarized pixels, trained for 3,280 epochs
of minibatches of 20. Ours is the same network for `--epochs`, a number for each row. Training multiplies in bfloat16
where the processor has units for it, what is measured in float32. NLL is -log p(x) by the importance-weighted bound of
5,000 draws, in nats per test image on the fixed draw of its pixels; a unit is active if its posterior mean has a
variance above 0.01 over the test images.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import torch

from training.aevb import Trainer
from training.data.binarize import as_modelled
from training.data.datasets import load_dataset
from training.device import choose_device
from training.measure.bounds import importance_weighted_bounds
from training.measure.definitions import BOUND_DRAWS
from training.measure.evaluation import SEED, as_pixels, encode_all
from training.measure.metrics import units
from training.options import FitOptions

# What is trained, and their NLL and active units, where the table has them here.
ROWS: tuple[tuple[str, dict[str, Any], float | None, int | None], ...] = (
    ("VAE", {"objective": "elbo"}, 86.76, 19),
    ("IWAE, K = 5", {"objective": "iwae", "importance_samples": 5}, None, None),
    ("IWAE, K = 50", {"objective": "iwae", "importance_samples": 50}, 84.78, 25),
)
THEIR_EPOCHS, THEIR_BATCH = 3280, 20


def main() -> None:
    """Train and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--epochs", type=int, nargs=len(ROWS), default=[100] * len(ROWS), help="of each row; 0 leaves it out"
    )
    parser.add_argument("--batch-size", type=int, default=THEIR_BATCH)
    parser.add_argument("--images", type=int, default=1000, help="test images that the NLL is of")
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(
        f"Theirs: {THEIR_EPOCHS:,} epochs of minibatches of {THEIR_BATCH}. Ours: minibatches of {given.batch_size}, "
        f"54,000 training images (6,000 pick the epoch), NLL of {given.images:,} test images.\n"
    )
    print("| | epochs | NLL | theirs | active units | theirs | minutes |\n|---|---|---|---|---|---|---|", flush=True)
    for (title, changes, nll, active), epochs in zip(ROWS, given.epochs, strict=True):
        if not epochs:
            continue
        start = time.perf_counter()
        found_nll, found_active = measured(given, changes, epochs)
        minutes = (time.perf_counter() - start) / 60
        theirs = [f"{nll}" if nll else "", f"{active}" if active else ""]
        print(
            f"| {title} | {epochs} | {found_nll:.2f} | {theirs[0]} | {found_active} | {theirs[1]} | {minutes:.1f} |",
            flush=True,
        )


def measured(given: argparse.Namespace, changes: dict[str, Any], epochs: int) -> tuple[float, int]:
    """NLL in nats per test image, and active units, of one row of the table after `epochs` epochs."""
    options = FitOptions(
        out=Path("unused"),
        latent_dim=50,
        hidden_dims=(200, 200),
        activation="tanh",
        binarize="stochastic",
        epochs=epochs,
        batch_size=given.batch_size,
        learning_rate=1e-3,
        schedule="cosine",
        seed=given.seed,
        **changes,
    )
    data = load_dataset(options.dataset, given.data_dir)
    trainer = Trainer(options, data, choose_device("auto"))
    torch.set_float32_matmul_precision("medium")
    trainer.run(lambda _: None)
    torch.set_float32_matmul_precision("highest")
    model = trainer.best_model().cpu()
    test = torch.from_numpy(as_modelled(data, options.binarize).test.images)
    bounds = importance_weighted_bounds(model, as_pixels(test[: given.images]), BOUND_DRAWS, SEED)
    active = units(encode_all(model, test)[0].numpy(), None, kl=1.0)["active_units"]
    assert isinstance(active, int)
    return -bounds.mean().item(), active


if __name__ == "__main__":
    main()
