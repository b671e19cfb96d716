"""What can be trained on the Train page: from what the form says to the command line, every choice checked.

Only data sets of this project can be named, and what lies below the folder EXPLORER_DATA_DIR; names of runs are new
folders of a closed alphabet; sizes have limits, which the page says.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer import loader
from explorer.training_limits import limits
from training.errors import UserError

DATA_DIR = "EXPLORER_DATA_DIR"
NAME = re.compile(r"[a-z0-9-]{1,40}")
MOST_OFFERED = 100
MOST_BETA = 1000.0
OWN_SIDE = "32"  # pixels a side that a person's own pictures are made
ENDINGS = {
    ".zip": "zip",
    ".npz": "npz",
    ".safetensors": "safetensors",
    ".h5": "h5",
    ".csv": "csv",
    ".parquet": "parquet",
}
DEFAULT = "mnist5k"


@dataclass(frozen=True)
class Network:
    """A network to choose: what the page calls it, and its options."""

    title: str
    words: tuple[str, ...]


NETWORKS = {
    "standard": Network("MLP 512-256-128", ("--hidden-dims", "512", "256", "128")),
    "small": Network("Small MLP 128-64", ("--hidden-dims", "128", "64")),
    "wide": Network("Wide MLP 1024-512", ("--hidden-dims", "1024", "512")),
    "conv": Network("Convolutions 32-64", ("--architecture", "conv", "--hidden-dims", "32", "64")),
}


@dataclass(frozen=True)
class Plan:
    """A run to be made: its folder, and the words after `python -m training`."""

    out: Path
    words: tuple[str, ...]

    @property
    def command(self) -> str:
        """The line to copy into a shell, in the project's folder."""
        return shlex.join(["python", "-m", "training", *self.words])


def offered() -> list[dict[str, str]]:
    """The data sets to choose from: `name`, `title`, and a `note`; first those that need no download."""
    from training.data.datasets import LISTINGS

    here: list[dict[str, str]] = []
    away: list[dict[str, str]] = []
    for listing in LISTINGS.values():
        is_here = listing.is_here(loader.ROOT / "data")
        note = listing.size if is_here else f"{listing.size}; downloaded first"
        (here if is_here else away).append({"name": listing.name, "title": listing.name, "note": note})
    here.sort(key=lambda entry: entry["name"] != DEFAULT)
    return [*here, *_own(), *away]


def plan(form: Mapping[str, Any], taken: Mapping[str, Any]) -> Plan:
    """The run that a form asks for, its name proposed where it says none; `taken`: ids of jobs there are.

    Raises UserError in one line for a choice that is not to be had.
    """
    from training.data.datasets import check_name
    from training.options import LAST_SEED

    if not isinstance(form, Mapping):
        raise UserError("the form is not a JSON object")
    dataset, folder, image_size = _dataset(form.get("dataset", DEFAULT))
    check_name(dataset)
    network = NETWORKS.get(str(form.get("network", "standard")))
    if network is None:
        raise UserError(f"network: expected one of {', '.join(NETWORKS)}")
    beta = beta_of(form.get("beta", 1))
    objective, objective_words = _objective(beta)
    most = limits()
    dims = _whole(form, "latent_dim", 2, 1, most.dimensions)
    epochs = _whole(form, "epochs", min(30, most.epochs), 1, most.epochs)
    seed = _whole(form, "seed", 0, 0, LAST_SEED)
    root = loader.checkpoints_root()

    def is_taken(name: str) -> bool:
        return f"{folder}/{name}" in taken or os.path.lexists(root / folder / name)

    name = form.get("name") or _free(f"{objective}-{dims}d", is_taken)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise UserError("name: 1 to 40 of the characters a to z, 0 to 9 and -")
    if is_taken(name):
        raise UserError(f"name: there is already a run {name} of {folder}; choose another name")
    out = root / folder / name
    inside = out.is_relative_to(loader.ROOT)
    shown = out.relative_to(loader.ROOT) if inside else out.absolute()
    words = ["fit", "--dataset", dataset, "--out", str(shown), *objective_words, "--latent-dim", str(dims)]
    words += [*network.words, "--epochs", str(epochs), "--seed", str(seed), *image_size]
    return Plan(out, tuple(words))


