"""The kinds of parameters that a page's address can have, for the list of pages: each from text to value and back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

# What a value is in the browser: a name or a choice, several of them, a number, several of them.
Kind = Literal["text", "texts", "number", "numbers"]

MAX_COORDINATE = 1000.0
MAX_DIMENSIONS = 512
LARGEST = 1e9  # of the numbers in an address
MAX_CHOSEN = 2000  # images that an address can hold
COLUMN = "column:"  # and the name of one of the run's columns
MAX_COLUMN = 100  # characters of both
DEFAULT_RUNS = ("reconstruction", "kl", "elbo")


@dataclass(frozen=True)
class Parameter:
    """How one value of a page's state stands in the address, and its `kind` in the browser.

    `parse(text, names)` raises ValueError; `names` are the runs of the data set, as in `default(names)`. `expected`
    ends the note on a text that makes no sense. `kept`: the value outlives a change of the data set. `most`: how many
    runs it names at most.
    """

    kind: Kind
    default: Callable[[Sequence[str]], Any]
    parse: Callable[[str, Sequence[str]], Any]
    format: Callable[[Any], str]
    expected: str = ""
    kept: bool = True
    most: int = 1

    def text(self, value: object) -> str:
        """A value from the browser as it stands in the address; raises ValueError for one of another kind."""
        several = isinstance(value, list)
        fits = _is_text if self.kind.startswith("text") else _is_number
        if several != self.kind.endswith("s") or not all(map(fits, value if isinstance(value, list) else [value])):
            raise ValueError(value)
        return self.format(value)


def default_run(names: Sequence[str]) -> str:
    """The run to open with: the full ELBO if it is there."""
    return "elbo" if "elbo" in names else names[0]


def run() -> Parameter:
    """The name of a run."""
    return Parameter("text", default_run, _one_of, str)


def runs(least: int, most: int) -> Parameter:
    """Names of several runs, in the order given; the notes' three to start with.

    A comma within a name is written `/,`, as no folder's name has a slash.
    """

    def default(names: Sequence[str]) -> list[str]:
        notes = [name for name in DEFAULT_RUNS if name in names]
        return notes if len(notes) == len(DEFAULT_RUNS) else list(names[: min(3, most)])

    def parse(text: str, names: Sequence[str]) -> list[str]:
        chosen = [_one_of(name, names) for name in _split(text)]
        if not min(least, len(names)) <= len(chosen) <= most or len(set(chosen)) < len(chosen):
            raise ValueError(text)
        return chosen

    expected = f"expected {least} to {most} names of runs, as in runs=kl,elbo; showing the default"
    return Parameter("texts", default, parse, _joined, expected, most=most)


def choice(*options: str) -> Parameter:
    """One of `options`; the first is the default."""
    return Parameter("text", lambda _: options[0], lambda text, _: _one_of(text, options), str)


def coloring(*options: str) -> Parameter:
    """What colours points: one of `options`, the first being the default, or `column:NAME`, a column of the run."""

    def parse(text: str, _: Sequence[str]) -> str:
        return text if text.startswith(COLUMN) and len(text) <= MAX_COLUMN else _one_of(text, options)

    return Parameter("text", lambda _: options[0], parse, str)


def several(*options: str, default: Sequence[str] = ()) -> Parameter:
    """Any of `options`, none too; in the order of `options`."""

    def parse(text: str, _: Sequence[str]) -> list[str]:
        chosen = {_one_of(part, options) for part in text.split(",")} if text else set()
        return [option for option in options if option in chosen]

    return Parameter("texts", lambda _: list(default), parse, ",".join, f"expected some of {','.join(options)}")


def point(example: str = "z=0.5,-1.2", least: int = 2, most: int = 2) -> Parameter:
    """A point of the plane, [x, y], or None; with other limits also a latent vector of so many numbers."""

    def parse(text: str, _: Sequence[str]) -> list[float]:
        values = [_number(part, -MAX_COORDINATE, MAX_COORDINATE) for part in text.split(",")]
        if not least <= len(values) <= most:
            raise ValueError(text)
        return values

    def write(value: Sequence[float]) -> str:
        return ",".join(_short_number(v) for v in value)

    count = "two numbers" if most == 2 else "a number for each dimension"
    expected = f"expected {count}, as in {example}; showing the default point"
    return Parameter("numbers", lambda _: None, parse, write, expected, kept=False)


def latent(example: str = "z=0.5,-1.2") -> Parameter:
    """A latent vector; two numbers are a point of the plane of PCA in more than two dimensions. Or None."""
    return point(example, 1, MAX_DIMENSIONS)


def ellipse() -> Parameter:
    """A Gaussian on the plane, [mean x, mean y, standard deviations along its axes, radians of the first], or None."""

    def parse(text: str, _: Sequence[str]) -> list[float]:
        mean_x, mean_y, first, second, angle = text.split(",")
        mean = [_number(part, -MAX_COORDINATE, MAX_COORDINATE) for part in (mean_x, mean_y)]
        return [*mean, _number(first, 1e-6, 100), _number(second, 1e-6, 100), _number(angle, -10, 10)]

    def write(value: Sequence[float]) -> str:
        return ",".join(_short_number(v) for v in value)

    expected = "expected five numbers, as in q=0.5,-1.2,0.1,0.2,0; showing the encoder's"
    return Parameter("numbers", lambda _: None, parse, write, expected, kept=False)


def index() -> Parameter:
    """The index of a held-out image, or None."""
    expected = "expected the index of a held-out image, as in image=17; none is selected"
    return Parameter("number", lambda _: None, lambda text, _: _whole(text, 0, 10**9 - 1), str, expected, kept=False)


def images() -> Parameter:
    """Held-out images, ascending, or None; in the address the first index and the steps to the next ones, base 36."""

    def parse(text: str, _: Sequence[str]) -> list[int]:
        if not re.fullmatch(r"[0-9a-z]{1,6}(\.[0-9a-z]{1,6})*", text) or text.count(".") >= MAX_CHOSEN:
            raise ValueError(text)
        first, *steps = (int(part, 36) for part in text.split("."))
        if 0 in steps:
            raise ValueError(text)
        return list(accumulate(steps, initial=first))

    def write(value: Sequence[int]) -> str:
        return ".".join(_base_36(index - before) for before, index in zip([0, *value], value, strict=False))

    expected = "expected indices of images as the page writes them; none are selected"
    return Parameter("numbers", lambda _: None, parse, write, expected, kept=False)


def numbers(what: str, example: str, low: int, count: int | None = None) -> Parameter:
    """`count` different whole numbers (any number of them if not given) from `low` on, or None."""

    def parse(text: str, _: Sequence[str]) -> list[int]:
        found = [_whole(part, low, MAX_DIMENSIONS) for part in text.split(",")]
        if len(set(found)) < len(found) or len(found) != (count or len(found)):
            raise ValueError(text)
        return found

    expected = f"expected {what}, as in {example}; showing the default"
    return Parameter("numbers", lambda _: None, parse, lambda value: ",".join(map(str, value)), expected, kept=False)


def text(default: str) -> Parameter:
    """A short name; whether it is one of something is for the page to say."""

    def parse(value: str, _: Sequence[str]) -> str:
        if not 0 < len(value) <= 80:
            raise ValueError(value)
        return value

    return Parameter("text", lambda _: default, parse, str)


def whole(default: int, low: int, high: int) -> Parameter:
    """A whole number in [low, high]."""
    expected = f"expected a whole number from {low} to {high}; showing {default}"
    return Parameter("number", lambda _: default, lambda text, _: _whole(text, low, high), str, expected)


def number(default: float, low: float, high: float) -> Parameter:
    """A number in [low, high]."""
    expected = f"expected a number from {low:g} to {high:g}; showing {default:g}"
    return Parameter("number", lambda _: default, lambda text, _: _number(text, low, high), _short_number, expected)


def _joined(names: Sequence[str]) -> str:
    return ",".join(re.sub("[/,]", r"/\g<0>", name) for name in names)


def _split(text: str) -> list[str]:
    """The names that `_joined` has joined, of whatever characters."""
    names, characters = [""], iter(text)
    for character in characters:
        if character == ",":
            names.append("")
        else:
            names[-1] += next(characters, character) if character == "/" else character
    return names


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _one_of(text: str, options: Sequence[str]) -> str:
    if text not in options:
        raise ValueError(text)
    return text


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.lstrip("-").isdigit() and len(text) <= 10 and low <= int(text) <= high):
        raise ValueError(text)
    return int(text)


def _number(text: str, low: float, high: float) -> float:
    value = float(text)
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(text)
    return value


def _base_36(value: int) -> str:
    if not isinstance(value, int) or value < 0:
        raise ValueError(value)
    digits = ""
    while value or not digits:
        value, rest = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


def _short_number(value: float) -> str:
    return f"{value:g}" if value == float(f"{value:g}") else repr(value)
