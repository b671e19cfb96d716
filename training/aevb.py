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

from training.adamw import AdamW
from training.beta import Mark, marks_of_epoch, with_mark
from training.cuda_graph import CudaGraph, own_stream
from training.data.binarize import as_modelled
from training.data.datasets import ImageData
from training.data.minibatches import Minibatches
from training.errors import UserError
from training.gradient import GradientEstimator
from training.measure.evaluation import as_pixels, encode_all, mean_image, terms_of, weighted_terms_of
from training.model.prior import VampPrior
from training.model.vae import VAE
from training.objective import Objective, Terms
from training.options import FitOptions, with_defaults
from training.ranks import Ranks
from training.warm_start import weights_of

WARM_UP = 0.15
MAX_FRAMES = 24
MAX_WIDE_FRAMES = 4  # for D > 2, where a frame is D / 2 times as large
READ_EVERY = 50  # steps on an accelerator, where each look at a number waits for the device
LAUNCHED_FIRST = 3  # steps on CUDA, which set the moments aside, before one is recorded: that must not


class Diverged(UserError):
    """A loss term is no longer a number."""


class Interrupted(Exception):
    """Ctrl-C: the state is at the last finished step."""


INTERRUPTED = "interrupted: state saved; go on with the same command and --resume"  # what is said of it


class Watcher:
    """What stands between the steps of a run in the making: asked before each whether to go on, told what it was.

    This one goes on until `stop()` is true, and looks at nothing.
    """

    def __init__(self, stop: Callable[[], bool] = lambda: False) -> None:
        self.stop = stop

    def halts(self, trainer: Trainer) -> bool:  # noqa: ARG002
        """Whether the run is to end before its next step; may take its time to say so."""
        return self.stop()

    def drawn(self, trainer: Trainer, x: Tensor, noise: Tensor, y: Tensor | None) -> None:
        """A step's images x (B, C, H, W), noise (B, D) and classes, before the weights follow it."""

    def measured(self, epoch: float, reconstruction: float, kl: float) -> None:
        """A step's mean terms, in nats per image, after so many epochs."""


