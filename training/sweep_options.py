"""What a sweep is told: the options of fit, each with one value or several; and the runs that this makes, by name."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from training.command_line import Option, options_of
from training.errors import UserError
from training.options import DataDirOptions, DeviceOptions, FitOptions, check_whole, flag, with_defaults

MOST_RUNS = 1000
LONGEST_NAME = 200  # bytes of a folder's name, with room for the hidden ones beside it
LEAST_MINUTES = 3  # SLURM tells a job 90 to 150 seconds before its time is over
SAME = ("dataset", "image_size", "data_dir", "device", "gallery", "start_from", "family")  # of a whole sweep
ONE_VALUE = ("out", "resume", "overwrite", *SAME)


@dataclass(frozen=True, kw_only=True)
class SweepOptions(DataDirOptions, DeviceOptions):
    """Train a run for each combination of values: every option of fit that is not listed with one value takes several.

    Numbers that make one value are joined by commas, as in --hidden-dims 512,256 128. What each option is, and its
    value where none is given, says python -m training fit --help.
    """

    out: Path
    """Beginning of the runs' names: checkpoints/mnist/sweep makes checkpoints/mnist/sweep-beta-4-seed-1 and so on."""
    dataset: str = "mnist"
    """Data set of all runs, which lie side by side and share its held-out images."""
    image_size: tuple[int, ...] | None = None
    """Height and width, or one number for both, as in fit."""
    gallery: Literal["auto", "always", "never"] = "auto"
    """Write the held-out images beside the runs, as in fit."""
    start_from: Path | None = None
    """Begin all runs with the weights of this finished run, as in fit."""
    family: str | None = None
    """A name that all runs share, as in fit."""
    at_once: int | None = None
    """Runs at a time. On this machine as many as cores / OMP_NUM_THREADS (1 if not set), with an NVIDIA GPU one."""
    cluster: Literal["auto", "slurm", "local"] = "auto"
    """auto: SLURM where there is one, else processes on this machine."""
    partition: str | None = None
    """Of SLURM, that the runs are sent to."""
    gpus: int = 0
    """Of SLURM, for each run."""
    minutes: int = 24 * 60
    """Of SLURM, for each run; one that takes longer is queued again and goes on."""
    objective: tuple[str, ...] = ()
    importance_samples: tuple[str, ...] = ()
    beta: tuple[str, ...] = ()
    latent_dim: tuple[str, ...] = ()
    architecture: tuple[str, ...] = ()
    hidden_dims: tuple[str, ...] = ()
    decoder_hidden_dims: tuple[str, ...] = ()
    activation: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    dropout: tuple[str, ...] = ()
    posterior: tuple[str, ...] = ()
    prior: tuple[str, ...] = ()
    prior_components: tuple[str, ...] = ()
    gradient: tuple[str, ...] = ()
    baseline: tuple[str, ...] = ()
    likelihood: tuple[str, ...] = ()
    binarize: tuple[str, ...] = ()
    epochs: tuple[str, ...] = ()
    batch_size: tuple[str, ...] = ()
    learning_rate: tuple[str, ...] = ()
    weight_decay: tuple[str, ...] = ()
    schedule: tuple[str, ...] = ()
    seed: tuple[str, ...] = ()
    precision: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_whole(self, ("at_once",), 1, MOST_RUNS)
        check_whole(self, ("gpus",), 0, MOST_RUNS)
        check_whole(self, ("minutes",), LEAST_MINUTES, 10**6)
        members(self)


def members(options: SweepOptions) -> list[FitOptions]:
    """The runs of a sweep, the last option's values changing fastest; raises UserError for what none of them can be."""
    swept = [option for option in options_of(FitOptions) if _field(option) not in ONE_VALUE]
    values: dict[str, list[Any]] = {}
    for option in swept:
        if words := getattr(options, _field(option)):
            values[_field(option)] = list(dict.fromkeys(_value(option, word) for word in words))
    if (count := math.prod(map(len, values.values()))) > MOST_RUNS:
        raise UserError(f"sweep: {count:,} runs; at most {MOST_RUNS:,} are made at a time")
    same = {name: getattr(options, name) for name in SAME}
    differing = [name for name, several in values.items() if len(several) > 1]
    runs = []
    for chosen in itertools.product(*values.values()):
        what = dict(zip(values, chosen, strict=True))
        name = "-".join([options.out.name, *(f"{_dashed(of)}-{_in_name(what[of])}" for of in differing)])
        if len(name.encode()) > LONGEST_NAME:
            raise UserError(f"--out {options.out}: {name} is too long for a folder's name; shorten it")
        runs.append(FitOptions(out=options.out.with_name(name), **same, **what))
    if len({run.out for run in runs}) < len(runs):
        raise UserError("sweep: two of its runs have one name; give values that differ in more than odd characters")
    return runs


def _value(option: Option, word: str) -> Any:
    """One value of an option of fit; raises UserError for a word that is none."""
    parts = word.split(",") if option.several else [word]
    if not all(map(option.takes, parts)):
        raise UserError(f"{option.name} {word}: expected {option.allowed}")
    if option.optional and word == "None":
        return None
    values = [part if isinstance(option.kind, tuple) else option.kind(part) for part in parts]
    return tuple(values) if option.several else values[0]


def _field(option: Option) -> str:
    return option.name.removeprefix("--").replace("-", "_")


def _dashed(name: str) -> str:
    return flag(name).removeprefix("--")


def _in_name(value: Any) -> str:
    """A value in the letters of a folder's name."""
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return re.sub("[^A-Za-z0-9.+_]", "-", text.removesuffix(".0") if isinstance(value, float) else text)


def recipe_differs(options: FitOptions, stored: dict[str, Any]) -> str | None:
    """The first option in which a stored recipe is not this run's, in words; None where it is the same."""
    stored = with_defaults(stored)
    for name, value in options.recipe().items():
        if stored.get(name) != value:
            return f"{name} = {stored.get(name)}, not {value}"
    return None


def field_names() -> set[str]:
    """Options of fit that take several values in a sweep."""
    return {field.name for field in dataclasses.fields(FitOptions)} - set(ONE_VALUE)
