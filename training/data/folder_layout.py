"""What the folders that pictures lie in say of them: their class, and the part of the split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.data.labels import Labels, labels_of_names
from training.data.own_images import printable
from training.data.split_name import part_of_folder

BESIDE = "(beside the folders)"  # the class of pictures that lie in no sub-folder where others do
OUTSIDE = "outside"  # the part of pictures that lie in none of the folders of a split

Folders = tuple[str, ...]  # those that a picture is in, from the outermost


@dataclass(frozen=True)
class Layout:
    """Of N pictures: their `labels`, and the part `given` to each, "" or OUTSIDE (which has no label)."""

    labels: Labels
    given: list[str]


def layout_of(folders: Sequence[Folders]) -> Layout:
    """Understands <class>/, <part>/<class>/ and <class>/<part>/, a folder around any of them, and no folder at all.

    <part> is train, Testing, val and the like, if there is one to train on.
    """
    below = _unwrapped(folders)
    given = [part_of_folder(path[0]) if path else "" for path in below]
    parts = set(given)
    if "train" in parts and (len(parts - {""}) > 1 or parts == {"train"}):
        given = [part or OUTSIDE for part in given]
        below = _unwrapped([_without(path, part) for path, part in zip(below, given, strict=True)])
    elif parts <= {"validation", "test"}:  # none to train on: no split
        below = _unwrapped([path[1:] for path in below])
        given = [""] * len(below)
    else:
        given = [part_of_folder(path[1]) if len(path) > 1 else "" for path in below]
        if "train" not in given or "" in given or len(set(given)) == 1:
            given = [""] * len(below)
    inside = [part != OUTSIDE for part in given]
    names = [
        (printable(path[0]) if path else BESIDE) if used else None for path, used in zip(below, inside, strict=True)
    ]
    return Layout(labels_of_names(names if {*names} - {BESIDE, None} else [None] * len(names)), given)


def _without(path: Folders, part: str) -> Folders:
    """What is below the folder of a part, and below one of that name in it, as archives often have them."""
    path = path[1:]
    while path and part_of_folder(path[0]) == part:
        path = path[1:]
    return path


def _unwrapped(folders: Sequence[Folders]) -> list[Folders]:
    """The same without outer folders that all pictures lie in, as long as that leaves several."""
    below = list(folders)
    while all(len(path) > 1 for path in below) and len({path[0] for path in below}) == 1:
        if len({path[1] for path in below}) == 1 and all(len(path) == 2 for path in below):
            break
        below = [path[1:] for path in below]
    return below
