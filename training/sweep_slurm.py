"""A sweep's jobs on SLURM: which of them it still has, and how they are told to end. Imports submitit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from submitit.slurm.slurm import SlurmInfoWatcher

from training import live_files
from training.beta import beta_of
from training.live_files import Control

ASKED_EVERY = 30  # seconds at most between two questions to SLURM
GONE = "GONE"


class Queue(SlurmInfoWatcher):
    """Which jobs SLURM has, by squeue: sacct, which submitit asks, needs accounting, and hears of an end later."""

    def _make_command(self) -> list[str]:
        return ["squeue", "--noheader", "--array", "--user", str(os.getuid()), "--format", "%i|%T"]

    def read_info(self, string: bytes | str) -> dict[str, dict[str, str]]:
        """The state of each job asked for; GONE of one that is not in the queue, neither waiting nor running."""
        text = string if isinstance(string, str) else string.decode()
        states = dict(line.split("|", 1) for line in text.split())
        return {job: {"State": states.get(job, GONE)} for job in self._registered}

    def is_done(self, job_id: str, mode: str = "standard") -> bool:
        """Whether a job has ended: whatever state it has in the queue, it has not."""
        return self.get_state(job_id, mode=mode) == GONE


def told_to_end(job: Any, workplace: Path, status: dict[str, Any] | None) -> bool:
    """Have a run save its state and end, on whatever machine it is; take a job that does not train off the queue.

    `job`: submitit's. `status`: what the run says of itself. Returns whether that is done; False while it is not
    the time to do so, as the run is starting or being measured.
    """
    if status is None or status["state"] in live_files.ENDED or live_files.is_dead(status):
        job.cancel(check=False)
        return True
    if status["state"] not in ("running", "paused"):
        return False
    number = status["control"] + 1
    live_files.write_control(workplace, Control(number, "stop", beta_of(status["beta"])))
    return True
