"""The queue and the list of jobs, with the real command line: order, what failed, what was killed, what is deleted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from explorer import job_control, job_queue, jobs, live_run, spare_trainer
from explorer.training_limits import Limits
from tests.patience import PATIENCE_MS
from training import live_files
from training.errors import UserError
from training.options import FitOptions
from training.trash import TRASH


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty checkpoints folder, whose trainers end with the test."""
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(tmp_path))
    yield tmp_path
    end_trainers(tmp_path)


def end_trainers(root: Path) -> None:
    """Kill what was started from the queue of a checkpoints folder, and let nothing follow."""
    file = root / job_queue.FOLDER / "queue.json"
    pids = [job["pid"] for job in json.loads(file.read_text())["jobs"]] if file.exists() else []
    if file.exists():
        file.write_text('{"format": 1, "jobs": []}')
    for pid in filter(live_run.is_alive, pids):
        with suppress(ProcessLookupError):  # it may end by itself meanwhile
            os.kill(pid, signal.SIGKILL)


def until(found: Callable[[], bool]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not found():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def _words(root: Path, name: str, epochs: str) -> tuple[str, ...]:
    return ("fit", "--dataset", "digits", "--out", str(root / "digits" / name), "--epochs", epochs)


def test_one_at_a_time_in_their_order_and_what_fails_says_why(root: Path) -> None:
    for name in ("first", "second", "third"):
        job_queue.add(f"digits/{name}", _words(root, name, "0"))
    states = {name: job.state for name, job in jobs.jobs().items()}
    assert states == {"digits/first": "starting", "digits/second": "waiting", "digits/third": "waiting"}
    job_control.delete(jobs.jobs()["digits/second"])
    until(lambda: all(job.state == "failed" for job in jobs.jobs().values()))
    assert set(jobs.jobs()) == {"digits/first", "digits/third"}
    assert "--epochs 0" in jobs.jobs()["digits/third"].message
    assert not (root / "digits").exists()


def test_one_that_was_taken_off_the_queue_is_put_back_in_its_place(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queue, "MOST_AT_ONCE", 0)  # none begins meanwhile
    names = ["digits/first", "digits/second", "digits/third"]
    for name in names:
        job_queue.add(name, _words(root, name.removeprefix("digits/"), "0"))
    job_control.delete(jobs.jobs()["digits/second"])
    assert list(jobs.jobs()) == ["digits/first", "digits/third"]
    job_control.put_back("digits/second")
    assert list(jobs.jobs()) == names
    assert list(job_queue.advanced()) == names  # the order in which they begin
    with pytest.raises(UserError, match="no such run"):
        job_control.put_back("digits/second")


def test_the_trainer_in_reserve_becomes_the_next_job_and_only_one_is_held(root: Path) -> None:
    assert job_queue.warm() and job_queue.warm()
    held = spare_trainer.held()
    assert held
    job_queue.add("digits/run", _words(root, "run", "0"))
    assert json.loads((root / job_queue.FOLDER / "queue.json").read_text())["jobs"][0]["pid"] == held.process.pid
    assert spare_trainer.held() is None
    until(lambda: jobs.jobs()["digits/run"].state == "failed")
    assert "--epochs 0" in jobs.jobs()["digits/run"].message
    held.log.unlink()


def test_the_trainer_in_reserve_ends_with_nobody_on_the_page() -> None:
    spare_trainer.warm()
    held = spare_trainer.held()
    assert held
    spare_trainer.let_go()
    assert held.process.poll() is not None and not held.log.exists()


def test_too_many_that_wait_are_refused(root: Path) -> None:
    for number in range(Limits().waiting + 1):
        job_queue.add(f"digits/run-{number}", _words(root, f"run-{number}", "0"))
    with pytest.raises(UserError, match="wait already"):
        job_queue.add("digits/one-more", _words(root, "one-more", "0"))


def _status(workplace: Path, state: str, pid: int, epoch: int = 2) -> None:
    status = {
        "format": 1,
        "pid": pid,
        "host": os.uname().nodename,
        "started": 1.0,
        "updated": 2.0,
        "state": state,
        "message": "",
        "command": f"python -m training fit --dataset digits --out {workplace}",
        "recipe": FitOptions(out=workplace).recipe(),
        "weights": {"reconstruction": 1.0, "kl": 1.0},
        "dataset": {"name": "digits", "classes": ["0", "1"], "image_shape": [1, 8, 8]},
        "beta": 1.0,
        "images_per_second": 1.0,
        "remaining_seconds": None,
        **dict(
            zip(("epoch", "step", "epochs", "steps_per_epoch", "control", "frame"), (epoch, 0, 5, 6, 4, 3), strict=True)
        ),
        "detail": -1,
    }
    (workplace / live_files.LIVE).mkdir(parents=True)
    (workplace / live_files.LIVE / live_files.STATUS).write_text(json.dumps(status))


def test_a_trainer_that_was_killed_is_said_to_be_with_what_to_do(root: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    for name in ("kept", "lost"):
        _status(root / "digits" / name, "running", gone.pid)
    (root / "digits" / "kept" / jobs.RESUME).touch()
    found = jobs.jobs()
    assert {job.state for job in found.values()} == {"killed"}
    assert found["digits/kept"].message == "the trainer was killed; Resume goes on from epoch 2"
    assert found["digits/lost"].message == "the trainer was killed; no epoch was saved: start it again"
    assert [job.is_resumable for job in (found["digits/kept"], found["digits/lost"])] == [True, False]
    with pytest.raises(UserError, match="it cannot be steered"):
        job_control.control(found["digits/kept"], {"do": "pause"})
    with pytest.raises(UserError, match="nothing to go on from"):
        job_control.resume(found["digits/lost"])


def test_a_full_disk_is_said_to_be_with_what_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    _status(root / "digits" / "run", "running", gone.pid)
    (root / "digits" / "run" / jobs.RESUME).touch()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    message = jobs.jobs()["digits/run"].message
    assert message == f"the disk is full: make room on {root.anchor}, then resume goes on from epoch 2"


def test_a_number_that_another_program_has_by_now_is_no_trainer(root: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        _status(root / "digits" / "run", "running", other.pid)
        assert jobs.jobs()["digits/run"].state == ("killed" if Path("/proc").exists() else "running")
        other.communicate(b"\n")


def test_runs_by_hand_are_found_anywhere_and_damaged_files_are_no_jobs(root: Path) -> None:
    _status(root / "digits" / "sweep" / "one", "stopped", 1)
    _status(root / "digits" / ".again.partial", "stopped", 1)
    _status(root / TRASH / "when" / "digits" / "gone", "stopped", 1)
    _status(root / "digits" / "damaged", "stopped", 1)
    (root / "digits" / "damaged" / live_files.LIVE / live_files.STATUS).write_text('{"state": "running"')
    found = jobs.jobs()
    assert set(found) == {"digits/sweep/one", "digits/.again.partial"}
    assert found["digits/.again.partial"].out == root / "digits" / "again"


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ({}, "nothing is asked for"),
        ({"do": "explode"}, "do: expected"),
        ({"beta": "x"}, "beta: expected"),
        ({"steps_per_second": 11}, "steps per second: expected"),
        ({"steps_per_second": True}, "steps per second: expected"),
    ],
)
def test_what_is_no_wish_is_refused(root: Path, wanted: dict[str, object], line: str) -> None:
    job = jobs.Job("digits/run", root / "digits" / "run", "running")
    with pytest.raises(UserError, match=line):
        job_control.control(job, wanted)


def test_a_wish_keeps_what_it_does_not_say_and_no_step_is_made_twice(root: Path) -> None:
    place = root / "digits" / "run"
    _status(place, "paused", 1)
    status = live_run.read_status(place)
    assert status
    told = []
    for wanted in ({"beta": "inf"}, {"do": "step"}, {"beta": 0.5}, {"do": "run", "steps_per_second": 4}, {"beta": 2}):
        live_run.tell(place, status, **wanted)
        control = live_files.read_control(place)
        assert control
        told.append((control.number, control.do, control.beta, control.steps_per_second))
    assert told == [
        (5, "pause", float("inf"), 0),
        (6, "step", float("inf"), 0),
        (7, "pause", 0.5, 0),
        (8, "run", 0.5, 4),
        (9, "run", 2, 4),
    ]


def test_what_is_deleted_comes_back(root: Path) -> None:
    _status(root / "digits" / "run", "stopped", 1)
    job_control.delete(jobs.jobs()["digits/run"])
    assert jobs.jobs() == {}
    assert len(list((root / TRASH).glob("*/digits/run"))) == 1
    job_control.put_back("digits/run")
    assert set(jobs.jobs()) == {"digits/run"}
    with pytest.raises(UserError, match="trash"):
        job_control.put_back("digits/run")


def test_the_command_line_of_a_job_resumes_where_it_lies(root: Path) -> None:
    place = root / "digits" / "run"
    _status(place, "stopped", 1)
    (place / jobs.RESUME).touch()
    job = jobs.jobs()["digits/run"]
    job.status["command"] = "python -m training fit --dataset digits --out elsewhere --resume --data-dir 'my data'"
    words = job_control.resuming(job)
    assert words == ("fit", "--dataset", "digits", "--data-dir", "my data", "--out", str(place), "--resume")
    job.status["command"] = "rm -rf /"
    with pytest.raises(UserError, match="by hand"):
        job_control.resuming(job)


def test_the_queue_s_files_are_hidden_from_the_catalogue(root: Path) -> None:
    job_queue.add("digits/run", _words(root, "run", "0"))
    assert [path.name for path in root.iterdir()] == [job_queue.FOLDER]
    assert job_queue.FOLDER.startswith(".")
