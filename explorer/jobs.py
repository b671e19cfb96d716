"""The runs that are being made in the checkpoints folder, and those that wait for it: what the Train page lists.

A job is a process of the command line, in a session of its own: it goes on when the tab, or the server, is closed. What
is running is found by the files that the trainer keeps (explorer/live_run.py), so that runs started by hand in any
folder of the checkpoints folder are jobs as well.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer import job_queue, live_run, loader
from explorer.job_queue import Record
from training import checkpoint, live_files

DEPTH = 3  # folders below the checkpoints folder in which runs are looked for
PARTIAL = ".partial"  # ends the hidden folder of a run that is to replace a finished one
RESUME = "resume.safetensors"
AT_WORK = ("starting", "running", "paused", "measuring")
_FULL_BYTES = 2_000_000


@dataclass(frozen=True)
class Job:
    """A run that is being made, or waits, or has ended; `id` is its folder's place in the checkpoints folder.

    `state`: waiting, starting, running, paused, measuring, stopped, failed, killed or finished. `message`: one line, on
    what went wrong and what to do. `status` is the trainer's own word.
    """

    id: str
    path: Path
    state: str
    message: str = ""
    status: dict[str, Any] = field(default_factory=dict)
    record: Record | None = None

    @property
    def out(self) -> Path:
        """Where the finished run will be."""
        name = self.path.name
        return self.path.with_name(name[1:].removesuffix(PARTIAL)) if name.endswith(PARTIAL) else self.path

    @property
    def is_at_work(self) -> bool:
        """Whether it has a process."""
        return self.state in AT_WORK

    @property
    def is_resumable(self) -> bool:
        """Whether it can go on from where it ended."""
        return self.state in ("stopped", "failed", "killed") and (self.path / RESUME).exists()

    @property
    def command(self) -> str:
        """Its command line."""
        return str(self.status.get("command", "")) or (self.record.command if self.record else "")


def jobs() -> dict[str, Job]:
    """All of them by id: those at work first, then those that wait in their order, then those that have ended."""
    root, records = loader.checkpoints_root(), job_queue.advanced()
    found: dict[str, Job] = {}
    for path in _workplaces(root, DEPTH):
        status = live_run.read_status(path)
        if status:
            name = path.relative_to(root).as_posix()
            found[name] = _live(name, path, status, records.get(name))
    for name, record in records.items():
        if record.state == "waiting":
            found[name] = Job(name, root / name, "waiting", record=record)
        elif name not in found and (job := _without_status(name, root / name, record)):
            found[name] = job
    order = {"waiting": 1, **dict.fromkeys(AT_WORK, 0)}
    return dict(sorted(found.items(), key=lambda item: (order.get(item[1].state, 2), -_begun(item[1]))))


def find(name: str) -> Job | None:
    """A job by its id: names are looked up, never joined to a path. Of a run that is finished, its folder."""
    if job := jobs().get(name):
        return job
    for runs in loader.catalog().datasets.values():
        for run in runs.values():
            if f"{run.path.parent.name}/{run.name}" == name:
                return Job(name, run.path, "finished")
    return None


def workplace(name: str) -> Path | None:
    """Where the files of a run in the making are, by its id, at little cost; None for none."""
    if name not in _places or not (_places[name] / live_files.LIVE).is_dir():
        _places.clear()
        _places.update({job.id: job.path for job in jobs().values()})
    return _places.get(name)


_places: dict[str, Path] = {}


def _begun(job: Job) -> float:
    if job.state == "waiting" and job.record:
        return -job.record.added
    started = job.status.get("started")
    return float(started) if isinstance(started, int | float) else job.record.added if job.record else 0.0


def _live(name: str, path: Path, status: dict[str, Any], record: Record | None) -> Job:
    state, message = status["state"], str(status.get("message", ""))
    if record and record.pid and record.pid != status["pid"] and live_run.is_alive(record.pid):
        return Job(name, path, "starting", status=status, record=record)  # resumed a moment ago
    if state in AT_WORK and live_run.is_dead(status):
        fresh = live_run.read_status(path)  # it may have ended between the two looks
        if fresh is None or fresh["state"] != state:
            return _live(name, path, fresh, record) if fresh else Job(name, path, "finished", record=record)
        return Job(name, path, "killed", _last_words(path, status, record), status, record)
    return Job(name, path, state, message, status, record)


def _without_status(name: str, path: Path, record: Record) -> Job | None:
    """A job of the queue whose trainer has written nothing yet, or has ended and taken it away; None: it is deleted."""
    if record.pid and live_run.is_alive(record.pid):  # it is written before it is measured
        return Job(name, path, "measuring" if checkpoint.is_finished(path) else "starting", record=record)
    if checkpoint.is_finished(path):
        return Job(name, path, "finished", record=record)
    said = job_queue.last_line(record)
    if said.startswith("interrupted") and not os.path.lexists(path):
        return None  # stopped before it had begun
    if os.path.lexists(path) or time.time() - record.added < job_queue.KEPT_SECONDS:
        return Job(name, path, "failed", said or "it ended before it began; start it again", record=record)
    return None


def _last_words(path: Path, status: dict[str, Any], record: Record | None) -> str:
    """Why a trainer is gone that did not say so, and what to do."""
    epoch = status.get("epoch", 0)
    again = f"Resume goes on from epoch {epoch}" if (path / RESUME).exists() else "no epoch was saved: start it again"
    with suppress(OSError):
        if shutil.disk_usage(path).free < _FULL_BYTES:
            return f"the disk is full: make room on {path.anchor}, then {again[0].lower()}{again[1:]}"
    said = job_queue.last_line(record) if record else ""
    if said.startswith("error:"):
        return f"{said.removeprefix('error:').strip()}; {again}"
    return f"the trainer was killed; {again}"


def _workplaces(root: Path, depth: int) -> Iterator[Path]:
    """Folders with a run in the making; a finished run's own folder is not looked into."""
    with suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            hidden = entry.name.startswith(".") and not entry.name.endswith(PARTIAL)
            if hidden or entry.name == live_files.LIVE or not entry.is_dir():
                continue
            path = Path(entry.path)
            if (path / live_files.LIVE / "status.json").exists():
                yield path
            elif depth > 1 and not checkpoint.is_finished(path):
                yield from _workplaces(path, depth - 1)