def beta_of(value: Any) -> float | str:
    """A weight of the KL term: a number from 0, reconstruction only, or "inf", KL only; raises UserError."""
    if value == "inf":
        return "inf"
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_BETA:
        raise UserError(f"beta: expected a number from 0 to {MOST_BETA:g}, or inf for the KL term only")
    return float(value)


def data_dir() -> Path | None:
    """The folder below which alone a person's own images are looked up, None without one."""
    named = os.environ.get(DATA_DIR, "")
    return Path(os.path.expanduser(named)).resolve() if named else None  # noqa: PTH111, pathlib's may raise


def _own() -> list[dict[str, str]]:
    """What lies at the top of the folder for a person's own images."""
    root = data_dir()
    if root is None or not root.is_dir():
        return []
    names = []
    for path in sorted(root.iterdir())[:MOST_OFFERED]:
        if not path.name.startswith(".") and path.resolve().is_relative_to(root):
            kind = "folder" if path.is_dir() else ENDINGS.get(path.suffix.lower())
            if kind:
                names.append({"name": f"{kind}:{path.name}", "title": path.name, "note": f"your own, in {DATA_DIR}"})
    return names


def _dataset(name: Any) -> tuple[str, str, tuple[str, ...]]:
    """The data set as the command line takes it, the folder of its runs, and the size its pictures are made."""
    from training.data.datasets import LISTINGS

    if not isinstance(name, str) or len(name) > 300 or not name.isprintable():
        raise UserError("dataset: expected the name of one that the page offers")
    if name in LISTINGS:
        return name, name.replace(":", "-"), ()
    kind, _, place = name.partition(":")
    if not place or kind not in ("folder", *ENDINGS.values()):
        raise UserError(f"dataset: {name[:60]} is none that the page offers")
    root = data_dir()
    if root is None:
        raise UserError(f"dataset: paths can be named only where the server has a folder for them ({DATA_DIR})")
    if Path(place).is_absolute() or ".." in Path(place).parts:
        raise UserError(f"dataset: {place[:60]}: name what lies below {DATA_DIR}, without ..")
    path = (root / place).resolve()
    if not path.is_relative_to(root) or path == root:
        raise UserError(f"dataset: {place[:60]}: leads out of {DATA_DIR}")
    if not (path.is_dir() if kind == "folder" else path.is_file()):
        raise UserError(f"dataset: {place[:60]}: there is no such {'folder' if kind == 'folder' else 'file'}")
    folder = re.sub(r"[^a-z0-9]+", "-", Path(place).stem.lower()).strip("-")[:40] or "own"
    folder = f"own-{folder}" if folder in LISTINGS else folder
    return f"{kind}:{path}", folder, ("--image-size", OWN_SIDE) if kind in ("folder", "zip", "parquet") else ()


def _objective(beta: float | str) -> tuple[str, tuple[str, ...]]:
    """What a run with this weight is called, and its options."""
    if beta == "inf":
        return "kl", ("--objective", "kl")
    if beta == 0:
        return "reconstruction", ("--objective", "reconstruction")
    if beta == 1:
        return "elbo", ()
    return f"beta-{beta:g}".replace(".", "-"), ("--beta", f"{beta:g}")


def _whole(form: Mapping[str, Any], name: str, default: int, low: int, high: int) -> int:
    value = form.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UserError(f"{name.replace('_', ' ')}: expected a whole number from {low} to {high:,}")
    return value


def _free(name: str, is_taken: Any) -> str:
    """`name`, or with the first number behind it that is not taken."""
    number = 1
    while is_taken(name if number == 1 else f"{name}-{number}"):
        number += 1
    return name if number == 1 else f"{name}-{number}"
