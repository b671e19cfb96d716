"""Training against the standard recipe (torchvision, ToTensor, DataLoader, Adam) and against bare matrix products."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from benchmarks.measure import Measure
from training.aevb import Trainer
from training.data.datasets import ImageData, Split, load_dataset
from training.measure.evaluation import terms_of
from training.options import FitOptions

BATCH = 128
IMAGES = 128 * 150
ROUNDS = 5
TARGET = 155.0  # nats per test image: digits are plain to see
CPU = torch.device("cpu")


class StandardVAE(nn.Module):
    """The network of the usual tutorial: 784-400-D-400-784 with ReLU."""

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.hidden, self.mu, self.log_var = nn.Linear(784, 400), nn.Linear(400, latent_dim), nn.Linear(400, latent_dim)
        self.back, self.out = nn.Linear(latent_dim, 400), nn.Linear(400, 784)

    def loss(self, x: Tensor) -> Tensor:
        """Negative ELBO, summed over the batch, with one draw of z."""
        h = F.relu(self.hidden(x.view(-1, 784)))
        mu, log_var = self.mu(h), self.log_var(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * log_var)
        p = torch.sigmoid(self.out(F.relu(self.back(z))))
        cross_entropy = F.binary_cross_entropy(p, x.view(-1, 784), reduction="sum")
        return cross_entropy - 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())


def standard_epochs(data_dir: Path, latent_dim: int) -> Iterator[tuple[StandardVAE, int]]:
    """Train by the standard recipe for ever; yields the model and the images seen after each batch."""
    loader = DataLoader(MNIST(str(data_dir), train=True, transform=ToTensor()), batch_size=BATCH, shuffle=True)
    torch.manual_seed(0)
    model = StandardVAE(latent_dim)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    seen = 0
    while True:
        for x, _ in loader:
            optimizer.zero_grad()
            loss = model.loss(x)
            loss.backward()  # type: ignore[no-untyped-call]
            loss.item()
            optimizer.step()
            seen += len(x)
            yield model, seen


def standard_rate(data_dir: Path) -> float:
    """Images a second of the standard recipe, D = 20."""
    run = standard_epochs(data_dir, 20)
    for _ in range(10):
        next(run)
    start = time.perf_counter()
    for _ in range(IMAGES // BATCH):
        next(run)
    return IMAGES / (time.perf_counter() - start)


def our_rate(data: ImageData, device: torch.device = CPU, batch: int = BATCH, epochs: int = 1) -> float:
    """Images a second of this project's loop with the same network, batch size and optimiser."""
    few = dataclasses.replace(data, validation=_head(data.validation, 1), gallery=_head(data.gallery, 1))
    options = FitOptions(
        out=Path("unused"),
        hidden_dims=(400,),
        latent_dim=20,
        activation="relu",
        batch_size=batch,
        learning_rate=1e-3,
        epochs=epochs,
    )
    trainer = Trainer(options, few, device)
    return epochs * len(few.train) / _seconds(lambda: _quietly(trainer))


def matrix_product_rate(device: torch.device = CPU, batch: int = BATCH, images: int = IMAGES) -> float:
    """Images a second if a step were only its eleven matrix products, results written to memory set aside."""
    shapes = [(784, 400), (400, 40), (20, 400), (400, 784)]
    products = []
    for index, (inputs, outputs) in enumerate(shapes):
        x, w, g = (
            torch.randn(*shape, device=device) for shape in ((batch, inputs), (inputs, outputs), (batch, outputs))
        )
        products.append((x, w, torch.empty_like(g)))  # forward
        products.append((x.T, g, torch.empty_like(w)))  # gradient of the weights
        if index:
            products.append((g, w.T, torch.empty_like(x)))  # gradient of the input

    def steps() -> None:
        for _ in range(images // batch):
            for a, b, out in products:
                torch.mm(a, b, out=out)
        out[0, 0].item()  # a GPU has finished by then

    steps()
    return images / _seconds(steps)


def throughput(data_dir: Path) -> list[Measure]:
    """Images a second, medians over interleaved rounds."""
    data = load_dataset("mnist", data_dir)
    data = dataclasses.replace(data, train=_head(data.train, IMAGES))
    rounds = [(our_rate(data), standard_rate(data_dir), matrix_product_rate()) for _ in range(ROUNDS)]
    ours, standard, products = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    by_recipe = statistics.median(ours / standard for ours, standard, _ in rounds)
    by_products = statistics.median(ours / products for ours, _, products in rounds)
    what = "training, 784-400-20-400-784, batch 128"
    recipe, bound = "the standard recipe", "its matrix products alone"
    return [
        Measure("Train", what, ours, "images/s", ">= 3", recipe, standard, paired=by_recipe),
        Measure("Train", "the same", ours, "images/s", ">= 0.65", bound, products, paired=by_products),
    ]


def talk_ready(data_dir: Path) -> Measure:
    """Seconds of training until the test set's -ELBO is at most 155 nats; D = 2; evaluation is not counted."""
    data = load_dataset("mnist", data_dir)
    test = torch.from_numpy(data.test.images)
    options = FitOptions(out=Path("unused"), hidden_dims=(160, 128), batch_size=128, epochs=1, learning_rate=9e-3)
    trainer = Trainer(options, data, CPU)
    ours = _seconds(lambda: _quietly(trainer))
    our_loss = -terms_of(trainer.best_model(), test, samples=1).elbo.mean().item()

    seconds, epochs, loss = 0.0, 0, float("inf")
    run = standard_epochs(data_dir, 2)
    while loss > TARGET and epochs < 60:
        seconds += _seconds(lambda: [next(run) for _ in range(-(-60_000 // BATCH))])
        epochs += 1
        model, _ = next(run)
        with torch.no_grad():
            loss = model.loss(test.float() / 255).item() / len(test)
    what = f"until the test set's -ELBO is {TARGET:g} nats, D = 2 (ours {our_loss:.1f}, peer {loss:.1f})"
    return Measure("Train", what, ours, "s", ">= 25", "the standard recipe", seconds, inverse=True)


def training_speed(data_dir: Path) -> list[Measure]:
    """All speeds of training."""
    return [*throughput(data_dir), talk_ready(data_dir)]


def _head(split: Split, count: int) -> Split:
    return Split(split.images[:count], split.labels[:count])


def _quietly(trainer: Trainer) -> None:
    with contextlib.redirect_stderr(io.StringIO()):
        trainer.run(lambda record: None)


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
