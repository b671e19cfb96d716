"""What a person's model gives for the held-out images, and what can be told from it: order, scale, pixels or logits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from training.errors import UserError
from training.measure.evaluation import as_pixels, portion
from training.model.convention import Adapted
from training.model.pixels import AS_PIXEL
from training.options import OutputName, ScaleName

TOLERANCE = 1e-5
FURTHER = 1.05  # as far from the images as this many times their mean image: worse than it
NEARER = 0.8  # as far as this share: another way of taking the values is plainly meant
# Of a value that is to be a pixel: beyond these it is another thing, within them it is an overshoot.
PIXEL_RANGE = (-1.0, 2.0)
LEAST_SPREAD = 0.1  # standard deviation over images of a latent dimension that is used
SHARE = 0.99


@dataclass
class Decoded:
    """Range of what is decoded, and the squared distance of its images from the held-out ones, however it is taken."""

    low: float = math.inf
    high: float = -math.inf
    distance: dict[OutputName, float] = field(default_factory=lambda: dict.fromkeys(_PIXELS, 0.0))
    outside: dict[OutputName, float] = field(default_factory=lambda: dict.fromkeys(_PIXELS, 0.0))
    count: int = 0

    def add(self, x: Tensor, given: Tensor) -> None:
        """Take in images (N, C, H, W) and what was decoded for them."""
        given = given.reshape(x.shape)
        self.low, self.high = min(self.low, float(given.min())), max(self.high, float(given.max()))
        self.count += given.numel()
        for output in _PIXELS:
            pixels = given.sigmoid() if output == "logits" else _affine(given, output)
            self.outside[output] += float(((pixels < -TOLERANCE) | (pixels > 1 + TOLERANCE)).sum())
            self.distance[output] += float((pixels.clamp(0, 1) - x).square().sum())

    @property
    def range(self) -> str:
        """From where to where, in words."""
        return f"{self.low:.3g} to {self.high:.3g}"


_PIXELS: tuple[OutputName, ...] = ("logits", "pixels", "tanh")


def _affine(given: Tensor, output: OutputName) -> Tensor:
    scale, shift = AS_PIXEL[output]
    return given * scale + shift


def portions(images: Tensor) -> Iterator[tuple[int, Tensor]]:
    """uint8 images (N, C, H, W) as pixels, as many at once as memory likes; with the number of the first."""
    size = portion(images.shape[1:])
    for start in range(0, len(images), size):
        yield start, as_pixels(images[start : start + size])


# ---- the posterior


@torch.no_grad()
def with_posterior_known(model: Adapted, images: Tensor) -> Adapted:
    """The model with the order and scale of what `encode` gives, as said or as far as its values show.

    Raises UserError where they say something else, with the option to give.
    """
    model = model.with_scale_told(as_pixels(images[:2]))
    parts = []
    for start, x in portions(images):
        given = model.given(x, model.y(start, len(x)))
        for value in given:
            if value is not None:
                expect_numbers("encode", value, start)
        parts.append(given)
    if parts[0][1] is None:
        if model.convention.scale or model.convention.order:
            raise UserError("--posterior-scale, --posterior-order: encode gives one value, mu, and no spread")
        return model
    mean, spread = (torch.cat([part[i] for part in parts]).double() for i in (0, 1))  # type: ignore[misc]
    if model.convention.order is None:
        _expect_order(mean, spread)
    scale = model.convention.scale
    _expect_scale(spread, scale)
    return model.by(replace(model.convention, scale=scale or "log-var"))


def _expect_order(mean: Tensor, spread: Tensor) -> None:
    """Raise UserError if the first value looks like a log_var or a standard deviation and the second like a mean."""
    used = (mean.std(0) > LEAST_SPREAD) | (spread.std(0) > LEAST_SPREAD)
    if len(mean) < 2 or not used.any():
        return
    mean, spread = mean[:, used], spread[:, used]
    centred = bool((spread.mean(0).abs() < spread.std(0)).all())
    low = bool(((mean < 0).double().mean(0) > SHARE).all() and (mean.mean(0) < -1).all())
    if centred and ((low and _kl(mean, spread) > _kl(spread, mean)) or bool((mean >= 0).all())):
        what = "below 0, as a log_var is," if low else "never below 0, as a standard deviation is,"
        raise UserError(
            f"encode's first value is {what} and its second lies around 0, as a mean does: say --posterior-order "
            "mu-last, or mu-first if mu does come first"
        )


def _kl(mu: Tensor, log_var: Tensor) -> float:
    return float((mu.square() + log_var.exp() - 1 - log_var).mean())


def _expect_scale(spread: Tensor, scale: ScaleName | None) -> None:
    low, high = float(spread.min()), float(spread.max())
    if scale is None and low >= 0 and high > 0:
        raise UserError(
            f"encode's spread is never negative ({low:.3g} to {high:.3g}), so it can hardly be a log_var: say "
            "--posterior-scale std if it is a standard deviation, var for a variance, log-var if it is a log_var"
        )
    if scale in ("std", "var") and low < 0:
        what = "standard deviation" if scale == "std" else "variance"
        raise UserError(
            f"--posterior-scale {scale}: encode's spread goes down to {low:.3g}, and a {what} is never negative; say "
            "log-var or log-std"
        )


# ---- pixels


@torch.no_grad()
def decoded(model: Adapted, images: Tensor, mu: Tensor) -> Decoded:
    """What is decoded at the means `mu` (N, D) of those images; raises UserError for a number that is not finite."""
    found = Decoded()
    for start, x in portions(images):
        given = model.decode(mu[start : start + len(x)], model.y(start, len(x)))
        expect_numbers("decode", given, start)
        found.add(x, given)
    return found


@torch.no_grad()
def means(model: Adapted, images: Tensor) -> Tensor:
    """mu (N, D) of uint8 images."""
    return torch.cat([model.given(x, model.y(start, len(x)))[0] for start, x in portions(images)])


def output_of(said: OutputName | None, found: Decoded, images: Tensor) -> OutputName:
    """What decode gives, as said or as its values show; raises UserError where they show something else."""
    if said is None:
        _expect_logits(found, images)
        return "logits"
    if said == "logits":
        return said
    scale, shift = AS_PIXEL[said]
    least, most = ((bound - shift) / scale for bound in PIXEL_RANGE)
    if found.low < least or found.high > most:
        expected = "0 to 1" if said == "pixels" else "-1 to 1"
        raise UserError(
            f"--output {said}: decode gives values from {found.range}, expected {expected}; say --output logits if "
            "they are logits, or scale them in decode"
        )
    if said == "tanh" and found.low >= 0:
        raise UserError(
            f"--output tanh: decode gives values from {found.range}, none of them negative; say --output pixels"
        )
    return said


def _expect_logits(found: Decoded, images: Tensor) -> None:
    or_logits = "or --output logits if they are logits after all"
    if found.low >= -TOLERANCE and found.high <= 1 + TOLERANCE:
        raise UserError(
            f"decode gives values from {found.range} for all held-out images, so pixels and not logits: say --output "
            f"pixels, {or_logits}"
        )
    if found.low >= -1 - TOLERANCE and found.high <= 1 + TOLERANCE:
        raise UserError(
            f"decode gives values from {found.range} for all held-out images, so pixels and not logits: say --output "
            f"tanh if -1 is black, --output pixels if 0 is, {or_logits}"
        )
    if found.distance["logits"] > FURTHER * (of_mean := _distance_of_mean(images)):
        ways: tuple[OutputName, ...] = ("pixels", "tanh")
        nearest = min(ways, key=lambda output: found.distance[output])
        way = f"--output {nearest}, which brings them near" if found.distance[nearest] < of_mean else "--output pixels"
        raise UserError(
            f"decode gives values from {found.range}, and taken for logits they make images that are further from the "
            f"held-out ones than their mean image is: say {way}, {or_logits}"
        )


def _distance_of_mean(images: Tensor) -> float:
    """The squared distance of images from their mean image, summed."""
    total = torch.zeros(images.shape[1:], dtype=torch.float64)
    squares = 0.0
    for _, x in portions(images):
        total += x.double().sum(0)
        squares += float(x.double().square().sum())
    return squares - float(total.square().sum()) / len(images)


@torch.no_grad()
def expect_input(model: Adapted, images: Tensor, output: OutputName) -> None:
    """Raise UserError if images come back far better where `encode` is given values from -1 to 1."""
    if model.convention.input is not None:
        return
    some = images[: portion(images.shape[1:])]
    other = model.by(replace(model.convention, input="tanh"))
    here, there = (decoded(way, some, means(way, some)).distance[output] for way in (model, other))
    if there < NEARER * here and there < _distance_of_mean(some):
        raise UserError(
            f"images come back {here / there:.1f} times nearer where encode is given values from -1 to 1: say --input "
            "tanh, or --input pixels if it was trained on values from 0 to 1"
        )


def expect_numbers(name: str, value: Tensor, start: int) -> None:
    """Raise UserError for numbers that are not finite, those of a standard deviation of 0 aside."""
    if not value.isfinite().all():
        first = start + int((~value.flatten(1).isfinite().all(1)).nonzero()[0])
        raise UserError(f"{name} gives a number that is not finite for held-out image {first}")
