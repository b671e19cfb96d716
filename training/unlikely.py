"""Unlikely images: held-out, other and constant ones, ranked by what a run says of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from training import checkpoint
from training.data.binarize import fixed_draw, has_grey
from training.data.datasets import PICTURES, check_name, load_dataset
from training.errors import UserError
from training.measure.bounds import importance_weighted_bounds
from training.measure.evaluation import SEED, as_pixels, encode_all, terms_of
from training.measure.evidence import log_evidence
from training.measure.likelihood_regret import likelihood_regret
from training.measure.own_prior import needs_prior
from training.model.posterior import standard_deviations
from training.model.vae import VAE

if TYPE_CHECKING:
    from numpy.typing import NDArray

REGRETTED = 24  # images of each kind, for each of which an encoder of its own is trained
LEVELS = tuple(round(255 * step / 8) for step in range(9))  # of constant images
BOUND_DRAWS = 1000  # of q(z|x), where log p(x) cannot be integrated
CONSTANT = "constant"
# How unlikely an image is: its figures, with the sign by which more is less likely.
SIGNS = {"ELBO": -1, "log p(x)": -1, "reconstruction": 1, "KL": 1, "regret": 1}
WORST = 5  # held-out images that are named by each figure


@dataclass(frozen=True)
class Group:
    """Images of one kind: their numbers or levels, and each figure (N,) in nats; the regret is of the first ones."""

    name: str
    numbers: NDArray[np.int64]
    figures: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Unlikely:
    """What was found: the held-out images, then the others; `exact`: log p(x) is integrated, else a bound below it."""

    groups: tuple[Group, ...]
    exact: bool
    grey: bool


def rank(path: Path, others: Sequence[str], images: int, data_dir: Path, seed: int = SEED) -> Unlikely:
    """Figures of so many held-out images, of as many of each of `others`, and of constant ones.

    `others`: data sets by name, folders of pictures, or folders with a gallery.safetensors, as checkpoints/<data set>.
    Raises UserError in one line.
    """
    config = checkpoint.load_config(path)
    needs_prior(path, config.model)
    gallery = path.resolve().parent / checkpoint.GALLERY
    if not gallery.exists():
        raise UserError(f"{path}: no held-out images beside it ({checkpoint.GALLERY}) to compare others with")
    shape = tuple(config.model.image_shape)
    held_out = checkpoint.load_gallery(gallery, config.dataset["gallery_sha256"])["images"]
    named = {"held-out": held_out, **{name: other_images(name, shape, data_dir) for name in others}}
    model = checkpoint.load_model(path, config).eval()
    binary = config.binarize != "none"
    grey = config.model.likelihood == "bernoulli" and not binary and has_grey(held_out)
    groups = []
    for name, all_images in named.items():
        numbers = np.linspace(0, len(all_images) - 1, min(images, len(all_images))).round().astype(np.int64)
        some = fixed_draw(all_images[numbers]) if binary else all_images[numbers]
        groups.append(Group(name, numbers, _figures(model, some, seed)))
    levels = np.array([LEVELS[0], LEVELS[-1]] if binary else LEVELS)
    constant = np.broadcast_to(levels.astype(np.uint8)[:, None, None, None], (len(levels), *shape)).copy()
    groups.append(Group(CONSTANT, levels, _figures(model, constant, seed)))
    return Unlikely(tuple(groups), config.model.latent_dim <= 2, grey)


def other_images(name: str, shape: tuple[int, ...], data_dir: Path) -> NDArray[np.uint8]:
    """Images (N, C, H, W) of a folder or a data set; raises UserError for another shape than a run's (C, H, W)."""
    folder = Path(name).expanduser()
    try:
        if (folder / checkpoint.GALLERY).is_file():
            images = checkpoint.load_gallery(folder / checkpoint.GALLERY)["images"]
        else:
            named = f"folder:{name}" if folder.is_dir() else name
            check_name(named)
            pictures = named.partition(":")[0] in PICTURES
            data = load_dataset(named, data_dir, (shape[1], shape[2]) if pictures else None)
            images = np.asarray(data.test.images)
    except UserError as error:
        raise UserError(f"--other {name}: {str(error).removeprefix('--dataset ')}") from error
    if images.shape[1:] != shape:
        theirs, ours = ("x".join(map(str, one)) for one in (images.shape[1:], shape))
        raise UserError(f"--other {name}: its images are {theirs} (channels, height, width), the run's {ours}")
    return images


