"""One run of a sweep as a job: `python -m training fit` in a process of its own. What ends it ends no other run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.checkpoint import RESUME, is_finished

PACKAGE = Path(__file__).resolve().parent
MOST_SAID = 4096  # bytes of the end of a log


@dataclass(frozen=True)
class Job:
    """A command to run: the `words` after `python -m training`.

    `workplace`: where its state grows; `log`: what it prints, kept; `environment`: what is set in it besides, None for
    what is not to be set.
    """

    words: list[str]
    workplace: Path
    log: Path
    environment: dict[str, str | None]


class Launcher:
    """Runs a job and says how it ended; one that is queued again goes on from the state that was saved."""

    process: subprocess.Popen[bytes] | None = None

    def __call__(self, job: Job) -> tuple[int, str]:
        """Exit status, and the last line on standard error."""
        if job.words[0] == "fit" and is_finished(job.workplace):
            return 0, ""  # it was being measured when its time was over
        environment = {**os.environ, **job.environment}
        known = {name: value for name, value in environment.items() if value is not None}
        going_on = ["--resume"] if job.words[0] == "fit" and (job.workplace / RESUME).exists() else []
        command = [sys.executable, str(PACKAGE), *job.words, *going_on]
        with job.log.open("wb") as log:
            with _for_this_process_alone():
                # In a session of its own: Ctrl-C reaches it once, by this.
                self.process = subprocess.Popen(  # noqa: S603
                    command, env=known, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            try:
                code = self.process.wait()
            except KeyboardInterrupt:
                self.process.send_signal(signal.SIGINT)
                code = self.process.wait()
        return code, "" if code == 0 else last_line(job.log) or _ended_with(code)

    def checkpoint(self, job: Job) -> Any:
        """Called by submitit where the job's time is over: saves the run, and says how to come back for it."""
        from submitit.helpers import DelayedSubmission

        if self.process:
            if not is_finished(job.workplace):  # else it is being measured
                self.process.send_signal(signal.SIGINT)
            with suppress(ChildProcessError):
                # This is a signal's handler, called inside of `wait` above, whose lock a second `wait` would wait for.
                os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
        return DelayedSubmission(Launcher(), job)


@contextmanager
def _for_this_process_alone() -> Iterator[None]:
    """Signals that submitit handles here do not reach the processes that are started meanwhile.

    SLURM sends those of a job whose time is over, or that makes room for others, to all of its processes.
    """
    if os.environ.get("SUBMITIT_EXECUTOR") != "slurm":
        yield
        return
    ours = {one for one in signal.valid_signals() if callable(signal.getsignal(one))} - {signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ours)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended_with(code: int) -> str:
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"


def last_line(log: Path) -> str:
    """The last line of a log that says something; what a killed process was at is no such line."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - MOST_SAID))
        text = file.read().decode(errors="replace")
    lines = [line.strip() for line in text.replace("\r", "\n").splitlines()]
    said = [line for line in lines if line.startswith(("error: ", "interrupted", "srun: error: "))]
    traced = [line for line in lines if line and "steps/s" not in line]
    return (said or traced or [""])[-1].removeprefix("srun: ").removeprefix("error: ")
