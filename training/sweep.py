"""`python -m training sweep`: a run for each combination of options, through submitit, on SLURM or on this machine."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training import checkpoint, live_files
from training.errors import UserError, one_line
from training.fit_command import fit_words
from training.options import FitOptions
from training.sweep_job import PACKAGE, Job, Launcher, last_line
from training.sweep_options import SweepOptions, members, recipe_differs

NAP = 0.2
PATIENCE = 30.0  # seconds for runs to save their state after Ctrl-C
GPU = Path("/dev/nvidia0")
STATES = ("there", "running", "waiting", "failed")
MOST_SHOWN = 20  # of the runs under way
MOST_TIMES_QUEUED = 10**6  # again, as a job's time is over: submitit's own limit is 3


@dataclass
class Member:
    """One run: `state` is waiting, running, there or failed; `line` says why it failed."""

    options: FitOptions
    state: str = "waiting"
    line: str = ""
    job: Any = None

    @property
    def name(self) -> str:
        """Of its folder."""
        return self.options.out.name


def sweep(options: SweepOptions) -> int:
    """Train what is missing; returns 0 if all runs are there, 1 if one is not. Ctrl-C saves those that are running."""
    runs = [Member(run) for run in members(absolute(options))]
    jobs = options.out.absolute().with_name(f".{options.out.name}.jobs")
    for run in runs:
        _look(run)
    waiting = [run for run in runs if run.state == "waiting"]
    print(f"{len(runs)} run{'s' if len(runs) > 1 else ''}, {len(waiting)} to do", file=sys.stderr)
    try:
        if waiting:
            jobs.mkdir(parents=True, exist_ok=True)
            _train(options, runs, waiting, jobs)
    except KeyboardInterrupt:
        _stop(runs)
        print(table(runs))
        print("interrupted: states saved; the same command goes on", file=sys.stderr)
        return 130
    print(table(runs))
    missing = [run for run in runs if run.state != "there"]
    for run in missing:
        print(f"error: {run.options.out}: {run.line}", file=sys.stderr)
    if not missing:
        shutil.rmtree(jobs, ignore_errors=True)
    return 1 if missing else 0


def absolute(options: SweepOptions) -> SweepOptions:
    """The same with whole paths: jobs may start elsewhere."""
    start = options.start_from and options.start_from.absolute()
    return replace(options, out=options.out.absolute(), data_dir=options.data_dir.absolute(), start_from=start)


def _look(run: Member) -> None:
    """Whether a run is there already, and is what is asked for."""
    out = run.options.out
    if not checkpoint.is_finished(out):
        return
    try:
        differs = recipe_differs(run.options, checkpoint.load_config(out).training)
        run.state = "failed" if differs else "there"
        run.line = f"another run lies there ({differs}); delete it or name another --out" if differs else ""
    except UserError as error:
        run.state, run.line = "failed", str(error)


def _train(options: SweepOptions, runs: Sequence[Member], waiting: list[Member], jobs: Path) -> None:
    import submitit

    cluster = None if options.cluster == "auto" else options.cluster
    try:
        executor = submitit.AutoExecutor(
            folder=jobs / "submitit", cluster=cluster, slurm_max_num_timeout=MOST_TIMES_QUEUED
        )
    except RuntimeError as error:
        raise UserError(f"--cluster {options.cluster}: {one_line(error)}") from error
    os.environ["PYTHONPATH"] = os.pathsep.join([str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    local = executor.cluster == "local"
    most = options.at_once or (at_once(options.device) if local else len(waiting))
    said = os.environ.get("OMP_NUM_THREADS", "")
    threads = int(said) if said.isdigit() and int(said) else max(1, cores() // most) if local else 1
    environment: dict[str, str | None] = {"OMP_NUM_THREADS": said or str(threads)}
    if local:  # submitit would hide the GPUs
        environment["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES")
        if options.partition or options.gpus:
            raise UserError("--partition, --gpus: of SLURM, which there is not here, or --cluster says not to use")
        executor.update_parameters(timeout_min=10**6)
    else:
        from training.sweep_slurm import ASKED_EVERY, Queue

        submitit.SlurmJob.watcher = Queue(delay_s=ASKED_EVERY)
        executor.update_parameters(
            name=options.out.name,
            timeout_min=options.minutes,
            gpus_per_node=options.gpus,
            cpus_per_task=threads,
            slurm_srun_args=[f"--cpus-per-task={threads}"],  # which it does not take from the job since 22.05
            slurm_array_parallelism=most,
            **({"slurm_partition": options.partition} if options.partition else {}),
        )
    made = {
        run.name: Job(fit_words(run.options), run.options.out, jobs / f"{run.name}.log", environment) for run in waiting
    }
    queue, progress = list(waiting), Progress()
    while True:
        running = [run for run in runs if run.state == "running"]
        if room := queue[: most - len(running)] if local else queue:
            with _unheard() if local else _one_line_of_sbatch():
                sent = executor.map_array(Launcher(), [made[run.name] for run in room])
            for run, job in zip(room, sent, strict=True):
                run.job, run.state = job, "running"
            queue = queue[len(room) :]
        elif not running:
            return
        time.sleep(NAP)
        ended = [run for run in running if run.job.done()]
        for run in ended:
            _ended(run)
        progress.show(runs, ended)


class Progress:
    """The table while it grows, on standard error: a line when a run ends; on a terminal those under way beneath."""

    def __init__(self) -> None:
        self.drawn = 0  # lines that the next ones take the place of

    def show(self, runs: Sequence[Member], ended: Sequence[Member]) -> None:
        """What has changed."""
        lines = [_row(run) for run in ended]
        if sys.stderr.isatty():
            counts = Counter(run.state for run in runs)
            under_way = [_row(run) for run in runs if run.state == "running"][:MOST_SHOWN]
            under_way.append(", ".join(f"{counts[state]} {state}" for state in STATES if counts[state]))
            print(f"\x1b[{self.drawn}F\x1b[J" if self.drawn else "", end="", file=sys.stderr)
            self.drawn = len(under_way)
            lines += under_way
        if lines:
            print("\n".join(lines), file=sys.stderr, flush=True)


def _ended(run: Member) -> None:
    """How its job ended."""
    try:
        code, line = run.job.result()
    except Exception as error:  # whatever kept the job from saying so
        log = run.job.paths.stderr
        said = last_line(log) if log.exists() else ""
        code, line = 1, f"its job ended early ({said}); {log} says more" if said else one_line(error)
    if code == 0 and checkpoint.is_finished(run.options.out):
        run.state = "there"
    else:
        run.state, run.line = "failed", line


@contextmanager
def _unheard() -> Iterator[None]:
    """Ctrl-C is not for the processes that are started meanwhile: `_stop` passes it on to the runs themselves."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _one_line_of_sbatch() -> Iterator[None]:
    """What sbatch refuses is a UserError; submitit would print it, and raise an error of its own."""
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    try:
        with redirect_stderr(io.StringIO()):
            yield
    except (FailedJobError, FailedSubmissionError) as error:
        said = "; ".join(line.removeprefix("sbatch: error: ") for line in str(error).splitlines())
        raise UserError(f"--partition, --gpus, --minutes: SLURM takes no such job ({said})") from error


