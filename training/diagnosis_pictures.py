"""What the findings of a diagnosis can be seen by: numbers only, for whoever draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.model.posterior import sample
from training.model.vae import VAE

SHOWN = 10  # images in a row
POINTS = 400


@dataclass(frozen=True)
class Strips:
    """Rows of images by what they are, each (N, C, H, W) in [0, 1]."""

    words: str
    rows: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Bars:
    """Numbers of 0 or more by what they are, in nats."""

    words: str
    values: Mapping[str, float]


@dataclass(frozen=True)
class Lines:
    """Numbers in nats by what they are, each a list of (epoch, value)."""

    words: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Clouds:
    """Points (N, 2) by what they are; the first ones lie behind."""

    words: str
    clouds: Mapping[str, NDArray[np.float64]]


Picture = Strips | Bars | Lines | Clouds


@torch.no_grad()
def samples(model: VAE, of_q: Tensor, of_p: Tensor) -> Strips:
    """The first few of codes (N, D) drawn from q(z) and from p(z), decoded."""
    decoded = {name: model.image(z[:SHOWN]).clamp(0, 1).numpy() for name, z in (("z ~ q(z)", of_q), ("z ~ p(z)", of_p))}
    return Strips("images decoded at codes drawn from q(z), above, and from the prior p(z), below", decoded)


@torch.no_grad()
def pixel_noise(model: VAE, x: Tensor, mu: Tensor) -> Strips:
    """Images (N, C, H, W), what their mean codes decode to, and each pixel's entropy as a share of log 2."""
    some = torch.linspace(0, len(x) - 1, SHOWN).round().long()  # of all classes, by which they are ordered
    x, p = x[some], model.image(mu[some])
    entropy = (torch.special.entr(p) + torch.special.entr(1 - p)) / np.log(2)
    rows = {"x": x, "E[x|z]": p, "entropy of each pixel": entropy.clamp(0, 1)}
    words = "images, what their codes decode to, and white where a pixel is left to chance"
    return Strips(words, {name: row.numpy() for name, row in rows.items()})


def dimensions(per: Sequence[float] | None) -> Bars | None:
    """KL of each latent dimension, the largest first."""
    if not per:
        return None
    largest = sorted(enumerate(per, 1), key=lambda pair: -pair[1])
    return Bars("KL of each latent dimension, the largest first", {f"z{number}": value for number, value in largest})


def prior_and_codes(model: VAE, mu: Tensor, spread: Tensor, per: Sequence[float] | None) -> Clouds | None:
    """Draws of p(z) and of q(z) in the two dimensions with the most KL; None of one dimension."""
    dim = mu.shape[1]
    if dim < 2:
        return None
    across, up = sorted(sorted(range(dim), key=lambda d: -per[d] if per else d)[:2])
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(len(mu), (POINTS,), generator=generator)
    of_q = sample(mu[rows], spread[rows], torch.randn(POINTS, dim, generator=generator))
    clouds = {"p(z)": model.draw_prior(POINTS, 0), "q(z)": of_q}
    axes = f"z{across + 1} and z{up + 1}" + (", the dimensions with the most KL" if dim > 2 else "")
    return Clouds(
        f"draws of the prior p(z) and of all codes q(z) in {axes}",
        {name: z[:, [across, up]].double().numpy() for name, z in clouds.items()},
    )


def learning(history: Sequence[Mapping[str, Any]]) -> Lines:
    """The validation loss, and the reconstruction of training and of validation images, over the epochs."""
    names = {
        "validation loss": "validation_loss",
        "reconstruction, validation": "validation_reconstruction",
        "reconstruction, training": "train_reconstruction",
    }
    known = {
        words: [(record["epoch"], record[name]) for record in history if record.get(name) is not None]
        for words, name in names.items()
    }
    return Lines("terms of the loss after each epoch", {words: line for words, line in known.items() if len(line) > 1})
