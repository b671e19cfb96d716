"""Auto-encoding variational Bayes: shuffle, minibatch, sample epsilon, step along the gradient of the ELBO estimate."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training.data.datasets import ImageData
from training.errors import UserError
from training.gradient import GradientEstimator
from training.measure.evaluation import as_pixels, encode_all, mean_image, terms_of
from training.model.vae import VAE
from training.objective import Objective, Terms
from training.options import FitOptions

WARM_UP = 0.15
MAX_FRAMES = 24
MAX_WIDE_FRAMES = 4  # for D > 2, where a frame is D / 2 times as large
READ_EVERY = 50  # steps on an accelerator, where each look at a number waits for the device


class Diverged(UserError):
    """A loss term is no longer a number."""


class Interrupted(Exception):
    """Ctrl-C: the state is at the last finished step."""


class Trainer:
    """One run in the making. All of its state goes in and out through `state` and `restore`."""

    def __init__(self, options: FitOptions, data: ImageData, device: torch.device) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.device = device
        self.objective = Objective.preset(options.objective, options.beta)
        self.train_images = data.train
        self.validation_images, self.gallery_images = (
            torch.from_numpy(split.images).to(device) for split in (data.validation, data.gallery)
        )
        self.model = VAE(options.model_spec(data.image_shape, len(data.classes)))
        if self.objective.w_rec:  # without this term the decoder is to see no image at all
            self.model.start_from_mean(mean_image(data.train))
        self.model.to(device)
        self.validation_classes, self.gallery_classes = (
            self.model.classes_of(split.labels) for split in (data.validation, data.gallery)
        )
        self.estimator = GradientEstimator(options.gradient, options.baseline, data.image_shape).to(device)
        self.optimizer = torch.optim.AdamW(
            [*self.model.parameters(), *self.estimator.parameters()],
            lr=options.learning_rate,
            weight_decay=options.weight_decay,
            fused=True,
        )
        self.steps_per_epoch = math.ceil(len(self.train_images) / options.batch_size)
        self.frame_epochs = frame_epochs(options.epochs, MAX_FRAMES if options.latent_dim <= 2 else MAX_WIDE_FRAMES)
        # Loss of the untrained model on the validation images, in nats per image.
        self.untrained_loss = self._validation()[1]
        self.epoch = 0  # finished epochs
        self.step = 0  # finished steps of the epoch under way
        self.sums = np.zeros(2)  # of reconstruction and kl over those steps' images
        self.read_every = 1 if device.type == "cpu" else READ_EVERY
        self.unread: list[tuple[Tensor, int]] = []  # (2,) means of the last steps, still on the device; how many images
        self.progress = ""
        self.seconds = 0.0
        self.history: list[dict[str, Any]] = []
        self.frames: dict[int, Tensor] = {0: self._frame()}
        self.best_epoch = 0
        self.best_loss = math.inf
        self.best = self._weights()

    def run(self, on_epoch: Callable[[dict[str, Any]], None], stop: Callable[[], bool] = lambda: False) -> None:
        """Train to the last epoch, calling `on_epoch` with each epoch's record.

        Raises Interrupted within a step of `stop()` turning true. Raises Diverged at the first term that is not
        finite, before the weights follow it; on an accelerator within READ_EVERY steps.
        """
        total = self.options.epochs * self.steps_per_epoch
        done = self.epoch * self.steps_per_epoch + self.step
        with tqdm(total=total, initial=done, unit=" steps", mininterval=0.2) as bar:
            while self.epoch < self.options.epochs:
                bar.set_description(f"epoch {self.epoch + 1}/{self.options.epochs}", refresh=False)
                self._train_epoch(bar, stop)
                record = self._finish_epoch()
                on_epoch(record)

    def _train_epoch(self, bar: tqdm[Any], stop: Callable[[], bool]) -> None:
        size, images = self.options.batch_size, self.train_images
        # The shuffle depends on seed and epoch alone, so a resumed epoch goes on with the same batches.
        shuffle = torch.Generator().manual_seed(self.options.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(images), generator=shuffle).numpy()
        self.model.train()
        while self.step < self.steps_per_epoch:
            if stop():
                self._read_terms()
                raise Interrupted
            start = time.perf_counter()
            chosen = order[self.step * size : (self.step + 1) * size]
            batch = torch.from_numpy(images.take(chosen))
            self._train_step(batch.to(self.device), self.model.classes_of(images.labels[chosen]))
            self.seconds += time.perf_counter() - start
            bar.update()
            bar.set_postfix_str(self.progress, refresh=False)
        self._read_terms()

    def _train_step(self, batch: Tensor, y: Tensor | None) -> None:
        """One step of AEVB on uint8 images (B, C, H, W), and their classes for a conditional model."""
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate()
        x = as_pixels(batch)
        noise = torch.randn(len(x), self.options.latent_dim, device=self.device)
        terms = self.estimator.terms(self.model, x, noise, y).mean()
        self.step += 1
        self.unread.append((torch.stack([terms.reconstruction, terms.kl]).detach(), len(x)))
        if len(self.unread) >= self.read_every:
            self._read_terms()
        self.optimizer.zero_grad()
        self.objective.loss(terms).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def _read_terms(self) -> None:
        """Add up the terms of the steps not yet looked at, and stop if one is not finite."""
        if not self.unread:
            return
        means, counts = zip(*self.unread, strict=True)
        first = self.step - len(self.unread) + 1
        for step, count, (reconstruction, kl) in zip(
            range(first, self.step + 1), counts, torch.stack(means).tolist(), strict=True
        ):
            for name, mean in (("reconstruction", reconstruction), ("kl", kl)):
                if name in self.objective.weights and not math.isfinite(mean):
                    raise Diverged(
                        f"the {name} term became {mean} in epoch {self.epoch + 1}, step {step}; "
                        f"lower --learning-rate (now {self.options.learning_rate:g})"
                    )
            self.sums += np.array([reconstruction, kl]) * count
        kl_part = f", kl {kl:.2f}" if math.isfinite(kl) else ""  # a deterministic code has none
        self.progress = f"reconstruction {reconstruction:.2f}{kl_part} nats"
        self.unread = []

    def _learning_rate(self) -> float:
        done = self.epoch * self.steps_per_epoch + self.step
        return self.options.learning_rate * schedule(
            self.options.schedule, done / (self.options.epochs * self.steps_per_epoch)
        )

    @torch.no_grad()
    def _finish_epoch(self) -> dict[str, Any]:
        learning_rate = self._learning_rate()
        validation, loss = self._validation()
        train = self.sums / len(self.train_images)
        self.epoch, self.step, self.sums = self.epoch + 1, 0, np.zeros(2)
        if loss < self.best_loss:
            self.best_loss, self.best_epoch, self.best = loss, self.epoch, self._weights()
        if self.epoch in self.frame_epochs:
            self.frames[self.epoch] = self._frame()
        record = {
            "epoch": self.epoch,
            "train_reconstruction": float(train[0]),
            "train_kl": float(train[1]),
            "validation_reconstruction": validation.reconstruction.item(),
            "validation_kl": validation.kl.item(),
            "validation_loss": loss,
            "learning_rate": learning_rate,
            "seconds": round(self.seconds, 3),
        }
        self.history.append(record)
        return record

    @torch.no_grad()
    def _validation(self) -> tuple[Terms, float]:
        """Means of the terms over the validation images, and the loss that they make."""
        terms = terms_of(self.model, self.validation_images, self.validation_classes, samples=1).mean()
        return terms, self.objective.loss(terms).item()

    def best_model(self) -> VAE:
        """The model with the weights of the best validation epoch, in evaluation mode."""
        self.model.load_state_dict(self._stored())
        return self.model.eval()

    def trajectory(self) -> dict[str, np.ndarray[Any, Any]]:
        """`epoch` (T,) and `mu` (T, N, D) of saved epochs up to the kept one, which is the last frame."""
        kept = {epoch: mu for epoch, mu in self.frames.items() if epoch < self.best_epoch}
        self.model.load_state_dict(self._stored())
        kept[self.best_epoch] = self._frame()
        return {"epoch": np.array(list(kept), dtype=np.int64), "mu": torch.stack(list(kept.values())).numpy()}

    def _stored(self) -> dict[str, Tensor]:
        """The best weights in the precision they are stored in."""
        precision = getattr(torch, self.options.precision)
        return {name: value.to(precision).to(value.dtype) for name, value in self.best.items()}

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Tensors and a JSON object from which `restore` goes on, to the bit."""
        tensors = {f"model.{name}": value for name, value in self._weights().items()}
        tensors |= {f"best.{name}": value for name, value in self.best.items()}
        tensors |= {f"estimator.{name}": value.cpu() for name, value in self.estimator.state_dict().items()}
        tensors |= {f"frame.{epoch}": mu for epoch, mu in self.frames.items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{name}": value.detach().cpu().clone() for name, value in moments.items()}
        tensors["rng"] = self._rng_state()
        record = {
            "recipe": self.options.recipe(),
            "epoch": self.epoch,
            "step": self.step,
            "sums": self.sums.tolist(),
            "seconds": self.seconds,
            "best_epoch": self.best_epoch,
            "best_loss": self.best_loss if self.best_epoch else None,
            "history": self.history,
        }
        return tensors, record

    def restore(self, tensors: dict[str, Tensor], record: dict[str, Any]) -> None:
        """Take over a state of a run with the same options; raises UserError naming the option that differs."""
        recipe = self.options.recipe()
        for name, value in recipe.items():
            if record["recipe"].get(name) != value:
                raise UserError(
                    f"--resume: the interrupted run had {name} = {record['recipe'].get(name)}, this one {value}; "
                    "give the same options, or leave --resume out to start anew"
                )

        def part(prefix: str) -> dict[str, Tensor]:
            return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

        self.model.load_state_dict(part("model."))
        self.estimator.load_state_dict(part("estimator."))
        self.best = part("best.")
        self.frames = dict(sorted((int(epoch), mu) for epoch, mu in part("frame.").items()))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in part("adam.").items():
            index, kind = name.split(".", 1)
            moments.setdefault(int(index), {})[kind] = value
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        self._set_rng_state(tensors["rng"])
        self.epoch, self.step, self.seconds = record["epoch"], record["step"], record["seconds"]
        self.sums = np.array(record["sums"])
        self.history = record["history"]
        self.best_epoch = record["best_epoch"]
        self.best_loss = record["best_loss"] if self.best_epoch else math.inf

    def _weights(self) -> dict[str, Tensor]:
        return {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}

    def _frame(self) -> Tensor:
        return encode_all(self.model, self.gallery_images, self.gallery_classes)[0].cpu()

    def _rng_state(self) -> Tensor:
        if self.device.type == "cpu":
            return torch.get_rng_state()
        state: Tensor = torch.get_device_module(self.device).get_rng_state()
        return state

    def _set_rng_state(self, state: Tensor) -> None:
        if self.device.type == "cpu":
            torch.set_rng_state(state)
        else:
            torch.get_device_module(self.device).set_rng_state(state)


def schedule(name: str, progress: float) -> float:
    """The learning rate as a share of its peak at `progress` in [0, 1] of training."""
    if name == "one-cycle":
        if progress < WARM_UP:
            return 0.04 + 0.96 * progress / WARM_UP
        progress = (progress - WARM_UP) / (1 - WARM_UP)
    return 0.5 * (1 + math.cos(math.pi * progress))


def frame_epochs(epochs: int, most: int) -> set[int]:
    """Epochs whose latents are kept, 0 and `most` others: all of a short run, else the first few, then ever sparser."""
    if epochs <= most:
        return set(range(epochs + 1))
    return {0} | {round(epoch) for epoch in np.geomspace(1, epochs, most)}


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a flag, given as a function; a second one interrupts at once."""
    asked: list[int] = []

    def note(signum: int, frame: Any) -> None:
        asked.append(signum)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)
