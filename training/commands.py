"""The commands: from the words of the command line to what is printed, and to an exit status."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import tyro

from training import checkpoint, classifier_folder
from training.command_line import PROG, what_is_wrong
from training.data.datasets import list_datasets
from training.data.own_images import expanded
from training.errors import UserError
from training.hub import PullOptions, PushOptions, pull, push
from training.latents import LatentsOptions, write_latents
from training.options import ClassifierOptions, DataDirOptions, FitOptions, GradientVarianceOptions, ImportOptions
from training.program import ended, parsed
from training.sweep_options import SweepOptions

MOST_COMPONENTS = 1000  # Gaussians of a prior


@dataclass(frozen=True)
class EvaluateOptions(DataDirOptions):
    """Compute a finished checkpoint's metrics anew, those that take minutes too, and print them as JSON."""

    path: tyro.conf.Positional[Path]
    """Checkpoint folder."""
    save: bool = False
    """Also write the metrics and the model card that quotes them into the checkpoint."""
    quick: bool = False
    """Only the metrics that fit computes too, in seconds: no bounds on log p(x), no Frechet distances."""


@dataclass(frozen=True)
class DiagnoseOptions:
    """Say why a run's samples are bad: findings in plain words, worst first, each with what to try."""

    path: tyro.conf.Positional[Path]
    """Checkpoint folder."""


@dataclass(frozen=True)
class UnlikelyOptions(DataDirOptions):
    """Rank held-out, other and constant images by ELBO, log p(x), reconstruction, KL and likelihood regret."""

    path: tyro.conf.Positional[Path]
    """Checkpoint folder."""
    other: tuple[str, ...] = ()
    """Other images: a data set by name, a folder of pictures, or one with gallery.safetensors."""
    images: int = 200
    """Held-out images, and others of each kind; the regret is measured of at most 24 of each."""

    def __post_init__(self) -> None:
        if self.images < 2:
            raise UserError(f"--images {self.images}: must be at least 2")


@dataclass(frozen=True)
class FitPriorOptions:
    """Fit priors to a run's codes: Gaussian mixtures and the aggregate itself; fitted-priors.json beside it is written.

    Half of the held-out images' codes are fitted, at draws of q(z|x); the other half judges: what q(z) covers of the
    prior, log p(x), samples.
    """

    path: tyro.conf.Positional[Path]
    """Checkpoint folder."""
    components: tuple[int, ...] = (1, 2, 5, 10, 20, 50, 100)
    """Numbers of Gaussians, a mixture of each."""
    seed: int = 0
    """Seed of the halves, the fits and the draws."""

    def __post_init__(self) -> None:
        if not self.components:
            raise UserError("--components: no value given; name at least one number of Gaussians")
        for count in self.components:
            if not 1 <= count <= MOST_COMPONENTS:
                raise UserError(f"--components {count}: must be a whole number from 1 to {MOST_COMPONENTS}")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"--seed {self.seed}: must be from 0 to {2**32 - 1}")


@dataclass(frozen=True)
class SealOptions:
    """Give runs, classifiers and measurements of an older format version the seal of today's; their bytes else stay."""

    paths: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of runs and classifiers, and gradient-variance.json files."""

    def __post_init__(self) -> None:
        if not self.paths:
            raise UserError("seal: name at least one folder or file, as in checkpoints/mnist/elbo")


@dataclass(frozen=True)
class GradientNoiseOptions:
    """Measure how noisy the gradient estimators are on finished runs, so that the page Gradients shows it at once."""

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of runs; gradient-noise.json beside them is written."""

    def __post_init__(self) -> None:
        if not self.runs:
            raise UserError("gradient-noise: name at least one run, as in checkpoints/mnist/elbo")


@dataclass(frozen=True)
class DatasetsOptions(DataDirOptions):
    """List the data sets: size, licence, where they come from, and whether they are on this machine."""


@dataclass(frozen=True)
class ImportCommand(ImportOptions):
    __doc__ = ImportOptions.__doc__

    model: tyro.conf.Positional[str]
    """module:object or path/to/file.py:object, as in my_vae:VAE, a torch module or what gives one when called; or
    pythae or antixk, whose plain VAEs are known here."""


