"""A data set of a person's own images: their split, and the classes that the explorer can show."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.columns import Columns, take_columns
from training.data.image_data import NO_LABEL, UNLABELLED, ImageData, Split, shuffle_in_words, with_gallery
from training.data.labels import NONE, Labels, no_labels
from training.data.partition import PARTS, partition
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 20  # images of a data set
NAMED = 8  # classes or arrays that a note names


def split_array(
    name: str, images: NDArray[np.uint8], labels: Labels, given: Sequence[str], columns: Columns
) -> ImageData:
    """`images` (N, C, H, W), labelled, of the file in `name` = "kind:FILE", with `columns`.

    `given`: the part that each is in, "" where the file does not say. Raises UserError for too few.
    """
    if len(images) < LEAST:
        raise UserError(f"{name}: {len(images)} images in it, at least {LEAST} are needed")
    labels = usable(name, labels)
    index = partition(labels.number, given, images[0].size)
    parts = {
        part: Split(images[chosen], labels.number[chosen], take_columns(columns, chosen))
        for part, chosen in index.items()
    }
    return own_data(name, parts, labels, given, "images", f"the file {Path(name.partition(':')[2]).name}")


def expanded(path: Path) -> Path:
    """`path` with `~` as the folder of a person; raises UserError if there is none."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise UserError(f"{path}: this machine has no such person's folder") from error


def own_path(place: str, is_folder: bool = False) -> Path:
    """Where `place` is, `~` being the person's own folder; raises UserError saying where it was looked for."""
    path = expanded(Path(place))
    if path.is_dir() if is_folder else path.is_file():
        return path
    kind, other = ("folder", "file") if is_folder else ("file", "folder")
    what = f"a {other}, not a {kind}" if path.exists() else f"not a {kind}" if is_folder else "no such file"
    where = "" if str(path.absolute()) == place else f"; looked for {path.absolute()}"
    raise UserError(f"{place}: {what}{where}")


def usable(name: str, labels: Labels) -> Labels:
    """`labels`, or none if each image has another, which is said."""
    counts = np.bincount(labels.number[labels.number != NONE])
    if not len(counts) or counts.max() > 1:
        return labels
    note(name, "no two images have the same label: labels are not used")
    return no_labels(len(labels))


def own_data(
    name: str, parts: dict[str, Split], labels: Labels, given: Sequence[str], what: str, source: str
) -> ImageData:
    """A data set of `parts`, the numbers of whose images are of `labels`; `what` it calls them.

    Its classes are those that the gallery shows.
    """
    known = {"name": name, "classes": labels.classes, "source": source, "licence": "unknown"}
    data = with_gallery(parts, _in_words(parts, given, what), **known)
    shown = np.unique(data.gallery.labels)
    kept = shown[shown != NONE]
    classes = tuple(labels.classes[number] for number in kept.tolist())
    if hidden := [named for number, named in enumerate(labels.classes) if number not in kept]:
        note(name, f"trained on, but not among the classes, as there are too few to hold one out: {listed(hidden)}")
    if NONE in shown:
        classes = (*classes, NO_LABEL if classes else UNLABELLED)
        without = int((labels.number == NONE).sum())
        if len(classes) > 1:
            note(name, f"{without:,} of {len(labels):,} {what} have no label")
    renumbered = np.full(len(labels.classes) + 1, NONE)
    renumbered[shown] = np.arange(len(shown)) if NONE not in shown else [len(shown) - 1, *range(len(shown) - 1)]
    return data.relabelled(classes, renumbered)


def _in_words(parts: dict[str, Split], given: Sequence[str], what: str) -> dict[str, str]:
    """In words, where each part comes from."""
    if not {"validation", "test"} & set(given):
        return shuffle_in_words(parts, what)
    in_words = {}
    for part in PARTS:
        count, there = f"{len(parts[part]):,}", sum(one == part for one in given)
        if part in given:
            whole = len(parts[part]) == there
            in_words[part] = f"the {count} {part} {what}" if whole else f"{count} of the {there:,} {part} {what}"
        else:
            in_words[part] = f"{count} of the train {what} by a fixed shuffle"
    return in_words


def printable(text: str) -> str:
    """`text` on one line, whatever bytes a name of a file is made of."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def listed(names: Sequence[str]) -> str:
    """The first few of `names`, and how many more."""
    rest = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(map(printable, names[:NAMED])) + rest


def note(name: str, words: str) -> None:
    """One line on standard error."""
    print(f"note: {name}: {words}", file=sys.stderr)
