"""The queue of the Train page, on disk in the checkpoints folder: one run at a time, whoever serves it.

`.training/queue.json` names the jobs that wait or were started from here, `.training/*.log` holds what each of them
printed. A job that ends lets the next one begin: a thread of this server waits for it, and does nothing else. After a
restart the server takes up the queue where it stands.
"""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from explorer import live_run, loader, spare_trainer
from explorer.training_limits import limits
from training.atomic import write_file
from training.errors import UserError
from training.file_lock import Busy, held

FOLDER = ".training"
MOST_AT_ONCE = 1
KEPT = 30  # jobs that have ended
KEPT_SECONDS = 3600.0  # that a job is told of which left nothing
_PATIENCE_SECONDS = 2.0
_one = threading.RLock()
_watched: set[int] = set()


@dataclass(frozen=True)
class Record:
    """A job of the queue: its id, the words after `python -m training`, when it was added, its process once started.

    `log`: the file that it prints to, if that is not the queue's own.
    """

    id: str
    words: tuple[str, ...]
    added: float
    state: Literal["waiting", "started"] = "waiting"
    pid: int = 0
    log: str = ""

    @property
    def command(self) -> str:
        """Its command line."""
        return shlex.join(["python", "-m", "training", *self.words])


_removed: dict[str, Record] = {}  # those that waited and were taken off, the last at the end


def add(name: str, words: tuple[str, ...], added: float | None = None) -> None:
    """Queue a job, which starts at once if none is before it; raises UserError if too many wait.

    `added`: when it was asked for, if that is not now: those that were asked for later stay behind it.
    """
    with _Queue() as records:
        most = limits().waiting
        if sum(record.state == "waiting" for record in records.values()) >= most:
            raise UserError(f"{most} runs wait already: let one of them begin, or remove one")
        if name in records and records[name].state == "waiting":
            raise UserError(f"{name}: waits already")
        records.pop(name, None)
        later = {n: r for n, r in records.items() if added and r.state == "waiting" and r.added > added}
        for other in later:
            del records[other]
        records[name] = Record(name, words, added or time.time())
        records.update(later)
        _advance(records)


def remove(name: str) -> None:
    """Take a job off the queue; one that was started stays what it is."""
    with _Queue() as records:
        record = records.pop(name, None)
    if record and record.state == "waiting":
        _removed.pop(name, None)
        _removed[name] = record
        for oldest in list(_removed)[:-KEPT]:
            del _removed[oldest]


def put_back(name: str) -> bool:
    """Let a job wait again that was taken off the queue since this server began, in its place; whether there was one.

    Raises UserError if too many wait.
    """
    record = _removed.get(name)
    if record is None:
        return False
    add(name, record.words, record.added)
    _removed.pop(name, None)
    return True


def warm() -> bool:
    """Have a trainer in reserve for the next job, unless one is at work, which needs the machine; whether there is."""
    if any(record.pid and live_run.is_alive(record.pid) for record in _read().values()):
        return False
    spare_trainer.warm()
    return True


def advanced() -> dict[str, Record]:
    """The jobs by id, after the next one was started if it is its turn; those that have ended stay for a while."""
    records = _read()
    if any(record.state == "waiting" for record in records.values()):
        with suppress(Busy), _Queue() as records:
            _advance(records)
    return records


def last_line(record: Record) -> str:
    """The last line that a job has printed, "" for none."""
    with suppress(OSError):
        lines = [
            line
            for part in _log(record).read_text(encoding="utf-8", errors="replace").splitlines()
            for line in part.split("\r")
        ]
        return next(
            (line.strip()[:400] for line in reversed(lines) if line.strip() not in ("", spare_trainer.READY)), ""
        )
    return ""


def _folder() -> Path:
    return loader.checkpoints_root() / FOLDER


def _log(record: Record) -> Path:
    return Path(record.log) if record.log else _folder() / f"{re.sub('[^A-Za-z0-9.-]', '_', record.id)}.log"


def _read() -> dict[str, Record]:
    records: dict[str, Record] = {}
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        for entry in json.loads((_folder() / "queue.json").read_text(encoding="utf-8"))["jobs"]:
            record = Record(**{**entry, "words": tuple(map(str, entry["words"]))})
            records[record.id] = record
    return records


class _Queue:
    """The records under the queue's lock, written when they have changed; raises Busy if another server has it long."""

    def __enter__(self) -> dict[str, Record]:
        _one.acquire()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        try:
            while True:
                self._lock = held(_folder() / "queue.json")
                try:
                    self._lock.__enter__()
                    break
                except Busy:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)
        except BaseException:
            _one.release()
            raise
        self._records = _read()
        self._before = dict(self._records)
        return self._records

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            if error is None and self._records != self._before:
                ended = [name for name, record in self._records.items() if record.state != "waiting"]
                for name in ended[:-KEPT]:
                    _log(self._records.pop(name)).unlink(missing_ok=True)
                jobs = [asdict(record) for record in self._records.values()]
                write_file(_folder() / "queue.json", json.dumps({"format": 1, "jobs": jobs}, indent=1).encode())
        finally:
            self._lock.__exit__(kind, error, trace)
            _one.release()


def _advance(records: dict[str, Record]) -> None:
    """Start what is to be started; see that the end of what is at work is heard."""
    working = [r for r in records.values() if r.state == "started" and r.pid and live_run.is_alive(r.pid)]
    for record in working:
        _hear_of(record.pid)
    waiting = [record for record in records.values() if record.state == "waiting"]
    for record in waiting[: max(MOST_AT_ONCE - len(working), 0)]:
        records[record.id] = _start(record)


def _start(record: Record) -> Record:
    """Start a job as a process of its own session, the one in reserve if there is one."""
    spare = spare_trainer.start(record.words)
    if spare:
        process, file = spare.process, spare.log
    else:
        process, file = _new(record), _log(record)
    _watched.add(process.pid)
    threading.Thread(target=_wait_for, args=(process,), daemon=True, name=f"waits for {record.id}").start()
    return replace(record, state="started", pid=process.pid, log=str(file))


def _new(record: Record) -> subprocess.Popen[bytes]:
    _log(record).parent.mkdir(parents=True, exist_ok=True)
    with _log(record).open("wb") as log:
        return subprocess.Popen(  # noqa: S603, its words were checked one by one
            [sys.executable, "-m", "training", *record.words],
            cwd=loader.ROOT,
            env=spare_trainer.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_for(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    _next(process.pid)


def _hear_of(pid: int) -> None:
    """Have the end of a process heard that an earlier server has started."""
    if pid in _watched or not hasattr(os, "pidfd_open"):  # elsewhere the next look at the page starts what waits
        return
    _watched.add(pid)

    def wait() -> None:
        with suppress(OSError):
            descriptor = os.pidfd_open(pid)
            try:
                select.select([descriptor], [], [])
            finally:
                os.close(descriptor)
        _next(pid)

    threading.Thread(target=wait, daemon=True, name=f"waits for process {pid}").start()


def _next(pid: int) -> None:
    _watched.discard(pid)
    with suppress(UserError, OSError):
        advanced()