class Trainer:
    """One run in the making. All of its state goes in and out through `state` and `restore`."""

    def __init__(self, options: FitOptions, data: ImageData, device: torch.device, ranks: Ranks | None = None) -> None:
        torch.manual_seed(options.seed)
        self.ranks = ranks or Ranks()
        self.options = options
        self.device = device
        self.objective = Objective.preset(options.objective, options.beta)
        self.marks = [Mark(0.0, self.objective.beta)]  # the start, and each change of beta
        self.train_images = data.train
        self.minibatches = Minibatches(data.train, device, options.binarize == "fixed")
        data = as_modelled(data, options.binarize)
        self.validation_images, self.gallery_images = (
            torch.from_numpy(split.images).to(device) for split in (data.validation, data.gallery)
        )
        self.model = VAE(options.model_spec(data.image_shape, len(data.classes)))
        if self.objective.w_rec:  # without this term the decoder is to see no image at all
            self.model.start_from_mean(mean_image(data.train))
        if options.start_from and not options.resume:  # whose state has them
            self.model.load_state_dict(weights_of(options.start_from, self.model.spec))
        self.model.to(device)
        self.validation_classes, self.gallery_classes = (
            self.model.classes_of(split.labels) for split in (data.validation, data.gallery)
        )
        self.estimator = GradientEstimator(options.gradient, options.baseline, data.image_shape).to(device)
        self.optimizer = AdamW([*self.model.parameters(), *self.estimator.parameters()], options.weight_decay)
        self.steps_per_epoch = math.ceil(len(self.train_images) / options.batch_size)
        most = MAX_FRAMES if options.latent_dim <= 2 else MAX_WIDE_FRAMES
        kept = most if options.frames is None else options.frames
        self.frame_epochs = set() if options.family else frame_epochs(options.epochs, kept)
        self.untrained = self._validation()  # terms of the untrained model
        self.epoch = 0  # finished epochs
        self.step = 0  # finished steps of the epoch under way
        self.sums = np.zeros(2)  # of reconstruction and kl over those steps' images
        self.read_every = 1 if device.type == "cpu" else READ_EVERY
        self.unread: list[tuple[Tensor, int]] = []  # (2,) means of the last steps, still on the device; how many images
        self.progress = ""
        self.launched = 0  # steps whose kernels were launched one by one
        self.graph: CudaGraph | None = None  # what the next ones are done by on CUDA
        self.watcher = Watcher()
        self.chosen = np.zeros(0, np.int64)  # places among the training images of the minibatch under way
        self.seconds = 0.0
        self.history: list[dict[str, Any]] = []
        self.frames: dict[int, Tensor] = {} if options.family else {0: self._frame()}
        self.best_epoch = 0
        self.best_loss = math.inf
        self.best = self._weights()

    @property
    def done(self) -> int:
        """Finished steps of all epochs."""
        return self.epoch * self.steps_per_epoch + self.step

    @property
    def draws(self) -> tuple[int, ...]:
        """(K,) where the loss is of K draws an image together, () where it is of one."""
        together = self.options.importance_samples
        return () if together is None else (together,)

    @property
    def untrained_loss(self) -> float:
        """Loss of the untrained model on the validation images, in nats per image, as beta weighs it now."""
        return self.objective.loss(self.untrained).item()

    def turn_beta(self, beta: float) -> None:
        """Weigh the terms by another beta from the next step on, and mark the change.

        Losses before and after are of different sums, so that the epoch to keep is looked for anew.
        """
        if beta == self.objective.beta:
            return
        self._read_terms()
        self.objective = Objective.of_beta(beta)
        self._launch_anew()
        self.marks = with_mark(self.marks, Mark(self.done / self.steps_per_epoch, beta))
        self.best_epoch, self.best_loss, self.best = 0, math.inf, self._weights()

    def run(self, on_epoch: Callable[[dict[str, Any]], None], watcher: Watcher | None = None) -> None:
        """Train to the last epoch, calling `on_epoch` with each epoch's record.

        Raises Interrupted where the `watcher` halts it, before a step. Raises Diverged at the first term that is not
        finite, before the weights follow it; on an accelerator within READ_EVERY steps.
        """
        self.watcher = watcher or Watcher()
        total = self.options.epochs * self.steps_per_epoch
        bar = tqdm(total=total, initial=self.done, unit=" steps", mininterval=0.2, disable=not self.ranks.leads)
        with bar, own_stream(self.device):
            while self.epoch < self.options.epochs:
                bar.set_description(f"epoch {self.epoch + 1}/{self.options.epochs}", refresh=False)
                self._train_epoch(bar)
                record = self._finish_epoch()
                on_epoch(record)

    def _train_epoch(self, bar: tqdm[Any]) -> None:
        size, images = self.options.batch_size, self.train_images
        # The shuffle depends on seed and epoch alone, so a resumed epoch goes on with the same batches.
        shuffle = torch.Generator().manual_seed(self.options.seed * 1_000_003 + self.epoch)
        order = torch.randperm(len(images), generator=shuffle).numpy()
        self.model.train()
        while self.step < self.steps_per_epoch:
            if self._halts():
                self._read_terms()
                raise Interrupted
            start = time.perf_counter()
            minibatch = order[self.step * size : (self.step + 1) * size]
            self.chosen = self.ranks.share(minibatch)
            y = self.model.classes_of(images.labels[self.chosen])
            self._train_step(self.minibatches.take(self.chosen), y, len(minibatch))
            self.seconds += time.perf_counter() - start
            bar.update()
            bar.set_postfix_str(self.progress, refresh=False)
        self._read_terms()

    def _halts(self) -> bool:
        """Whether the run ends before its next step; all processes that train it hear of that, and of its beta."""
        halts, beta = self.ranks.agree(self.watcher.halts(self), self.objective.beta)
        self.turn_beta(beta)
        return halts

    def _train_step(self, batch: Tensor, y: Tensor | None, images: int = 0) -> None:
        """One step of AEVB on uint8 images (B, C, H, W), and their classes for a conditional model.

        `images`: of the whole minibatch, where these are but this process's share of it.
        """
        images = images or len(batch)
        learning_rate = self._learning_rate()
        x = self._binarized(as_pixels(batch), images)
        shape = (images, *self.draws, self.options.latent_dim)
        noise = self.ranks.share(torch.randn(shape, device=self.device))
        self.watcher.drawn(self, x, noise[:, 0] if self.draws else noise, y)
        if graph := self._graph(x, noise, y):
            self._note(graph(x, noise, y, torch.full((), learning_rate, device=self.device)), images)
            return
        terms = self._terms(x, noise, y, images)
        self._note(self.ranks.total(_both(terms)), images)
        self._descend(terms, learning_rate)

    def _terms(self, x: Tensor, noise: Tensor, y: Tensor | None, images: int) -> Terms:
        return self.ranks.mean(self.estimator.terms(self.model, x, noise, y), images)

    def _descend(self, terms: Terms, learning_rate: float | Tensor) -> None:
        self.optimizer.clear_gradients()
        self.objective.loss(terms).backward()  # type: ignore[no-untyped-call]
        self.ranks.add_gradients(self.optimizer.parameters)
        self.optimizer.step(learning_rate)

    def _graph(self, x: Tensor, noise: Tensor, y: Tensor | None) -> CudaGraph | None:
        """A step on minibatches of this shape as one launch; None where each of its kernels is launched."""
        if self.device.type != "cuda" or self.ranks.count > 1 or len(x) < self.options.batch_size:
            return None
        if self.launched < LAUNCHED_FIRST:
            self.launched += 1
            return None
        if self.graph is None:

            def step(x: Tensor, noise: Tensor, y: Tensor | None, learning_rate: Tensor) -> Tensor:
                terms = self._terms(x, noise, y, len(x))
                self._descend(terms, learning_rate)
                return _both(terms)

            self.graph = CudaGraph(step, (x, noise, y, torch.zeros((), device=self.device)))
        return self.graph

    def _launch_anew(self) -> None:
        """The next steps are other ones, or change other tensors."""
        self.launched, self.graph = 0, None

    def _note(self, means: Tensor, images: int) -> None:
        """Take a step's mean terms (2,) over so many images."""
        self.step += 1
        self.unread.append((means, images))
        if len(self.unread) >= self.read_every:
            self._read_terms()

    def _binarized(self, x: Tensor, images: int) -> Tensor:
        """The batch's pixels, drawn anew as 0 or 1 where they are to be: by the generator that `state` keeps."""
        if self.options.binarize != "stochastic":
            return x
        return (self.ranks.share(torch.rand(images, *x.shape[1:], device=self.device)) < x).float()

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
            self.watcher.measured(self.epoch + step / self.steps_per_epoch, reconstruction, kl)
        kl_part = f", kl {kl:.2f}" if math.isfinite(kl) else ""  # a deterministic code has none
        self.progress = f"reconstruction {reconstruction:.2f}{kl_part} nats"
        self.unread = []

    def _learning_rate(self) -> float:
        return self.options.learning_rate * schedule(
            self.options.schedule, self.done / (self.options.epochs * self.steps_per_epoch)
        )

    @torch.no_grad()
    def _finish_epoch(self) -> dict[str, Any]:
        learning_rate = self._learning_rate()
        validation = self._validation()
        loss = self.objective.loss(validation).item()
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
            **marks_of_epoch(self.marks, self.epoch),
        }
        self.history.append(record)
        return record

    @torch.no_grad()
    def _validation(self) -> Terms:
        """Means of the terms over the validation images."""
        if isinstance(self.model.prior, VampPrior):
            self.model.prior.settle(self.model)
        if self.draws:
            images, classes = self.validation_images, self.validation_classes
            return weighted_terms_of(self.model, images, classes, *self.draws).mean()
        return terms_of(self.model, self.validation_images, self.validation_classes, samples=1).mean()

    def best_model(self) -> VAE:
        """The model with the weights of the best validation epoch, in evaluation mode."""
        self.model.load_state_dict(self._stored())
        self.model.eval()
        if isinstance(self.model.prior, VampPrior):
            self.model.prior.settle(self.model)
            self.best = self._weights()
            self.model.load_state_dict(self._stored())
        return self.model

    def trajectory(self) -> dict[str, np.ndarray[Any, Any]]:
        """`epoch` (T,) and `mu` (T, N, D) of saved epochs up to the kept one, which is the last frame.

        A run of a family has none.
        """
        if self.options.family:
            none = np.zeros((0, len(self.gallery_images), self.options.latent_dim), np.float32)
            return {"epoch": np.zeros(0, np.int64), "mu": none}
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
        for index, moments in self.optimizer.moments.items():
            tensors |= {f"adam.{index}.{name}": value.detach().cpu().clone() for name, value in moments.items()}
        tensors["rng"] = self.rng_state()
        record = {
            "recipe": self.options.recipe(),
            "epoch": self.epoch,
            "step": self.step,
            "sums": self.sums.tolist(),
            "seconds": self.seconds,
            "best_epoch": self.best_epoch,
            "best_loss": self.best_loss if self.best_epoch else None,
            "history": self.history,
            "marks": [mark.as_json() for mark in self.marks],
        }
        return tensors, record

    def restore(self, tensors: dict[str, Tensor], record: dict[str, Any]) -> None:
        """Take over a state of a run with the same options; raises UserError naming the option that differs."""
        stored = with_defaults(record["recipe"])
        for name, value in self.options.recipe().items():
            if stored.get(name) != value:
                raise UserError(
                    f"--resume: the interrupted run had {name} = {stored.get(name)}, this one {value}; "
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
        self.optimizer.restore(moments)
        self._launch_anew()
        self.epoch, self.step, self.seconds = record["epoch"], record["step"], record["seconds"]
        if tensors["rng"].shape == self.rng_state().shape:
            self.set_rng_state(tensors["rng"])
        else:  # of another kind of device, whose noise cannot be drawn on this one
            torch.manual_seed(self.options.seed + self.done)
        self.sums = np.array(record["sums"])
        self.history = record["history"]
        if "marks" in record:  # older ones have none
            self.marks = [Mark.of_json(mark) for mark in record["marks"]]
            self.objective = Objective.of_beta(self.marks[-1].beta)
        self.best_epoch = record["best_epoch"]
        self.best_loss = record["best_loss"] if self.best_epoch else math.inf

    def _weights(self) -> dict[str, Tensor]:
        return {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}

    def _frame(self) -> Tensor:
        return encode_all(self.model, self.gallery_images, self.gallery_classes)[0].cpu()

    def rng_state(self) -> Tensor:
        if self.device.type == "cpu":
            return torch.get_rng_state()
        state: Tensor = torch.get_device_module(self.device).get_rng_state()
        return state

    def set_rng_state(self, state: Tensor) -> None:
        if self.device.type == "cpu":
            torch.set_rng_state(state)
        else:
            torch.get_device_module(self.device).set_rng_state(state)


def _both(terms: Terms) -> Tensor:
    """The mean terms, (2,), as numbers alone."""
    return torch.stack([terms.reconstruction, terms.kl]).detach()


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
def interruptible(launched: bool = False) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a flag, given as a function; a second one interrupts at once.

    Who has `launched` several processes passes Ctrl-C on to each, which has heard it already, or ends them by SIGTERM:
    both count as the first, however often.
    """
    asked: list[int] = []

    def note(signum: int, frame: Any) -> None:
        asked.append(signum)
        if not launched:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    heard = (signal.SIGINT, signal.SIGTERM) if launched else (signal.SIGINT,)
    before = [(one, signal.signal(one, note)) for one in heard]
    try:
        yield lambda: bool(asked)
    finally:
        for one, handler in before:
            signal.signal(one, handler)