def _stop(runs: Sequence[Member]) -> None:
    """Have the runs under way save their state, and end; those that SLURM has not started leave its queue."""
    import submitit

    submitit.SlurmJob.watcher.clear()  # asks anew, and every two seconds
    running, told, end = [run for run in runs if run.state == "running"], set(), time.monotonic() + PATIENCE
    while running and time.monotonic() < end:
        for run in running:
            if run.name not in told and _told_to_end(run, isinstance(run.job, submitit.SlurmJob)):
                told.add(run.name)
        time.sleep(NAP / 4)
        for run in running:
            run.state = "waiting" if run.job.done() else "running"
        running = [run for run in running if run.state == "running"]
    for run in running:
        if isinstance(run.job, submitit.SlurmJob):  # the state that it saved last stays
            run.job.cancel(check=False)
            run.state = "waiting"


def _told_to_end(run: Member, on_slurm: bool) -> bool:
    """Whether it could be done already: one that has only just been started says nothing yet."""
    status = status_of(run)
    if on_slurm:
        from training.sweep_slurm import told_to_end

        return told_to_end(run.job, run.options.out, status)
    if status is None or status["state"] in live_files.ENDED:
        return False
    with suppress(ProcessLookupError):
        os.kill(status["pid"], signal.SIGINT)
    return True


def status_of(run: Member) -> dict[str, Any] | None:
    """What a run under way says of itself."""
    try:
        return live_files.read_status(run.options.out)
    except UserError:
        return None


def table(runs: Sequence[Member]) -> str:
    """All runs, a line each: how far they are, and their figures in nats per test image."""
    return "\n".join([_line("run", "state", "epochs", "reconstruction", "kl", "elbo"), *map(_row, runs)])


def _row(run: Member) -> str:
    figures: dict[str, Any] = {}
    epochs = f"0/{run.options.epochs}"
    if run.state == "there":
        epochs = f"{run.options.epochs}/{run.options.epochs}"
        try:
            figures = checkpoint.load_metrics(run.options.out)
        except UserError as error:
            run.state, run.line = "failed", str(error)
    elif status := status_of(run):
        epochs = f"{status['epoch']}/{status['epochs']}"
    terms = (figures.get(name) for name in ("reconstruction", "kl", "elbo"))
    return _line(run.name, run.state, epochs, *("" if value is None else f"{value:.2f}" for value in terms))


def _line(*words: str) -> str:
    name, state, epochs, *terms = words
    return f"{name:<56} {state:<8} {epochs:>9} {''.join(f'{term:>16}' for term in terms)}".rstrip()


def at_once(device: str) -> int:
    """How many runs a machine like this one trains at a time."""
    if device != "cpu" and GPU.exists():
        return 1
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    return max(1, cores() // max(1, int(threads) if threads.isdigit() else 1))


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
