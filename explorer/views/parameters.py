"""The kinds of parameters that a page's address can have, for the list of pages: each from text to value and back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from typing import Any, Literal

# What a value is: a name or a choice, several of them, a number, several of them, indices of images.
Kind = Literal["text", "texts", "number", "numbers", "images"]

MAX_COORDINATE = 1000.0
MAX_DIMENSIONS = 512
MAX_CHOSEN = 2000  # images that an address can hold
COLUMN = "column:"  # and the name of one of the run's columns
RANKED_COLUMN = "rank:column:"  # the same, by the ranks of its numbers
OPTION = "option:"  # and the name of one of the runs' options
MAX_COLUMN = 100  # characters of either
MAX_FILTERS = 20
MAX_MASK = 4096  # letters of an image's pixels
MAX_FILTER = 140  # characters
DEFAULT_RUNS = ("reconstruction", "kl", "elbo")


@dataclass(frozen=True)
class Parameter:
    """How one value of a page's state stands in the address: read by `parse`, written by its `kind` (`written`).

    `parse(text, names)` raises ValueError; `names` are the runs of the data set, as in `default(names)`. `expected`
    ends the note on a text that makes no sense. `kept`: the value outlives a change of the data set. `most`: how many
    runs it names at most. `rule`: as `parse` for explorer/web/hosts/read_address.js, in an exported file.
    """

    kind: Kind
    default: Callable[[Sequence[str]], Any]
    parse: Callable[[str, Sequence[str]], Any]
    expected: str = ""
    kept: bool = True
    most: int = 1
    rule: Mapping[str, Any] = field(default_factory=dict, compare=False)


def written(kind: Kind, value: Any) -> str:
    """A value as it stands in the address; explorer/web/hosts/address.js writes the same.

    Of images the first index and the steps to the next ones, in base 36, with points between; of names, commas and
    slashes within one with a slash before them.
    """
    if kind == "images":
        return ".".join(_base_36(index - before) for before, index in zip([0, *value], value, strict=False))
    if kind == "texts":
        return ",".join(re.sub("[/,]", r"/\g<0>", name) for name in value)
    return ",".join(map(_as_text, value)) if isinstance(value, list) else _as_text(value)


def default_run(names: Sequence[str]) -> str:
    """The run to open with: the full ELBO if it is there."""
    return "elbo" if "elbo" in names else names[0]


def run() -> Parameter:
    """The name of a run."""
    return Parameter("text", default_run, _one_of, rule={"runs": [1, 1]})


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
    return Parameter("texts", default, parse, expected, most=most, rule={"runs": [least, most]})


def choice(*options: str) -> Parameter:
    """One of `options`; the first is the default."""
    rule = {"among": options}
    return Parameter("text", lambda _: options[0], lambda text, _: _one_of(text, options), rule=rule)


def coloring(*options: str) -> Parameter:
    """What colours points: one of `options`, the first being the default, or a column of the run.

    `column:NAME`, or `rank:column:NAME` for the ranks of its numbers.
    """
    return _choice_or((COLUMN, RANKED_COLUMN), options)


def ordering(*options: str) -> Parameter:
    """What runs are ordered by: one of `options`, the first being the default, or `option:NAME`, one of theirs."""
    return _choice_or((OPTION,), options)


def _choice_or(prefixes: tuple[str, ...], options: Sequence[str]) -> Parameter:
    def parse(text: str, _: Sequence[str]) -> str:
        return text if text.startswith(prefixes) and len(text) <= MAX_COLUMN else _one_of(text, options)

    rule = {"among": options, "prefixes": prefixes, "longest": MAX_COLUMN}
    return Parameter("text", lambda _: options[0], parse, rule=rule)


def filters() -> Parameter:
    """Values of options that runs must have, each `NAME:VALUE`; none: all runs are shown."""

    def parse(text: str, _: Sequence[str]) -> list[str]:
        found = list(dict.fromkeys(_split(text))) if text else []
        if len(found) > MAX_FILTERS or not all(":" in part and len(part) <= MAX_FILTER for part in found):
            raise ValueError(text)
        return found

    expected = "expected options with their values, as in only=beta:4; all are shown"
    return Parameter("texts", lambda _: [], parse, expected, kept=False)


def several(*options: str, default: Sequence[str] = ()) -> Parameter:
    """Any of `options`, none too; in the order of `options`."""

    def parse(text: str, _: Sequence[str]) -> list[str]:
        chosen = {_one_of(part, options) for part in text.split(",")} if text else set()
        return [option for option in options if option in chosen]

    expected = f"expected some of {','.join(options)}"
    return Parameter("texts", lambda _: list(default), parse, expected, rule={"among": options})


def point(example: str = "z=0.5,-1.2", least: int = 2, most: int = 2) -> Parameter:
    """A point of the plane, [x, y], or None; with other limits also a latent vector of so many numbers."""

    def parse(text: str, _: Sequence[str]) -> list[float]:
        values = [_number(part, -MAX_COORDINATE, MAX_COORDINATE) for part in text.split(",")]
        if not least <= len(values) <= most:
            raise ValueError(text)
        return values

    count = "two numbers" if most == 2 else "a number for each dimension"
    expected = f"expected {count}, as in {example}; showing the default point"
    rule = {"count": [least, most], "ranges": [[-MAX_COORDINATE, MAX_COORDINATE]]}
    return Parameter("numbers", lambda _: None, parse, expected, kept=False, rule=rule)


def latent(example: str = "z=0.5,-1.2") -> Parameter:
    """A latent vector; two numbers are a point of the plane of PCA in more than two dimensions. Or None."""
    return point(example, 1, MAX_DIMENSIONS)


def ellipse() -> Parameter:
    """A Gaussian on the plane, [mean x, mean y, standard deviations along its axes, radians of the first], or None."""

    def parse(text: str, _: Sequence[str]) -> list[float]:
        mean_x, mean_y, first, second, angle = text.split(",")
        mean = [_number(part, -MAX_COORDINATE, MAX_COORDINATE) for part in (mean_x, mean_y)]
        return [*mean, _number(first, 1e-6, 100), _number(second, 1e-6, 100), _number(angle, -10, 10)]

    expected = "expected five numbers, as in q=0.5,-1.2,0.1,0.2,0; showing the encoder's"
    mean = [-MAX_COORDINATE, MAX_COORDINATE]
    rule = {"count": [5, 5], "ranges": [mean, mean, [1e-6, 100], [1e-6, 100], [-10, 10]]}
    return Parameter("numbers", lambda _: None, parse, expected, kept=False, rule=rule)


def box() -> Parameter:
    """A part of the plane, [x from, x to, y from, y to], or None for all of it."""

    def parse(text: str, _: Sequence[str]) -> list[float]:
        left, right, bottom, top = (_number(part, -MAX_COORDINATE, MAX_COORDINATE) for part in text.split(","))
        if not (left < right and bottom < top):
            raise ValueError(text)
        return [left, right, bottom, top]

    expected = "expected x from, x to, y from, y to, as in view=-1,1,-0.5,0.5; showing all"
    rule = {"count": [4, 4], "ranges": [[-MAX_COORDINATE, MAX_COORDINATE]], "box": True}
    return Parameter("numbers", lambda _: None, parse, expected, kept=False, rule=rule)


def boxes() -> Parameter:
    """The parts of runs' planes that are seen, each "NAME:x from x to y from y to"; of all others all is seen."""

    def parse(text: str, names: Sequence[str]) -> list[str]:
        found = list(dict.fromkeys(_split(text))) if text else []
        for part in found:
            name, _, numbers = part.rpartition(":")
            left, right, bottom, top = (_number(one, -MAX_COORDINATE, MAX_COORDINATE) for one in numbers.split(" "))
            if name not in names or not (left < right and bottom < top):
                raise ValueError(text)
        return found

    expected = "expected runs with x from, x to, y from, y to, as in views=elbo:-1 1 -0.5 0.5; showing all"
    rule = {"ranges": [[-MAX_COORDINATE, MAX_COORDINATE]], "box": True}
    return Parameter("texts", lambda _: [], parse, expected, kept=False, rule=rule)


