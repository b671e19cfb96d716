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
from training.latents import LatentsOptions, write_latents
from training.options import ClassifierOptions, DataDirOptions, FitOptions, GradientVarianceOptions, ImportOptions
from training.program import ended, parsed


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
class SealOptions:
    """Give runs, classifiers and measurements of an older format version the seal of today's; their bytes else stay."""

    paths: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of runs and classifiers, and gradient-variance.json files."""

    def __post_init__(self) -> None:
        if not self.paths:
            raise UserError("seal: name at least one folder or file, as in checkpoints/mnist/elbo")


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
    | Annotated[ImportCommand, tyro.conf.subcommand("import")]
    | Annotated[LatentsOptions, tyro.conf.subcommand("latents")]
    | Annotated[DatasetsOptions, tyro.conf.subcommand("datasets")]
    | Annotated[EvaluateOptions, tyro.conf.subcommand("evaluate")]
    | Annotated[SealOptions, tyro.conf.subcommand("seal")]
    | Annotated[ClassifierOptions, tyro.conf.subcommand("classifier")]
    | Annotated[GradientVarianceOptions, tyro.conf.subcommand("gradient-variance")]
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
    if isinstance(command, SealOptions):
        for path in command.paths:
            seal(path)
        return 0
    from training import run  # imports torch: only once the command line is known to be right
    from training.aevb import Interrupted
    from training.model.imported import import_model

    # Until here Ctrl-C ends the process at once: there is nothing to lose, and modules half imported to be met.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if isinstance(command, EvaluateOptions):
            print(json.dumps(run.evaluate(command.path, command.data_dir, command.save, command.quick), indent=2))
        elif isinstance(command, ClassifierOptions):
            from training.measure.classifier import train_classifier

            print(json.dumps(train_classifier(command), indent=2))
        elif isinstance(command, GradientVarianceOptions):
            from training.measure.variance_by_dimension import measure_variances

            print(f"{command.out}: {len(measure_variances(command)['points'])} models measured")
        else:
            metrics = import_model(command) if isinstance(command, ImportOptions) else run.fit(command)
            terms = (
                f"{name} {metrics[name]:.2f}" for name in ("reconstruction", "kl", "elbo") if metrics[name] is not None
            )
            print(f"{command.out}: {', '.join(terms)} nats per test image")
    except Interrupted:
        print("interrupted: state saved; go on with the same command and --resume", file=sys.stderr)
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