Command = (
    Annotated[FitOptions, tyro.conf.subcommand("fit")]
    | Annotated[SweepOptions, tyro.conf.subcommand("sweep")]
    | Annotated[ImportCommand, tyro.conf.subcommand("import")]
    | Annotated[LatentsOptions, tyro.conf.subcommand("latents")]
    | Annotated[DatasetsOptions, tyro.conf.subcommand("datasets")]
    | Annotated[EvaluateOptions, tyro.conf.subcommand("evaluate")]
    | Annotated[DiagnoseOptions, tyro.conf.subcommand("diagnose")]
    | Annotated[UnlikelyOptions, tyro.conf.subcommand("unlikely")]
    | Annotated[FitPriorOptions, tyro.conf.subcommand("fit-prior")]
    | Annotated[SealOptions, tyro.conf.subcommand("seal")]
    | Annotated[PushOptions, tyro.conf.subcommand("push")]
    | Annotated[PullOptions, tyro.conf.subcommand("pull")]
    | Annotated[ClassifierOptions, tyro.conf.subcommand("classifier")]
    | Annotated[GradientVarianceOptions, tyro.conf.subcommand("gradient-variance")]
    | Annotated[GradientNoiseOptions, tyro.conf.subcommand("gradient-noise")]
)
COMMANDS: dict[str, type[Any]] = {named.name: options for options, named in map(get_args, get_args(Command))}

T = TypeVar("T", bound=Command)


def _at_home(command: T) -> T:
    """The command with `~` in its paths as the person's folder: no shell does that after a `=`, and some never do."""
    changes: dict[str, Any] = {}
    for name, value in ((field.name, getattr(command, field.name)) for field in fields(command)):
        if isinstance(value, Path):
            changes[name] = expanded(value)
        elif isinstance(value, tuple):
            changes[name] = tuple(expanded(part) if isinstance(part, Path) else part for part in value)
    return replace(command, **changes)


def main() -> int:
    """Run the command; errors a user can mend are one line on standard error, and a non-zero exit status."""
    return ended(lambda: _run(_at_home(parsed(Command, PROG, lambda words: what_is_wrong(words, COMMANDS)))))


def _run(command: Any) -> int:
    if isinstance(command, DatasetsOptions):
        print(list_datasets(command.data_dir))
        return 0
    if isinstance(command, LatentsOptions):
        print(write_latents(command))
        return 0
    if isinstance(command, PushOptions):
        print(push(command))
        return 0
    if isinstance(command, PullOptions):
        print(pull(command))
        return 0
    if isinstance(command, SweepOptions):
        from training.sweep import sweep

        signal.signal(signal.SIGINT, signal.default_int_handler)
        return sweep(command)
    if isinstance(command, SealOptions):
        for path in command.paths:
            seal(path)
        return 0
    from training import run  # imports torch: only once the command line is known to be right
    from training.aevb import INTERRUPTED, Interrupted
    from training.model.imported import import_model

    # Until here Ctrl-C ends the process at once: there is nothing to lose, and modules half imported to be met.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if isinstance(command, EvaluateOptions):
            print(json.dumps(run.evaluate(command.path, command.data_dir, command.save, command.quick), indent=2))
        elif isinstance(command, DiagnoseOptions):
            from training.diagnosis import diagnose, in_words

            print(in_words(command.path, diagnose(command.path)))
        elif isinstance(command, UnlikelyOptions):
            from training import unlikely

            ranked = unlikely.rank(command.path, command.other, command.images, command.data_dir)
            print(unlikely.in_words(command.path, ranked))
        elif isinstance(command, FitPriorOptions):
            from training.measure import prior_files
            from training.measure.fitted_priors import fit_priors

            print(prior_files.in_words(str(command.path), fit_priors(command.path, command.components, command.seed)))
        elif isinstance(command, ClassifierOptions):
            from training.measure.classifier import train_classifier

            print(json.dumps(train_classifier(command), indent=2))
        elif isinstance(command, GradientVarianceOptions):
            from training.measure.variance_by_dimension import measure_variances

            print(f"{command.out}: {len(measure_variances(command)['points'])} models measured")
        elif isinstance(command, GradientNoiseOptions):
            from training.measure.run_noise import measure_runs

            for measured, found in measure_runs(command.runs).items():
                print(f"{measured}: {found}")
        else:
            metrics = import_model(command) if isinstance(command, ImportOptions) else run.fit(command)
            terms = [
                f"{name} {value:.2f}"
                for name, value in metrics.items()
                if name in ("reconstruction", "kl", "elbo") and value is not None
            ]
            if metrics:  # of several processes the first one says them
                print(f"{command.out}: {', '.join(terms)} nats per test image")
    except Interrupted:
        print(INTERRUPTED, file=sys.stderr)
        return 130
    except run.Unmeasured as error:
        print(f"interrupted: {error}", file=sys.stderr)
        return 130
    return 0


def seal(path: Path) -> None:
    """Seal one run, classifier or measurement; raises UserError."""
    if checkpoint.is_finished(path):
        checkpoint.seal(path)
    elif classifier_folder.is_classifier(path):
        classifier_folder.seal(path)
    else:
        from training.measure import variance_by_dimension

        variance_by_dimension.seal(path)
