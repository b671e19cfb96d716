"""What the Train page does to a job: start, steer, stop, resume, delete, put back. Who may is for the routes to say."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from explorer import job_queue, jobs, live_run, loader, training_choices
from explorer.jobs import Job
from training import trash
from training.errors import UserError

MOST_STEPS_PER_SECOND = 10.0


def start(form: Mapping[str, Any]) -> str:
    """Queue the run that a form asks for; returns its id, raises UserError."""
    plan = training_choices.plan(form, jobs.jobs())
    name = plan.out.relative_to(loader.checkpoints_root()).as_posix()
    job_queue.add(name, plan.words)
    return name


def control(job: Job, wanted: Mapping[str, Any]) -> None:
    """Tell a job what is wanted: `do` (run, pause, step, stop), `beta`, `steps_per_second`; raises UserError."""
    if not job.is_at_work:
        raise UserError(f"{job.id}: {_what_it_is(job)}; it cannot be steered")
    changes: dict[str, Any] = {}
    if "do" in wanted:
        if wanted["do"] not in ("run", "pause", "step", "stop"):
            raise UserError("do: expected run, pause, step or stop")
        changes["do"] = wanted["do"]
    if "beta" in wanted:
        changes["beta"] = training_choices.beta_of(wanted["beta"])
    if "steps_per_second" in wanted:
        speed = wanted["steps_per_second"]
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= MOST_STEPS_PER_SECOND:
            raise UserError(f"steps per second: expected a number from 0, full speed, to {MOST_STEPS_PER_SECOND:g}")
        changes["steps_per_second"] = speed
    if not changes:
        raise UserError("nothing is asked for: expected do, beta or steps_per_second")
    has_begun = job.state in ("running", "paused")
    if changes.get("do") == "stop" and not has_begun:  # nobody looks at the control file
        _interrupt(job)
        return
    if not has_begun:
        raise UserError(f"{job.id}: {_what_it_is(job)}; wait until its first steps")
    live_run.tell(job.path, job.status, **changes)


def resume(job: Job) -> None:
    """Queue a job that has ended early, to go on from where it did; raises UserError."""
    if not job.is_resumable:
        raise UserError(f"{job.id}: {_what_it_is(job)}; there is nothing to go on from")
    job_queue.add(job.id, resuming(job))


def delete(job: Job) -> None:
    """Move a job that has ended into the trash, or take one that waits off the queue; raises UserError."""
    if job.is_at_work:
        raise UserError(f"{job.id}: {_what_it_is(job)}; stop it first")
    if job.state == "waiting":
        job_queue.remove(job.id)
        return
    if not os.path.lexists(job.path):
        job_queue.remove(job.id)
        return
    if job.state == "finished" and job.record is None:
        raise UserError(f"{job.id}: was not trained from here; the Table page deletes it")
    if job.path.parent.parent != loader.checkpoints_root():
        raise UserError(f"{job.path}: only what lies in the folder of a data set is deleted here; delete it by hand")
    trash.discard(job.path)


def put_back(name: str) -> None:
    """Put the job that was deleted last under this id back, into its folder or its place in the queue.

    Raises UserError.
    """
    if job_queue.put_back(name):
        return
    for discarded in trash.discarded(loader.checkpoints_root()):
        if f"{discarded.dataset}/{discarded.name}" == name:
            trash.restore(discarded)
            return
    raise UserError(f"{name[:90]}: no such run lies in the trash")


def _interrupt(job: Job) -> None:
    """As Ctrl-C does."""
    pid = job.status.get("pid") if job.status and job.state != "starting" else job.record.pid if job.record else None
    pid = pid or job.status.get("pid")
    if isinstance(pid, int) and pid > 1 and live_run.is_alive(pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGINT)


def resuming(job: Job) -> tuple[str, ...]:
    """The words of its command line, its folder named as this server finds it."""
    try:
        words = shlex.split(job.command)
    except ValueError:
        words = []
    if words[:1] and Path(words[0]).name.startswith("python") and words[1:3] == ["-m", "training"]:
        words = words[3:]
    if words[:1] != ["fit"]:
        raise UserError(f"{job.id}: its command line is not known; resume it by hand")
    kept: list[str] = []
    skip = False
    for word in words:
        if not skip and word not in ("--out", "--resume") and not word.startswith("--out="):
            kept.append(word)
        skip = word == "--out"
    return (*kept, "--out", str(job.out.absolute()), "--resume")


def _what_it_is(job: Job) -> str:
    return {
        "waiting": "it waits for its turn",
        "starting": "it is starting",
        "measuring": "it is being measured",
        "running": "it is running",
        "paused": "it is paused",
        "finished": "it is finished",
        "killed": "its trainer was killed",
    }.get(job.state, f"it has {job.state}" if job.state == "failed" else f"it is {job.state}")
