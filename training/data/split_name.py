"""Names of folders and arrays that say which part of a split they hold: train, Testing, val2017, x_test."""

from __future__ import annotations

import re

WORDS = {
    "train": {"train", "training", "trn"},
    "validation": {"val", "valid", "validation", "validate", "dev", "eval", "evaluation", "publictest"},
    "test": {"test", "testing", "tst", "privatetest"},
}
SAY_NOTHING = {"", "set", "data", "dataset", "split", "image", "images", "img", "imgs", "pictures", "seg", "folder"}


def part_and_rest(name: str) -> tuple[str, str]:
    """The part of the split that `name` names, "" if none or several, and what else it says, in small letters."""
    words = re.split(r"[^a-z]+|(?<=[a-z])(?=[0-9])", re.sub("(train|training|val|valid|test)set$", r"\1", name.lower()))
    named = [(part, word) for word in words for part, synonyms in WORDS.items() if word in synonyms]
    if len(named) != 1:
        return "", name.lower()
    part, spelled = named[0]
    return part, "_".join(word for word in words if word and word != spelled)


def part_of_folder(name: str) -> str:
    """The part of the split that a folder of this name holds, "" if it is not named for one."""
    part, rest = part_and_rest(name)
    return part if set(rest.split("_")) <= SAY_NOTHING else ""
