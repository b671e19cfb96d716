"""A run in the making shows itself: small frames, its state and its loss curve, in its folder while it has no config.

What is written, and how it is read: training/live_files.py. It costs the run at most SHARE of its time, by its own
measure; a disk that is full ends the showing and not the training.
"""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from training import atomic, live_files
from training.aevb import Trainer
from training.beta import beta_json
from training.checkpoint import is_finished
from training.data.datasets import ImageData
from training.errors import os_error
from training.fit_command import fit_command
from training.live_files import LIVE, State
from training.measure.evaluation import as_pixels, encode_all
from training.model.architectures import decoder_layers
from training.model.posterior import standard_deviations
from training.pace import Pace
from training.tensor_files import format_tensors, json_bytes, json_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

MOST_POINTS = (2000, 1000, 500, 200)  # as many as are encoded in ENCODING seconds
ENCODING = 0.012
PICTURES = 6
CURVE_POINTS, FRAME_POINTS = 4000, 50
MOST_WEIGHTS = 10_000_000  # of a decoder that a page can run, and a frame brings along
HALF = float(np.finfo(np.float16).max)
BEAT = 0.5  # seconds between two looks at the clock of status.json


class Publisher:
    """Writes `live/` in a run's workplace; `pace` says when, and what it has cost."""

    def __init__(self, workplace: Path, trainer: Trainer, data: ImageData) -> None:
        self.workplace, self.folder = workplace, workplace / LIVE
        self.trainer, self.data = trainer, data
        self.pace = Pace(trainer.done, trainer.options.epochs * trainer.steps_per_epoch)
        self.started, self.beaten = time.time(), 0.0
        self.state: State = "starting"
        self.message = ""
        self.works = True  # until a file cannot be written
        self.frame = self.detail = self.control = -1
        self.marks = 0  # how many are written
        self.spacing = max(1, self.pace.total // CURVE_POINTS)  # steps a point of the curve
        self.sums: list[tuple[float, float]] = []  # of the steps since the last point
        self.unwritten: list[tuple[float, float, float]] = []  # points of the curve
        self.since_frame: list[tuple[float, float, float]] = []

    def begin(self) -> None:
        """Start `live/` anew, with a first frame; of a run that goes on the curve so far is kept."""
        done = self.trainer.done / self.trainer.steps_per_epoch
        kept = [point for point in live_files.read_curve(self.workplace) if (point[0] or 0.0) <= done]
        with self._cost():
            shutil.rmtree(self.folder, ignore_errors=True)
            (self.workplace / live_files.CONTROL).unlink(missing_ok=True)
            self._write(live_files.CURVE, "".join(json.dumps(point) + "\n" for point in kept if done).encode())
            self._write_status()
            self._choose_points()
            self._write_start()
        self.publish_frame()
        self.state = "running"
        self.beat(now=True)

    def beat(self, now: bool = False) -> None:
        """Say that the run is under way and how far, every half second."""
        clock = time.monotonic()
        if not now and clock - self.beaten < BEAT:
            return
        self.beaten = clock
        self.pace.passed(self.trainer.done)
        self.pace.look()
        with self._cost():
            self._write_curve()
            if len(self.trainer.marks) != self.marks:
                self.marks = len(self.trainer.marks)
                marks = [mark.as_json() for mark in self.trainer.marks]
                self._write(live_files.MARKS, (json.dumps(marks) + "\n").encode())
            self._write_status()

    def publish_frame(self) -> None:
        """A frame of the weights as they are."""
        if not self.works:
            return
        with self._cost() as spent:
            curve = json_line({"": thinned(self.since_frame, FRAME_POINTS)})[len('{"": ') : -2]
            arrays, metadata = self._frame(), {**self._place(), "curve": curve}
            if self._write(live_files.frame_name(self.frame + 1), format_tensors(arrays, metadata)):
                self.frame += 1
                self.since_frame = []
                self._forget("frame", self.frame)
        self.pace.framed(spent.seconds)
        self.beat(now=True)

    def publish_step(self, arrays: Arrays, means: dict[str, float]) -> None:
        """One step in detail, before the weights follow it, and the minibatch's mean terms: see step_detail.py."""
        terms = {name: f"{value:.9g}" if math.isfinite(value) else "null" for name, value in means.items()}
        metadata = {**self._place(), **terms, "detail": str(self.detail + 1)}
        if self._write(live_files.step_name(self.detail + 1), format_tensors(arrays, metadata)):
            self.detail += 1
            self._forget("step", self.detail)

    def measured(self, epoch: float, reconstruction: float, kl: float) -> None:
        """Take a step's mean terms into the curve."""
        self.sums.append((reconstruction, kl))
        if len(self.sums) >= self.spacing:
            means = np.mean(self.sums, axis=0)
            point = (round(epoch, 6), float(means[0]), float(means[1]))
            self.unwritten.append(point)
            self.since_frame.append(point)
            self.sums = []

    def measuring(self) -> None:
        """The last step is made: its frame, and that figures are to come."""
        self.state = "measuring"
        self.publish_frame()
        self.beat(now=True)

    def end(self, state: State, message: str = "") -> None:
        """The last word: how the run ended, and the line that the command line prints."""
        self.state, self.message = state, message
        if not is_finished(self.workplace):
            self.beat(now=True)

    def _cost(self) -> _Spent:
        return _Spent(self.pace)

    def _choose_points(self) -> None:
        """Which held-out images are shown: as many as can be encoded in no time, evenly of all classes."""
        labels = self.data.gallery.labels
        images, classes = self.trainer.gallery_images, self.trainer.gallery_classes
        few = min(len(images), MOST_POINTS[-1])
        seconds = []
        with torch.no_grad(), _as_it_was(self.trainer):
            for _ in range(2):  # the first time something is made ready
                start = time.perf_counter()
                encode_all(self.trainer.model, images[:few], None if classes is None else classes[:few])[0].sum().item()
                seconds.append(time.perf_counter() - start)
        affordable = few * ENCODING / min(seconds)
        most = next((number for number in MOST_POINTS if number <= affordable), MOST_POINTS[-1])
        self.index = evenly(labels, most)
        self.pictures = self.index[np.linspace(0, len(self.index) - 1, min(PICTURES, len(self.index))).astype(int)]
        if len(set(labels.tolist())) > 1:  # of different classes
            self.pictures = evenly(labels, len(self.pictures))
        rows, shown = torch.from_numpy(self.index), torch.from_numpy(self.pictures)
        self.images, self.shown = images[rows.to(images.device)], images[shown.to(images.device)]
        self.classes, self.shown_classes = (
            self.trainer.model.classes_of(labels[of]) for of in (self.index, self.pictures)
        )

    def _write_start(self) -> None:
        spec = self.trainer.model.spec
        arrays = {
            "label": self.data.gallery.labels[self.index].astype(np.int32),
            "index": self.index.astype(np.int32),
            "images": self.shown.cpu().numpy(),
            "image_index": self.pictures.astype(np.int32),
        }
        layers = json.dumps(decoder_layers(spec))
        self._write(live_files.START, format_tensors(arrays, {"spec": json.dumps(asdict(spec)), "layers": layers}))

    @torch.no_grad()
    def _frame(self) -> Arrays:
        """The tensors of a frame: see docs/checkpoint-format.md."""
        model = self.trainer.model
        with _as_it_was(self.trainer):
            mu, spread = encode_all(model, self.images, self.classes)
            tensors = {"mu": mu}
            if model.spec.posterior != "deterministic":
                tensors["log_var"] = 2 * standard_deviations(mu, spread).log()
            codes, _ = model.encode(as_pixels(self.shown), self.shown_classes)
            pictures = pixels(model.image(codes, self.shown_classes))
        decoder = {name: value for name, value in model.state_dict().items() if name.startswith("decoder.")}
        if sum(value.numel() for value in decoder.values()) <= MOST_WEIGHTS:
            tensors |= decoder
        halves = {name: value.clamp(-HALF, HALF).half().cpu().numpy() for name, value in tensors.items()}
        return {name: np.ascontiguousarray(value) for name, value in halves.items()} | {"reconstructions": pictures}

    def _place(self) -> dict[str, str]:
        """The metadata that says of a file where in the run it is, and of a Gaussian likelihood how wide."""
        trainer = self.trainer
        beta = str(beta_json(trainer.objective.beta))
        said = {"frame": str(self.frame + 1), "epoch": str(trainer.epoch), "step": str(trainer.step), "beta": beta}
        log_sigma = getattr(trainer.model, "log_sigma", None)
        return said if log_sigma is None else {**said, "log_sigma": str(log_sigma.item())}

    def _write_status(self) -> None:
        trainer, options = self.trainer, self.trainer.options
        seconds = self.pace.seconds_a_step
        going = self.state == "running" and not self.pace.slow
        status = {
            "format": live_files.FORMAT,
            "pid": os.getpid(),
            "host": platform.node(),
            "started": self.started,
            "updated": time.time(),
            "state": self.state,
            "message": self.message,
            "command": fit_command(options),
            "recipe": options.recipe(),
            "dataset": {
                "name": self.data.name,
                "classes": list(self.data.classes),
                "image_shape": list(self.data.image_shape),
            },
            "epoch": trainer.epoch,
            "step": trainer.step,
            "epochs": options.epochs,
            "steps_per_epoch": trainer.steps_per_epoch,
            "weights": {"reconstruction": trainer.objective.w_rec, "kl": trainer.objective.w_kl},
            "beta": beta_json(trainer.objective.beta),
            "images_per_second": round(len(self.data.train) / (trainer.steps_per_epoch * seconds), 1)
            if seconds
            else 0.0,
            "remaining_seconds": round(self.pace.left, 1) if seconds and going else None,
            "frame": self.frame,
            "detail": self.detail,
            "control": max(self.control, 0),
        }
        self._write(live_files.STATUS, json_bytes(status))

    def _write_curve(self) -> None:
        if not (self.works and self.unwritten):
            return
        lines = "".join(json_line({"": point})[len('{"": ') : -2] + "\n" for point in self.unwritten)
        try:
            with (self.folder / live_files.CURVE).open("ab") as file:
                file.write(lines.encode())
        except OSError as error:
            self._give_up(error)
        self.unwritten = []

    def _write(self, name: str, data: bytes) -> bool:
        """Write a file of `live/`; the first that cannot be written is the last but for the state, and said."""
        if not (self.works or name == live_files.STATUS) or not self.workplace.is_dir():
            return False
        try:
            atomic.write_file(self.folder / name, data, lasting=False)
        except OSError as error:
            if self.works:
                self._give_up(error)
            return False
        return True

    def _give_up(self, error: OSError) -> None:
        self.works = False
        self.message = f"{os_error(error)}; the run goes on and is no longer shown"
        tqdm.write(f"note: {self.message}", file=sys.stderr)
        for kind in ("frame", "step"):  # which leaves room for the state, and for the run itself
            self._forget(kind, sys.maxsize)
        self._write_status()

    def _forget(self, kind: str, newest: int) -> None:
        for number in live_files.numbers_of(self.folder, kind):
            if number <= newest - live_files.FRAMES_KEPT:
                with suppress(OSError):
                    (self.folder / f"{kind}-{number:06d}.safetensors").unlink()


class _Spent:
    """Measures what showing the run costs."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.seconds = 0.0

    def __enter__(self) -> _Spent:
        self.start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self.start
        self.pace.spent += self.seconds


class _as_it_was:  # noqa: N801
    """Gives a trainer's model back its mode, training or not, after it was looked at."""

    def __init__(self, trainer: Trainer) -> None:
        self.model = trainer.model

    def __enter__(self) -> None:
        self.training = self.model.training
        self.model.eval()

    def __exit__(self, *_: object) -> None:
        self.model.train(self.training)


def pixels(images: Tensor) -> NDArray[np.uint8]:
    """Images in [0, 1] as uint8, any shape."""
    return images.detach().clamp(0, 1).mul(255).round().byte().cpu().numpy()


def evenly(labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Places, rising, of `most` of the `labels` (N,), the same at any time, as evenly of all classes as there are."""
    order = np.random.default_rng(0).permutation(len(labels))
    rank = np.zeros(len(labels), np.int64)  # of each among those of its class
    for label in np.unique(labels):
        alike = order[labels[order] == label]
        rank[alike] = np.arange(len(alike))
    return np.sort(order[np.argsort(rank[order], kind="stable")][:most])


def thinned(points: list[tuple[float, float, float]], most: int) -> list[list[float]]:
    """At most so many points of a curve, each a mean of neighbours."""
    return [np.mean(part, axis=0).tolist() for part in np.array_split(points, min(most, len(points)))] if points else []
