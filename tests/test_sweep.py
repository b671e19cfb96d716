"""A sweep: which runs it makes, what of them is missing, and that one that fails stops no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.server import ROOT
from training import checkpoint, live_files, sweep
from training.commands import COMMANDS
from training.errors import UserError
from training.fit_command import fit_command, fit_words
from training.options import PLACE_FIELDS, FitOptions
from training.run import fit
from training.sweep import Member
from training.sweep_job import Job, Launcher, last_line
from training.sweep_options import ONE_VALUE, SweepOptions, field_names, members, recipe_differs

OUT = Path("checkpoints/digits/s")


def test_every_combination_is_a_run_named_by_what_differs() -> None:
    runs = members(SweepOptions(out=OUT, dataset="digits", beta=("0.5", "4"), seed=("1", "2"), epochs=("3",)))
    assert [run.out.name for run in runs] == [
        "s-beta-0.5-seed-1",
        "s-beta-0.5-seed-2",
        "s-beta-4-seed-1",
        "s-beta-4-seed-2",
    ]
    assert {run.out.parent for run in runs} == {OUT.parent}
    assert [(run.beta, run.seed, run.epochs, run.dataset) for run in runs[1:3]] == [
        (0.5, 2, 3, "digits"),
        (4.0, 1, 3, "digits"),
    ]
    (alone,) = members(SweepOptions(out=OUT, epochs=("3",)))
    assert (alone.out, alone.epochs) == (OUT, 3)


def test_numbers_of_one_value_are_joined_by_commas() -> None:
    runs = members(SweepOptions(out=OUT, hidden_dims=("512,256", "128"), likelihood=("None", "gaussian")))
    assert [(run.hidden_dims, run.likelihood) for run in runs] == [
        ((512, 256), None),
        ((512, 256), "gaussian"),
        ((128,), None),
        ((128,), "gaussian"),
    ]
    assert runs[0].out.name == "s-hidden-dims-512-256-likelihood-None"


def test_a_value_given_twice_is_one() -> None:
    assert len(members(SweepOptions(out=OUT, beta=("1", "1.0", "2")))) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"beta": ("1", "x")}, "--beta x: expected a number"),
        ({"latent_dim": ("2", "0")}, "--latent-dim 0: must be a whole number from 1"),
        ({"hidden_dims": ("512 256",)}, "--hidden-dims 512 256: expected whole numbers"),
        ({"objective": ("elbo", "vae")}, "--objective vae: expected one of autoencoder"),
        ({"objective": ("elbo", "kl"), "beta": ("2",)}, "--beta 2.0: only the elbo objective has a beta"),
        ({"seed": tuple(map(str, range(1001)))}, "sweep: 1,001 runs; at most 1,000"),
        ({"seed": tuple(map(str, range(50))), "beta": tuple(map(str, range(50)))}, "sweep: 2,500 runs"),
        ({"at_once": 0}, "--at-once 0: must be a whole number from 1"),
        ({"minutes": 2}, "--minutes 2: must be a whole number from 3"),
        ({"out": Path("x" * 250), "seed": ("1", "2")}, "is too long for a folder's name"),
        ({"dataset": "nonsense"}, "nonsense"),
    ],
)
def test_what_cannot_be_swept_is_one_line(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError) as caught:
        SweepOptions(**{"out": OUT, **changes})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sweep_has_every_option_of_fit() -> None:
    own = {"at_once", "cluster", "partition", "gpus", "minutes"}
    swept = set(SweepOptions.__dataclass_fields__) - own - set(ONE_VALUE)
    assert swept == field_names()
    assert set(PLACE_FIELDS) - {"weights", "trust"} <= set(ONE_VALUE)
    assert COMMANDS["sweep"] is SweepOptions


def test_the_command_line_of_a_run_gives_its_options_back(tmp_path: Path) -> None:
    import tyro

    options = FitOptions(
        out=tmp_path / "a b",
        dataset="folder:my photos",
        image_size=(8, 12),
        beta=0.1,
        hidden_dims=(8, 4),
        condition="label",
        overwrite=True,
        gallery="never",
        device="cpu",
    )
    words = fit_words(options)
    assert words[0] == "fit"
    assert tyro.cli(FitOptions, args=words[1:]) == options
    assert f"--out '{tmp_path / 'a b'}'" in fit_command(options)


def test_what_lies_there_is_looked_at(checkpoints: Path) -> None:
    out = checkpoints / "digits" / "elbo"
    same = FitOptions(out=out, dataset="digits", epochs=3, hidden_dims=(32,))
    stored = checkpoint.load_config(out).training
    assert recipe_differs(same, stored) is None
    run = Member(same)
    sweep._look(run)
    assert (run.state, run.line) == ("there", "")
    other = Member(FitOptions(out=out, dataset="digits", epochs=4, hidden_dims=(32,)))
    sweep._look(other)
    assert other.state == "failed"
    assert other.line.startswith("another run lies there (epochs = 3, not 4)")
    (out / "config.json").write_text("{")
    sweep._look(damaged := Member(same))
    assert damaged.state == "failed" and "config.json" in damaged.line
    sweep._look(missing := Member(FitOptions(out=out.with_name("none"), dataset="digits")))
    assert missing.state == "waiting"


def test_a_failing_run_stops_no_other_and_the_same_command_does_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "digits" / "s"
    words = [
        "sweep",
        "--dataset",
        "digits",
        "--hidden-dims",
        "8",
        "--epochs",
        "1",
        "--seed",
        "1",
        "2",
        "--cluster",
        "local",
        "--out",
        str(out),
    ]
    stranger = out.with_name("s-seed-1") / "mine.txt"
    stranger.parent.mkdir(parents=True)
    stranger.touch()

    def command() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [sys.executable, "-m", "training", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    first = command()
    assert first.returncode == 1, first.stderr
    assert first.stderr.splitlines()[0] == "2 runs, 2 to do"
    assert first.stderr.splitlines()[-1] == (
        f"error: {stranger.parent}: --out {stranger.parent}: holds mine.txt, which would be lost; "
        "name a folder of its own"
    )
    rows = [line.split()[:3] for line in first.stdout.splitlines()[1:]]
    assert rows == [["s-seed-1", "failed", "0/1"], ["s-seed-2", "there", "1/1"]]
    checkpoint.verify(out.with_name("s-seed-2"))
    before = (out.with_name("s-seed-2") / "config.json").stat().st_mtime_ns

    stranger.unlink()
    second = command()
    assert second.returncode == 0, second.stderr
    assert second.stderr.splitlines()[0] == "2 runs, 1 to do"
    assert checkpoint.verify(out.with_name("s-seed-1")).training["seed"] == 1
    assert (out.with_name("s-seed-2") / "config.json").stat().st_mtime_ns == before
    assert {file.name for file in out.parent.iterdir()} == {"s-seed-1", "s-seed-2", checkpoint.GALLERY}


@pytest.mark.skipif(os.name == "nt", reason="process groups are POSIX")
def test_ctrl_c_saves_what_is_under_way_and_says_so_in_one_line(tmp_path: Path) -> None:
    out = tmp_path / "digits" / "s"
    words = ["--dataset", "digits", "--hidden-dims", "8", "--batch-size", "2", "--epochs", "100", "--out", str(out)]
    command = [sys.executable, "-m", "training", "sweep", "--cluster", "local", *words]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not ((status := live_files.read_status(out)) and status["state"] == "running"):
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        printed, told = process.communicate()
    assert process.returncode == 130
    assert told.splitlines() == ["1 run, 1 to do", "interrupted: states saved; the same command goes on"]
    assert printed.splitlines()[1].split()[:2] == ["s", "waiting"]
    status = live_files.read_status(out)
    assert status and status["state"] == "stopped"
    assert (out / "resume.safetensors").exists()


@pytest.mark.skipif(os.name == "nt", reason="SLURM is POSIX")
def test_a_job_whose_time_is_over_saves_its_run_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = FitOptions(out=tmp_path / "a", dataset="digits", hidden_dims=(8,), batch_size=20, epochs=10)
    job = Job(fit_words(options), options.out, tmp_path / "log", {"OMP_NUM_THREADS": "1"})
    launcher, again = Launcher(), []
    monkeypatch.setenv("SUBMITIT_EXECUTOR", "slurm")  # as on SLURM, where it handles this signal so:
    before = signal.signal(signal.SIGUSR2, lambda *_: again.append(launcher.checkpoint(job)))

    def run_out_of_time() -> None:
        while not ((status := live_files.read_status(options.out)) and status["state"] == "running"):
            time.sleep(0.02)
        for process in (status["pid"], os.getpid()):  # SLURM tells every process of a job
            os.kill(process, signal.SIGUSR2)

    thread = threading.Thread(target=run_out_of_time, daemon=True)
    thread.start()
    try:
        ended = launcher(job)
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert ended == (130, "interrupted: state saved; go on with the same command and --resume")
    status = live_files.read_status(options.out)
    assert status and status["state"] == "stopped"
    assert again[0].result() == (0, "")
    fit(FitOptions(**{**vars(options), "out": tmp_path / "whole"}))
    resumed, whole = checkpoint.load_weights(options.out), checkpoint.load_weights(tmp_path / "whole")
    assert all(np.array_equal(whole[name], resumed[name]) for name in whole)
    assert Launcher()(job) == (0, "")  # one that is there is not trained again


SQUEUE = """#!/bin/sh
echo '7_1|PENDING'
echo '8|CONFIGURING'
"""
SBATCH = """#!/bin/sh
[ -e {there} ] || {{ echo 'sbatch: error: invalid partition specified: x' >&2; exit 1; }}
cp "$1" {there}/sent
mkdir -p {jobs}/submitit
printf 'submitit WARNING\nsrun: error: one: task 0: Killed\nsrun: Force Terminated\n' > {jobs}/submitit/5_0_log.err
echo 'Submitted batch job 5'
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder; while it is not made, SLURM takes no job, then it loses each. What it was sent is there."""
    import submitit

    programs, there = tmp_path / "bin", tmp_path / "there"
    programs.mkdir()
    texts = {"squeue": SQUEUE, "srun": "", "sbatch": SBATCH.format(there=there, jobs=tmp_path / ".s.jobs")}
    for name, text in texts.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(submitit.SlurmJob, "_results_timeout_s", 0)
    monkeypatch.setattr(submitit.SlurmJob, "watcher", submitit.SlurmJob.watcher)
    return there


@pytest.mark.skipif(os.name == "nt", reason="SLURM is POSIX")
def test_what_slurm_refuses_and_what_it_loses_is_one_line(
    slurm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import submitit

    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    options = SweepOptions(out=tmp_path / "s", dataset="digits", partition="x", minutes=5)
    with pytest.raises(UserError) as caught:
        sweep.sweep(options)
    assert str(caught.value) == (
        "--partition, --gpus, --minutes: SLURM takes no such job (invalid partition specified: x)"
    )
    slurm.mkdir()
    capsys.readouterr()
    assert sweep.sweep(options) == 1
    log = tmp_path / ".s.jobs" / "submitit" / "5_0_log.err"
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: {tmp_path / 's'}: its job ended early (one: task 0: Killed); {log} says more"
    )
    submitted = submitit.core.utils.DelayedSubmission.load(log.with_name("5_submitted.pkl"))
    assert submitted._timeout_countdown > 3
    sent = (slurm / "sent").read_text(encoding="utf-8")
    assert {"#SBATCH --partition=x", "#SBATCH --time=5", "#SBATCH --cpus-per-task=2"} <= set(sent.splitlines())
    assert "--cpus-per-task=2 " in sent.splitlines()[-1]  # of srun


@pytest.mark.skipif(os.name == "nt", reason="SLURM is POSIX")
@pytest.mark.usefixtures("slurm")
def test_a_job_that_slurm_has_in_its_queue_has_not_ended() -> None:
    from training.sweep_slurm import Queue

    queue = Queue()
    assert [queue.is_done(job, mode="force") for job in ("7_0", "7_1", "8", "9")] == [True, False, False, True]


def test_ctrl_c_on_slurm_tells_a_run_to_save_and_takes_one_that_waits_off_the_queue(tmp_path: Path) -> None:
    from training.sweep_slurm import told_to_end

    cancelled: list[bool] = []

    class Handle:
        def cancel(self, check: bool) -> None:
            cancelled.append(check)

    def told(state: str, **changes: Any) -> bool:
        status = {"state": state, "host": "another", "updated": time.time(), "control": 3, "beta": 4.0, **changes}
        return told_to_end(Handle(), tmp_path, status)

    assert not told("starting") and not told("measuring")
    assert told("running")
    assert live_files.read_control(tmp_path) == live_files.Control(4, "stop", 4.0)
    assert not cancelled
    assert told("stopped") and told("running", updated=0.0) and told_to_end(Handle(), tmp_path, None)
    assert cancelled == [False] * 3


@pytest.mark.parametrize("own", [{"partition": "night"}, {"gpus": 1}])
def test_what_only_slurm_has_is_not_passed_over(tmp_path: Path, own: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="--partition, --gpus: of SLURM, which there is not here"):
        sweep.sweep(SweepOptions(out=tmp_path / "s", dataset="digits", cluster="local", **own))


def test_the_line_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for text, line in [
        ("", ""),
        ("epoch 1: 3 steps/s\rerror: it broke; mend it\n", "it broke; mend it"),
        ("epoch 1: 3 steps/s\rTraceback\n  x\nValueError: y\n", "ValueError: y"),
        ("epoch 1: 3 steps/s\r", ""),
    ]:
        log.write_text(text)
        assert last_line(log) == line


def test_how_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "cores", lambda: 8)
    monkeypatch.setattr(sweep, "GPU", Path("/nowhere"))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert sweep.at_once("auto") == 8
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert sweep.at_once("auto") == 2
    monkeypatch.setattr(sweep, "GPU", ROOT)
    assert (sweep.at_once("auto"), sweep.at_once("cpu")) == (1, 2)