def index() -> Parameter:
    """The index of a held-out image, or None."""
    expected = "expected the index of a held-out image, as in image=17; none is selected"
    rule = {"ranges": [[0, 10**9 - 1]], "whole": True}
    return Parameter("number", lambda _: None, lambda text, _: _whole(text, 0, 10**9 - 1), expected, False, rule=rule)


def mask() -> Parameter:
    """Which pixels of an image, six of them a letter as explorer/web/maths/pixel_mask.js writes them, or None."""

    def parse(text: str, _: Sequence[str]) -> str:
        if not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{MAX_MASK}}}", text):
            raise ValueError(text)
        return text

    expected = "expected pixels as the page writes them"
    rule = {"letters": "[\\w-]", "longest": MAX_MASK}
    return Parameter("text", lambda _: None, parse, expected, kept=False, rule=rule)


def images() -> Parameter:
    """Held-out images, ascending, or None."""

    def parse(text: str, _: Sequence[str]) -> list[int]:
        if not re.fullmatch(r"[0-9a-z]{1,6}(\.[0-9a-z]{1,6})*", text) or text.count(".") >= MAX_CHOSEN:
            raise ValueError(text)
        first, *steps = (int(part, 36) for part in text.split("."))
        if 0 in steps:
            raise ValueError(text)
        return list(accumulate(steps, initial=first))

    expected = "expected indices of images as the page writes them; none are selected"
    return Parameter("images", lambda _: None, parse, expected, kept=False, rule={"longest": MAX_CHOSEN})


