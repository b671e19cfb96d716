"""When to show a run in the making, so that it costs little of its time; and how much of its time is left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 0.025  # of the trainer's time, over the run
AHEAD = 10.0  # seconds that the first frames may take of what comes later
SOONEST, GROWTH, LATEST = 0.12, 0.05, 15.0  # seconds between frames: at first, as a share of the time passed, at last
WINDOW = 60  # looks at the clock over which speed is measured


class Pace:
    """The clock of a run: its time less what was waited, what showing it has `spent` of that, its speed, what is left.

    `done` of its `total` steps are finished.
    """

    def __init__(self, done: int, total: int) -> None:
        self.total = total
        self.spent = 0.0
        self.begun = time.perf_counter()
        self.waited = 0.0
        self.waiting: float | None = None  # since when
        self.slow = False  # while each step is waited for
        self.changed = 0.0  # time passed when something was last done to the run
        self.last, self.cost = 0.0, 0.0  # time passed at the last frame, and what it took
        self.done = done
        self.looks: deque[tuple[float, int]] = deque([(0.0, done)], maxlen=WINDOW)

    @property
    def time(self) -> float:
        """Seconds passed, without those waited."""
        now = time.perf_counter() if self.waiting is None else self.waiting
        return now - self.begun - self.waited

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Time that is not the run's, and in which showing it costs nothing."""
        spent, self.waiting = self.spent, time.perf_counter()
        try:
            yield
        finally:
            self.waited += time.perf_counter() - self.waiting
            self.spent, self.waiting = spent, None

    def passed(self, done: int) -> None:
        """So many steps are finished by now."""
        self.done = done

    def look(self) -> None:
        """Note how far it is, for its speed."""
        self.looks.append((self.time, self.done))

    @property
    def seconds_a_step(self) -> float:
        """With all that comes with steps, over the last half minute or so; 0 before there was one."""
        steps = self.done - self.looks[0][1]
        return (self.time - self.looks[0][0]) / steps if steps else 0.0

    @property
    def left(self) -> float:
        """Seconds to the last step at the speed measured."""
        return (self.total - self.done) * self.seconds_a_step

    def due(self) -> bool:
        """Whether it is time for a frame, and there is time for it."""
        now = self.time
        interval = min(LATEST, max(SOONEST, GROWTH * (now - self.changed)))
        if now - self.last < interval:
            return False
        ahead = min(AHEAD, SHARE * self.left)
        return self.spent + self.cost <= SHARE * now + ahead

    def framed(self, seconds: float) -> None:
        """A frame was shown, and took so long."""
        self.last, self.cost = self.time, seconds
