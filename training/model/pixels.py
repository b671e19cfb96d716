"""What a decoder gives for pixels, and its recorded layers made to give logits: exactly where they can."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from training.model.layers import Layer, sources_of
from training.options import OutputName

Tensors = dict[str, Tensor]

LEAST = 1e-6  # of a pixel and of 1 less it, where logits are taken of values: +-13.8
# A pixel in [0, 1] as scale * value + shift.
AS_PIXEL: dict[OutputName, tuple[float, float]] = {"pixels": (1, 0), "tanh": (0.5, 0.5)}
MOVING = frozenset(["reshape", "upsample", "slice", "dropout"])  # they change no value


@dataclass(frozen=True)
class Squashing:
    """The end of a decoder that gives the pixel sigmoid(scale * a), kept between `low` and `high`.

    `a` is what layer `number`, a sigmoid or tanh, takes; the layers `passed` come after it.
    """

    number: int
    scale: float
    low: float
    high: float
    passed: dict[int, str]


def squashing(layers: list[Layer], output: OutputName) -> Squashing | None:
    """How a decoder's layers squash what they give, `output`, into [0, 1]; None where logits cannot be had exactly."""
    uses = Counter(source for number, layer in enumerate(layers) for source in sources_of(layer, number))
    scale, shift = AS_PIXEL[output]
    low, high, number = 0.0, 1.0, len(layers) - 1
    passed: dict[int, str] = {}
    while number >= 0:
        layer = layers[number]
        kind = layer["kind"]
        if kind in ("sigmoid", "tanh"):
            if kind == "tanh":  # 2 sigmoid(2 a) - 1
                scale, shift = 2 * scale, shift - scale
            sign = round(scale)
            is_pixel = (
                abs(sign) == 1 and math.isclose(scale, sign) and math.isclose(shift, (1 - sign) / 2, abs_tol=1e-9)
            )
            return Squashing(number, sign * (2 if kind == "tanh" else 1), low, high, passed) if is_pixel else None
        if kind == "affine":
            scale, shift = scale * layer["scale"], shift + scale * layer["shift"]
        elif kind == "clamp":
            bounds = [
                -math.inf if layer["low"] is None else layer["low"],
                math.inf if layer["high"] is None else layer["high"],
            ]
            first, last = sorted(scale * bound + shift for bound in bounds)
            low, high = max(low, first), min(high, last)
        elif kind not in MOVING:
            return None
        passed[number] = kind
        (number,) = sources_of(layer, number)
        if uses[number] > 1:
            return None
    return None


def as_logits(layers: list[Layer], tensors: Tensors, output: OutputName) -> tuple[list[Layer], Tensors]:
    """Layers of the logits of the pixels that these give as `output`, and their tensors.

    A last sigmoid goes, of (tanh a + 1) / 2 = sigmoid(2 a) there remains 2 a; other pixels are kept from 0 and 1 by
    `LEAST`.
    """
    if output == "logits":
        return layers, tensors
    if not (end := squashing(layers, output)):
        scale, shift = AS_PIXEL[output]
        pixel: list[Layer] = [] if output == "pixels" else [{"kind": "affine", "scale": scale, "shift": shift}]
        at = len(layers) + len(pixel)
        logarithms: list[Layer] = [
            {"kind": "clamp", "low": LEAST, "high": 1 - LEAST},
            {"kind": "log"},
            {"kind": "affine", "scale": -1, "shift": 1, "from": [at]},
            {"kind": "log"},
            {"kind": "affine", "scale": -1, "shift": 0},
            {"kind": "add", "from": [at + 1, at + 4]},
        ]
        return [*layers, *pixel, *logarithms], tensors
    kept = list(layers)
    is_all = sources_of(layers[end.number], end.number)[0] < 0  # then a layer must be left
    kept[end.number] = _like(layers[end.number], {"kind": "affine", "scale": end.scale, "shift": 0})
    gone = {number for number, kind in end.passed.items() if kind in ("affine", "clamp")}
    gone |= {end.number} if end.scale == 1 and not is_all else set()
    if end.low > 0 or end.high < 1:
        kept.append({"kind": "clamp", "low": _logit(end.low), "high": _logit(end.high)})
    return without(kept, tensors, gone)


def without(layers: list[Layer], tensors: Tensors, gone: Iterable[int]) -> tuple[list[Layer], Tensors]:
    """The layers but those `gone`, whose values are then those that they took, and those that nothing takes."""
    passed = {number: sources_of(layers[number], number)[0] for number in gone}

    def source(number: int) -> int:
        while number in passed:
            number = passed[number]
        return number

    wanted: set[int] = set()
    asked = [source(len(layers) - 1)]
    while asked:
        number = asked.pop()
        if number >= 0 and number not in wanted:
            wanted.add(number)
            asked += [source(other) for other in sources_of(layers[number], number)]
    places = {-1: -1} | {number: place for place, number in enumerate(sorted(wanted))}
    kept: list[Layer] = []
    for place, number in enumerate(sorted(wanted)):
        sources = [places[source(other)] for other in sources_of(layers[number], number)]
        layer = {key: value for key, value in layers[number].items() if key != "from"}
        kept.append(layer if sources == [place - 1] else {**layer, "from": sources})
    parts = [(name.partition("."), tensor) for name, tensor in tensors.items()]
    own = {f"{places[int(number)]}.{name}": tensor for (number, _, name), tensor in parts if int(number) in places}
    return kept, own


def without_exponentials(layers: list[Layer], tensors: Tensors) -> tuple[list[Layer], Tensors]:
    """The layers with log(exp(a)) as a: what is left of a standard deviation that the model takes of a log_var."""
    for number, layer in enumerate(layers):
        if layer["kind"] != "log":
            continue
        (before,) = sources_of(layer, number)
        if before >= 0 and layers[before]["kind"] == "exp":
            shorter = list(layers)
            shorter[number] = _like(layers[before], {"kind": "log"}, sources_of(layers[before], before))
            return without_exponentials(*without(shorter, tensors, [number]))
    return layers, tensors


def _like(layer: Mapping[str, object], other: Layer, sources: Iterable[int] | None = None) -> Layer:
    """Another layer in the place of one."""
    given = layer.get("from") if sources is None else list(sources)
    return other if given is None else {**other, "from": given}


def _logit(pixel: float) -> float | None:
    return math.log(pixel) - math.log1p(-pixel) if 0 < pixel < 1 else None