def auroc(held_out: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How often a score (N,) of another image is above one (M,) of a held-out image, ties by half; 0.5 is chance."""
    above = other[:, None] - held_out[None, :]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def _figures(model: VAE, images: NDArray[np.uint8], seed: int) -> dict[str, NDArray[np.float64]]:
    tensor = torch.from_numpy(images)
    terms = terms_of(model, tensor, seed=seed)
    figures: dict[str, Tensor] = {
        "ELBO": -(terms.reconstruction + terms.kl),
        "log p(x)": _log_evidence(model, tensor, seed),
        "reconstruction": terms.reconstruction,
        "KL": terms.kl,
        "regret": likelihood_regret(model, as_pixels(tensor[_first(len(tensor))]), seed),
    }
    return {name: values.double().numpy() for name, values in figures.items()}


def _first(count: int) -> NDArray[np.int64]:
    """Places of the images whose regret is measured."""
    return np.linspace(0, count - 1, min(REGRETTED, count)).round().astype(np.int64)


@torch.no_grad()
def _log_evidence(model: VAE, images: Tensor, seed: int) -> Tensor:
    x = as_pixels(images)
    if model.spec.latent_dim > 2:
        return importance_weighted_bounds(model, x, BOUND_DRAWS, seed)
    mu, spread = encode_all(model, images)
    return log_evidence(model, x, mu, standard_deviations(mu, spread)).log_evidence


def in_words(path: Path, found: Unlikely) -> str:
    """Tables for a terminal, and what they show."""
    held_out, *others = found.groups
    many = ", ".join(f"{len(group.numbers)} {group.name}" for group in found.groups)
    grey = "; grey pixels: a cross-entropy, no log-probability" if found.grey else ""
    exact = "log p(x) by integration" if found.exact else f"log p(x): a bound by {BOUND_DRAWS:,} draws of q(z|x)"
    heads = "".join(f"{name:>16}" for name in SIGNS)
    lines = [
        f"{path}: images {many}",
        f"medians in nats{grey}; {exact}; regret: what an encoder of its own would gain an image's ELBO, of at most "
        f"{REGRETTED} of each",
        f"{'':<28}{heads}",
    ]
    for group in found.groups:
        lines.append(
            f"{_short(group.name):<28}" + "".join(f"{np.median(group.figures[name]):>16.2f}" for name in SIGNS)
        )
    lines.append("AUROC: how often one of these looks less likely than a held-out image; 0.5 is chance")
    for group in others:
        lines.append(
            f"{_short(group.name):<28}" + "".join(f"{area:>16.2f}" for area in _areas(held_out, group).values())
        )
    lines.append(f"the least likely held-out images, by their numbers in {checkpoint.GALLERY}")
    for name, sign in SIGNS.items():
        numbers = held_out.numbers if name != "regret" else held_out.numbers[_first(len(held_out.numbers))]
        worst = np.argsort(-sign * held_out.figures[name], kind="stable")[:WORST]
        lines.append(f"{name:<28}{' '.join(str(numbers[place]) for place in worst)}")
    return "\n".join([*lines, *_conclusions(held_out, others)])


def _short(name: str) -> str:
    return name if len(name) <= 27 else f"…{name[-26:]}"


def _areas(held_out: Group, other: Group) -> dict[str, float]:
    return {name: auroc(sign * held_out.figures[name], sign * other.figures[name]) for name, sign in SIGNS.items()}


def _conclusions(held_out: Group, others: Sequence[Group]) -> list[str]:
    """Whether a high log p(x) is a sign of a normal image, as it is."""
    usual = held_out.figures["log p(x)"]
    lines = []
    for other in others:
        theirs = other.figures["log p(x)"]
        best = int(theirs.argmax())
        below = float((usual < theirs[best]).mean())
        which = f"of level {other.numbers[best]} of 255" if other.name == CONSTANT else f"number {other.numbers[best]}"
        above = float((theirs > np.median(usual)).mean())
        lines.append(
            f"{_short(other.name)}: the highest log p(x) is {theirs[best]:.2f}, of the image {which}, above that of "
            f"{below:.0%} of the held-out images; {above:.0%} of these lie above their median"
        )
    highest = max(float(other.figures["log p(x)"].max()) for other in others)
    areas: dict[str, list[float]] = {name: [_areas(held_out, other)[name] for other in others] for name in SIGNS}
    least = {name: min(values) for name, values in areas.items()}
    best_figure = max(least, key=lambda name: least[name])
    lines.append(
        "a high log p(x) is not a sign of a normal image"
        if highest > np.median(usual)
        else "here no other image has a higher log p(x) than half of the held-out ones; of other runs and data it may"
    )
    lines.append(f"what tells them apart best, at its worst: {best_figure}, AUROC {least[best_figure]:.2f} or more")
    return lines
