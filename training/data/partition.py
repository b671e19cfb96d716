"""Which images are trained on and which are held out: a fixed shuffle, by class where that is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.data.image_data import MAX_HELD_OUT, held_out_count, most_in_gallery
from training.data.labels import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Index = NDArray[np.int64]

PARTS = ("train", "validation", "test")


def partition(number: Index, given: Sequence[str], image_bytes: int) -> dict[str, Index]:
    """The index (n,) of the images of each of PARTS, a part being empty if there are too few images.

    `number` (N,): each image's class. `given` (N,): the part that it was put in by whoever made the set, or "". What
    was given as validation or test is never trained on; the one that was not given is a tenth, at most 5,000, of the
    rest. A class with two images or more has one to train on, and one among those that the gallery holds if it can.
    """
    order = np.random.default_rng(0).permutation(len(number)).astype(np.int64)
    places, most = np.array(given)[order], most_in_gallery(image_bytes)
    held = {part: _one_of_each_first(order[places == part], number, most) for part in PARTS[1:] if part in given}
    train = order[~np.isin(places, list(held))]
    if not len(train):  # all of one part: no split
        held, train = {}, order
    absent = [part for part in PARTS[1:] if part not in held]
    if absent:
        seen = number[np.concatenate([order[:0], *held.values()])]
        count = max(1, held_out_count(len(train))) * len(absent)
        out, train = _held_out(train, number, count, len(absent), most, seen)
        held |= dict(zip(absent, np.array_split(out, len(absent)), strict=True))
    return {"train": train, **{part: held[part][:MAX_HELD_OUT] for part in PARTS[1:]}}


def _held_out(order: Index, number: Index, count: int, parts: int, most: int, seen: Index) -> tuple[Index, Index]:
    """The first `count` of `order`, for as many `parts`, and the rest; or what is near it and gives classes their due.

    The first `most` of what is held out are shown. Classes that were `seen` are held out already.
    """
    found, first, class_of, sizes = np.unique(number[order], return_index=True, return_inverse=True, return_counts=True)
    last = np.zeros(len(found), np.int64)
    last[class_of] = np.arange(len(order))  # the last one written stays
    last = last[found != NONE]
    wanted = first[(sizes > 1) & (found != NONE) & ~np.isin(found, seen)]
    if (wanted < min(count, most)).all() and (last >= count).all():
        return order[:count], order[count:]
    wanted = np.sort(wanted)[: parts * MAX_HELD_OUT]
    free = np.ones(len(order), bool)
    free[wanted] = free[last] = False
    others = np.flatnonzero(free)[: max(0, count - len(wanted))]
    if len(wanted) + len(others) < parts:  # a class for each image: as if there were none
        return order[:count], order[count:]
    out = np.concatenate([wanted, others])
    if len(out) <= most:
        out = np.sort(out)
    return order[out], np.delete(order, out)


def _one_of_each_first(order: Index, number: Index, most: int) -> Index:
    """`order`, unless its first `most` lack a class that comes later."""
    first = np.sort(np.unique(number[order], return_index=True)[1])
    if not len(first) or first[-1] < most:
        return order
    return np.concatenate([order[first], np.delete(order, first)])