def numbers(what: str, example: str, low: int, count: int | None = None) -> Parameter:
    """`count` different whole numbers (any number of them if not given) from `low` on, or None."""

    def parse(text: str, _: Sequence[str]) -> list[int]:
        found = [_whole(part, low, MAX_DIMENSIONS) for part in text.split(",")]
        if len(set(found)) < len(found) or len(found) != (count or len(found)):
            raise ValueError(text)
        return found

    expected = f"expected {what}, as in {example}; showing the default"
    most = count or MAX_DIMENSIONS
    rule = {"count": [count or 1, most], "ranges": [[low, MAX_DIMENSIONS]], "whole": True, "different": True}
    return Parameter("numbers", lambda _: None, parse, expected, kept=False, rule=rule)


def text(default: str) -> Parameter:
    """A short name; whether it is one of something is for the page to say."""

    def parse(value: str, _: Sequence[str]) -> str:
        if not 0 < len(value) <= 80:
            raise ValueError(value)
        return value

    return Parameter("text", lambda _: default, parse, rule={"letters": "[^]", "longest": 80})


def weight(default: float) -> Parameter:
    """Beta, the weight of the KL term: a number from 0 up, or `inf` for that term alone; as a text."""

    def parse(value: str, _: Sequence[str]) -> str:
        return value if value == "inf" else _as_text(_number(value, 0, 1e6))

    expected = f"expected a number from 0, or inf for the KL term alone; showing {default:g}"
    rule = {"among": ["inf"], "ranges": [[0, 1e6]]}
    return Parameter("text", lambda _: _as_text(default), parse, expected, rule=rule)


def whole(default: int | None, low: int, high: int, showing: str = "") -> Parameter:
    """A whole number in [low, high]; `showing` says what a default of None stands for."""
    expected = f"expected a whole number from {low} to {high}; showing {showing or default}"
    rule = {"ranges": [[low, high]], "whole": True}
    return Parameter("number", lambda _: default, lambda text, _: _whole(text, low, high), expected, rule=rule)


def number(default: float, low: float, high: float) -> Parameter:
    """A number in [low, high]."""
    expected = f"expected a number from {low:g} to {high:g}; showing {default:g}"
    rule = {"ranges": [[low, high]]}
    return Parameter("number", lambda _: default, lambda text, _: _number(text, low, high), expected, rule=rule)


def epoch() -> Parameter:
    """How many epochs a run has been trained for, whole or not, or None for its end."""
    expected = "expected a number of epochs, as in epoch=12; showing the run as it ended"
    rule = {"ranges": [[0, 10**9]]}
    return Parameter("number", lambda _: None, lambda text, _: _number(text, 0, 10**9), expected, False, rule=rule)


def _split(text: str) -> list[str]:
    """The names that `written` has joined, of whatever characters."""
    names, characters = [""], iter(text)
    for character in characters:
        if character == ",":
            names.append("")
        else:
            names[-1] += next(characters, character) if character == "/" else character
    return names


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
    digits = ""
    while value or not digits:
        value, rest = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


def _as_text(value: str | float) -> str:
    """A name as it is, a number as JavaScript writes it."""
    if not isinstance(value, float):
        return str(value)
    if value == 0:
        return "0"
    digits, _, exponent = repr(value).removesuffix(".0").partition("e")
    if not exponent:
        return digits
    return f"{Decimal(repr(value)):f}" if -7 < int(exponent) < 21 else f"{digits}e{int(exponent):+d}"
