"""What is wrong with a command line that cannot be read, on one line: which option, what was given, what is allowed."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

PROG = "python -m training"
KINDS = {
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("a text", "texts"),
    Path: ("a path", "paths"),
}


@dataclass(frozen=True)
class Option:
    """One option of a command: `name` as it is written, and what `kind` of values it takes.

    `kind` is int, float, str, Path, the tuple of its choices, or bool for a switch, which takes none. `several`: any
    number of values. `positional`: they stand without a name. `optional`: None is a value, too.
    """

    name: str
    kind: Any
    several: bool
    positional: bool
    optional: bool
    required: bool

    @property
    def allowed(self) -> str:
        """The values that it takes, in words."""
        if isinstance(self.kind, tuple):
            return f"one of {', '.join(self.kind)}"
        return KINDS[self.kind][self.several]

    def takes(self, word: str) -> bool:
        """Whether a word is a value of it."""
        if self.optional and word == "None":
            return True
        if isinstance(self.kind, tuple):
            return word in self.kind
        try:
            self.kind(word)
        except ValueError:
            return False
        return True


def what_is_wrong(words: Sequence[str], commands: Mapping[str, type[Any]]) -> str | None:
    """Why `words`, the first of which names one of `commands`, cannot be read; None if nothing is seen to be wrong."""
    known = f"expected one of {', '.join(commands)}"
    if not words:
        return f"no command: {known}, as in {PROG} fit --help"
    command, *rest = words
    if command not in commands:
        return f"{command}: no such command; {known}"
    return wrong_options(rest, commands[command], command, f"{PROG} {command} --help")


def wrong_options(rest: Sequence[str], kind: type[Any], command: str, helper: str) -> str | None:
    """Why the words after `command` cannot be read as the options `kind`; `helper` is what lists them."""
    options = options_of(kind)
    named = {option.name: option for option in options if not option.positional}
    unnamed = [option for option in options if option.positional]
    seen = set()
    while rest:
        word, *rest = rest
        if not word.startswith("--"):
            if not unnamed:
                return f"{word}: {command} has no place for it; name the option that it belongs to ({helper})"
            option, given = unnamed[0], [word]
        else:
            flag, has_value, value = word.partition("=")
            name = flag.replace("_", "-")
            switch = named.get(name.replace("--no-", "--", 1))
            if switch and switch.kind is bool and not has_value:
                continue
            found = named.get(name)
            if found is None:
                like = get_close_matches(name, named, 1)
                mean = f", did you mean {like[0]}?" if like else ""
                return f"{flag}: {command} has no such option{mean} ({helper} lists them)"
            if found.kind is bool:
                return f"{flag} {value}: a switch, which takes no value"
            option, given = found, [value] if has_value else _values(rest, found.several)
            rest = rest if has_value else rest[len(given) :]
            if not given and not option.several:
                return f"{option.name}: no value given; expected {option.allowed}"
        if option.positional and option.several:
            taken = _values(rest, several=True)
            given, rest = [*given, *taken], rest[len(taken) :]
        if not all(map(option.takes, given)):
            return f"{option.name} {' '.join(given)}: expected {option.allowed}"
        seen.add(option.name)
        unnamed = [other for other in unnamed if other is not option]
    missing = [option for option in options if option.required and option.name not in seen]
    if missing:
        told = ", ".join(f"{option.name} ({option.allowed})" for option in missing)
        return f"{command}: {told} must be given; see {helper}"
    return None


def in_one_line(box: str) -> str:
    """The first paragraph of a message that is drawn as a box of several lines."""
    lines = [line.strip(" \N{BOX DRAWINGS LIGHT VERTICAL}") for line in box.splitlines()[1:]]
    rule = next((place for place, line in enumerate(lines) if line.startswith("\N{BOX DRAWINGS LIGHT HORIZONTAL}")), -1)
    return " ".join(lines[:rule]) or " ".join(box.split())


def _values(words: Sequence[str], several: bool) -> list[str]:
    """The words up to the next option's name, or the first of them."""
    end = next((place for place, word in enumerate(words) if word.startswith("--")), len(words))
    return list(words[: end if several else min(end, 1)])


def options_of(command: type[Any]) -> list[Option]:
    """The options of a command, by its dataclass."""
    hints = get_type_hints(command, include_extras=True)
    return [_option(field, hints[field.name]) for field in dataclasses.fields(command) if field.init]


def _option(field: dataclasses.Field[Any], hint: Any) -> Option:
    positional = get_origin(hint) is Annotated
    kind = get_args(hint)[0] if positional else hint
    choices = [part for part in get_args(kind) if part is not type(None)]
    optional = get_origin(kind) in (Union, types.UnionType) and len(choices) < len(get_args(kind))
    if optional:
        (kind,) = choices
    several = get_origin(kind) is tuple
    if several:
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        kind = get_args(kind)
    name = field.name.upper() if positional else "--" + field.name.replace("_", "-")
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return Option(name, kind, several, positional, optional, required)
