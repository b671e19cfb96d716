"""Pen strokes drawn as images: any pen width and any small change of shape, anti-aliased, straight from the points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Stroke = NDArray[np.float64]  # points (P, 2): x to the right, y downwards

SIDE = 28  # pixels of an image
BOX = 20.0  # pixels of the longer side of a character, as in MNIST
PEN_WIDTH = 2.0  # pixels
# How far a variant is turned (radians), slanted, stretched (shares) and shifted (pixels), and its pen's width.
MAX_TURN, MAX_SLANT, MAX_STRETCH, MAX_SHIFT = 0.15, 0.2, 0.12, 1.0
PEN_WIDTHS = (1.5, 3.0)


@dataclass(frozen=True)
class Hand:
    """How a character is drawn: x -> `shape` x + `shift` in pixels around the middle, with a pen of `width` pixels."""

    shape: NDArray[np.float64]
    shift: NDArray[np.float64]
    width: float


def plain_hand(width: float = PEN_WIDTH) -> Hand:
    """Nothing changed."""
    return Hand(np.eye(2), np.zeros(2), width)


def random_hand(generator: np.random.Generator) -> Hand:
    """Turned, slanted, stretched and shifted a little, with a thinner or a thicker pen."""
    turn, slant, across, up = generator.uniform(-1, 1, 4) * (MAX_TURN, MAX_SLANT, MAX_STRETCH, MAX_STRETCH)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shape = rotation @ np.array([[1 + across, slant], [0, 1 + up]])
    return Hand(shape, generator.uniform(-MAX_SHIFT, MAX_SHIFT, 2), generator.uniform(*PEN_WIDTHS))


def box_side(strokes: list[Stroke]) -> float:
    """The longer side of a character's box, in the tablet's units."""
    points = np.concatenate(strokes)
    return float((points.max(axis=0) - points.min(axis=0)).max())


def normalised(strokes: list[Stroke], least_side: float) -> list[Stroke]:
    """Strokes in pixels around (0, 0): the box in the middle, its longer side `BOX` pixels.

    A box smaller than `least_side` (in the tablet's units, above 0) is enlarged as one of that side would be: a dot
    stays a dot.
    """
    points = np.concatenate(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = BOX / max(box_side(strokes), least_side)
    return [(stroke - middle) * scale for stroke in strokes]


def draw(strokes: list[Stroke], hand: Hand) -> NDArray[np.uint8]:
    """The character as uint8 (28, 28), ink 255: each pixel by the distance of its centre from the nearest stroke.

    `strokes` as `normalised` gives them. Ink ends half a pen's width from the line, over one pixel's width.
    """
    lines = [stroke @ hand.shape.T + hand.shift + SIDE / 2 for stroke in strokes]
    start = np.concatenate([line[: max(1, len(line) - 1)] for line in lines]).astype(np.float32)
    end = np.concatenate([line[min(1, len(line) - 1) :] for line in lines]).astype(np.float32)
    (dx, dy), centre = (end - start).T, np.arange(SIDE, dtype=np.float32)[:, None] + np.float32(0.5)
    squared = np.maximum(dx * dx + dy * dy, np.float32(1e-12))  # a point repeated is a segment without length
    x, y = centre - start[:, 0], centre - start[:, 1]  # (28, S) each
    along = np.clip(((x * dx)[None] + (y * dy)[:, None]) / squared, 0, 1)
    distance = np.sqrt(((x[None] - along * dx) ** 2 + (y[:, None] - along * dy) ** 2).min(axis=2))
    ink = np.clip(np.float32(0.5 + hand.width / 2) - distance, 0, 1)
    return np.asarray(np.round(ink * 255), np.uint8)
