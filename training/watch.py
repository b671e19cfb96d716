"""Between the steps of a run: it is shown, and does what it is told: pause, go on, make one step, stop, turn beta."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import Tensor

from training.aevb import INTERRUPTED, Interrupted, Trainer, Watcher
from training.beta import MOST_MARKS
from training.errors import UserError, line_of, one_line
from training.live import Publisher
from training.live_files import CONTROL, Control, read_control
from training.step_detail import step_detail

LOOK = 0.1  # seconds between two looks at control.json
NAP = 0.02  # while waiting
FRAME_GAP = 0.5  # seconds between two frames in slow motion: a step shows itself, a whole frame costs more than it


class LiveWatcher(Watcher):
    """Shows a run through its `publisher`, and hears what control.json in its workplace says."""

    def __init__(self, stop: Callable[[], bool], publisher: Publisher) -> None:
        super().__init__(stop)
        self.publisher = publisher
        self.controls = Controls(publisher.workplace)
        self.told: Control | None = None
        self.stepped = 0  # the number of the wish that the last single step was made for
        self.next_step = 0.0  # when, in slow motion
        self.shown = -1  # finished steps at the last frame
        self.framed = -FRAME_GAP  # when that was

    def halts(self, trainer: Trainer) -> bool:
        """Whether the run is to end here; waits while it is to wait."""
        pace = self.publisher.pace
        pace.passed(trainer.done)
        self._hear(trainer)
        if self._one_by_one:
            with pace.wait():
                if not self._show(trainer):
                    self.publisher.beat(now=True)  # which tells of the step
                self._wait(trainer)
        elif pace.due():
            self._show(trainer)
        self.publisher.beat()
        if self.stop() or (self.told and self.told.do == "stop"):
            return True
        self._turn(trainer)
        return False

    def drawn(self, trainer: Trainer, x: Tensor, noise: Tensor, y: Tensor | None) -> None:
        """Show the step in detail where steps are made one by one."""
        if self._one_by_one and self.publisher.works:
            with self.publisher.pace.wait():
                self.publisher.publish_step(*step_detail(trainer, x, noise, y))

    def measured(self, epoch: float, reconstruction: float, kl: float) -> None:
        """Take the step into the curve."""
        self.publisher.measured(epoch, reconstruction, kl)

    @property
    def _one_by_one(self) -> bool:
        """Whether steps are made singly, or not at all."""
        return bool(self.told and (self.told.do in ("pause", "step") or self.told.steps_per_second))

    def _show(self, trainer: Trainer) -> bool:
        """Publish a frame if there is a new one to be shown; whether it was."""
        in_slow_motion = self.told is not None and self.told.do == "run" and self.told.steps_per_second > 0
        if self.shown == trainer.done or (in_slow_motion and time.monotonic() - self.framed < FRAME_GAP):
            return False
        self.shown, self.framed = trainer.done, time.monotonic()
        self.publisher.publish_frame()
        return True

    def _wait(self, trainer: Trainer) -> None:
        """Until the next step is to be made, or the run to end."""
        while self._waits() and not self.stop():
            self.publisher.beat()
            time.sleep(self._nap())
            self._hear(trainer)
            self._show(trainer)  # when it is time, or all at once when it is to stand still
        if self.told:
            self.stepped = self.told.number
            if self.told.steps_per_second:
                gap = 1 / self.told.steps_per_second
                self.next_step = (
                    max(self.next_step, time.monotonic() - max(NAP, gap / 2)) + gap
                )  # what is late catches up

    def _nap(self) -> float:
        """Seconds to sleep before the next look: no longer than to the next step of slow motion."""
        slow = self.told is not None and self.told.do == "run"
        return max(0.0, min(NAP, self.next_step - time.monotonic())) if slow else NAP

    def _waits(self) -> bool:
        if not self.told or self.told.do == "stop":
            return False
        if self.told.do == "pause":
            return True
        if self.told.do == "step":
            return self.stepped == self.told.number
        return bool(self.told.steps_per_second) and time.monotonic() < self.next_step

    def _hear(self, trainer: Trainer) -> None:
        try:
            told = self.controls.look()
        except UserError as error:
            self.publisher.message = f"{error}; it is ignored"
            self.publisher.beat(now=True)
            return
        if told:
            self.told = told
            self.publisher.control = told.number
            self.publisher.message = self._refusal(trainer, told.beta)
            self.publisher.state = "paused" if told.do in ("pause", "step") else "running"
            self.publisher.pace.slow = told.steps_per_second > 0
            self.next_step = 0.0
            self.publisher.beat(now=True)

    def _turn(self, trainer: Trainer) -> None:
        if self.told and self.told.beta != trainer.objective.beta and not self._refusal(trainer, self.told.beta):
            trainer.turn_beta(self.told.beta)
            self.publisher.pace.changed = self.publisher.pace.time  # there is more to see for a while
            self.publisher.beat(now=True)

    def _refusal(self, trainer: Trainer, beta: float) -> str:
        """Why beta cannot be turned there; "" if it can."""
        if beta == trainer.objective.beta:
            return ""
        if trainer.draws:
            return "beta stays: the importance-weighted bound has none"
        if trainer.model.spec.posterior == "deterministic":
            return "beta stays 0: a deterministic code has no KL term"
        if len(trainer.marks) >= MOST_MARKS:
            return f"beta stays: a run can hold {MOST_MARKS:,} changes of it"
        return ""


class Controls:
    """The looks at control.json: no more often than every LOOK seconds, and into it only where it has changed."""

    def __init__(self, workplace: Path) -> None:
        self.workplace = workplace
        self.looked = -LOOK
        self.seen: tuple[int, int, int] | None = None
        self.number = 0

    def look(self) -> Control | None:
        """What is newly wanted, if anything; raises CheckpointError, once, for a file that says nothing."""
        now = time.monotonic()
        if now - self.looked < LOOK:
            return None
        self.looked = now
        try:
            found = (self.workplace / CONTROL).lstat()
        except OSError:
            return None
        if (signature := (found.st_mtime_ns, found.st_ino, found.st_size)) == self.seen:
            return None
        self.seen = signature
        told = read_control(self.workplace)
        if told is None or told.number <= self.number:
            return None
        self.number = told.number
        return told


@contextmanager
def shown(publisher: Publisher) -> Iterator[None]:
    """Show how a run ended, in the line that the command line prints."""
    try:
        yield
    except Interrupted:
        publisher.end("stopped", INTERRUPTED)
        raise
    except KeyboardInterrupt:
        publisher.end("stopped", "interrupted")
        raise
    except BaseException as error:
        publisher.end("failed", line_of(error) or one_line(error))
        raise
    publisher.end("finished")
