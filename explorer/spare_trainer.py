"""A trainer held in reserve while somebody who may train is on the page, so that a run's first points come at once.

`python -m training.spare` has torch imported; the next job is written to it as a line, and it is that job from then on.
It ends when nobody has asked for it for a while, and with the server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from explorer import loader
from explorer.training_limits import limits_or_defaults

IDLE_SECONDS = 600.0
READY = "ready"  # what it prints before it is a job
_one = threading.RLock()


@dataclass(frozen=True)
class Trainer:
    """A process, and the file that it prints to."""

    process: subprocess.Popen[bytes]
    log: Path


class _Reserve:
    """At most one spare process."""

    def __init__(self) -> None:
        self.held: Trainer | None = None
        self.timer: threading.Timer | None = None


_reserve = _Reserve()


def warm() -> None:
    """Have one in reserve, for some time from now on."""
    with _one:
        if _reserve.timer:
            _reserve.timer.cancel()
        _reserve.timer = threading.Timer(IDLE_SECONDS, let_go)
        _reserve.timer.daemon = True
        _reserve.timer.start()
        if _reserve.held and _reserve.held.process.poll() is None:
            return
        _end(_reserve.held)
        descriptor, name = tempfile.mkstemp(prefix="spare-trainer-", suffix=".log")
        with os.fdopen(descriptor, "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "training.spare"],
                cwd=loader.ROOT,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _reserve.held = Trainer(process, Path(name))


def start(words: Sequence[str]) -> Trainer | None:
    """Let the one in reserve be a command, the words after `python -m training`; None where there is none."""
    with _one:
        spare, _reserve.held = _reserve.held, None
    if spare is None or spare.process.poll() is not None or spare.process.stdin is None:
        _end(spare)
        return None
    try:
        spare.process.stdin.write(json.dumps(list(words)).encode() + b"\n")
        spare.process.stdin.close()
    except OSError:
        _end(spare)
        return None
    return spare


def held() -> Trainer | None:
    """The one in reserve."""
    return _reserve.held


def let_go() -> None:
    """End the one in reserve."""
    with _one:
        spare, _reserve.held = _reserve.held, None
    _end(spare)


def _end(spare: Trainer | None) -> None:
    """End a process that has not become a job."""
    if spare is None:
        return
    with suppress(OSError):
        if spare.process.stdin:
            spare.process.stdin.close()
    with suppress(OSError):
        spare.process.terminate()
    spare.process.wait()
    spare.log.unlink(missing_ok=True)


def environment() -> dict[str, str]:
    """The environment of a trainer: one core is left to the server, no network has more weights than are allowed."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    own = {"OMP_NUM_THREADS": str(max(cores - 1, 1)), "TRAINING_MOST_WEIGHTS": str(limits_or_defaults().weights)}
    return {**os.environ, **own, "PYTHONUNBUFFERED": "1"}
