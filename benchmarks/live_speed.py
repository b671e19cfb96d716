"""What it costs a run to show itself while it is made, and how soon and how often it does."""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from benchmarks.measure import Measure
from training.aevb import Trainer, Watcher
from training.data.datasets import ImageData, load_dataset
from training.live import Publisher
from training.options import FitOptions
from training.watch import LiveWatcher, shown

ROUNDS = 5
EPOCHS = 30
SOON = 3.0  # seconds


class _FramesAt(LiveWatcher):
    """Notes when each frame was there."""

    def __init__(self, publisher: Publisher) -> None:
        super().__init__(lambda: False, publisher)
        self.times: list[float] = []

    def halts(self, trainer: Trainer) -> bool:
        halted = super().halts(trainer)
        now = time.perf_counter()
        self.times += [now] * (self.publisher.frame + 1 - len(self.times))
        return halted


def _run(data: ImageData, folder: Path, live: bool) -> tuple[float, int]:
    """Images a second of a run, and the frames that it showed in its first seconds."""
    options = FitOptions(out=folder / "run", dataset="mnist5k", epochs=EPOCHS)
    (folder / "run").mkdir(exist_ok=True)
    trainer = Trainer(options, data, torch.device("cpu"))
    publisher = Publisher(folder / "run", trainer, data)
    watcher = _FramesAt(publisher)

    def nothing(record: dict[str, Any]) -> None:
        pass

    showing: contextlib.AbstractContextManager[Any] = shown(publisher) if live else contextlib.nullcontext()
    start = time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()), showing:
        if live:
            publisher.begin()
        trainer.run(nothing, watcher if live else Watcher())
    seconds = time.perf_counter() - start
    return EPOCHS * len(data.train) / seconds, sum(at - start <= SOON for at in watcher.times)


def live_speed() -> list[Measure]:
    """Speed of a run that shows itself beside one that does not, medians over interleaved rounds; its first frames."""
    data = load_dataset("mnist5k", Path("data"))
    with TemporaryDirectory() as folder:
        rounds = list(_rounds(data, Path(folder)))
    live, alone, frames = (statistics.median(column) for column in zip(*rounds, strict=True))
    paired = statistics.median(ours / peer for ours, peer, _ in rounds)
    peer = "the same without a page to show it"
    return [
        Measure("Train", "a run on mnist5k that shows itself", live, "images/s", ">= 0.95", peer, alone, paired=paired),
        Measure("Train", f"pictures of it in the first {SOON:g} s", frames, "frames", ">= 10"),
    ]


def _rounds(data: ImageData, folder: Path) -> Iterator[tuple[float, float, int]]:
    for number in range(ROUNDS):
        orders = (True, False) if number % 2 else (False, True)
        found = {live: _run(data, folder, live) for live in orders}
        yield found[True][0], found[False][0], found[True][1]
