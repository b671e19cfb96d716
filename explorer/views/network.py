"""A decoder, an encoder or a classifier for the browser to run: a list of layers over named tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

Shape = tuple[int, ...]

MAX_WEIGHTS = 10_000_000
# Kinds whose output has the shape of their input.
_SAME_SHAPE = "batch_norm relu exp log leaky_relu elu gelu silu tanh sigmoid softplus clamp affine dropout add"
SAME_SHAPE = frozenset(_SAME_SHAPE.split())


class NotInBrowser(ValueError):
    """A network that torch runs and the browser does not; the message says why."""


def arrays_of(weights: dict[str, NDArray[Any]], part: str) -> dict[str, NDArray[Any]]:
    """The tensors of one part ("decoder", "encoder", "layers") of a state dict: `<layer>.weight`, `<layer>.bias`."""
    prefix = f"{part}."
    return {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}


def browser_layers(
    layers: Sequence[Mapping[str, Any]],
    arrays: Mapping[str, NDArray[Any]],
    what: str,
    inputs: Shape,
    outputs: Shape,
    classes: int = 0,
) -> list[dict[str, Any]]:
    """Layers as docs/checkpoint-format.md describes them, each with `from` and the shapes `input` and `output`.

    `inputs` and `outputs` are the network's: (C, H, W) for images, (D,) for vectors; `classes`: how many there are of
    which a conditional network is given one. Raises NotInBrowser, which calls
    the network `what`, for a layer that the browser does not know and for more than ten million weights; ValueError
    for layers, tensors and shapes that do not fit each other.
    """
    count = sum(array.size for array in arrays.values())
    if count > MAX_WEIGHTS:
        raise NotInBrowser(f"its {what} has {count:,} weights; the browser runs up to {MAX_WEIGHTS:,}")
    shapes: list[Shape] = []
    taken: list[dict[str, Any]] = []
    expected: dict[str, Shape] = {}
    for number, layer in enumerate(layers):
        sources = list(layer.get("from", [number - 1]))
        given = [shapes[source] if source >= 0 else (inputs, (classes,))[-1 - source] for source in sources]
        try:
            shape = _shape_after(layer, given)
        except NotInBrowser as error:
            raise NotInBrowser(f"its {what}'s layer {number} is {error}, which the browser does not run") from error
        if shape is None or min(shape) < 1:
            raise ValueError(f"its {what}'s layer {number}, {layer['kind']}, cannot take {', '.join(map(str, given))}")
        if math.prod(shape) > MAX_WEIGHTS:
            raise NotInBrowser(f"its {what}'s layer {number} gives {math.prod(shape):,} numbers")
        expected |= {f"{number}.{name}": tensor for name, tensor in _tensors(layer).items()}
        shapes.append(shape)
        taken.append({**layer, "from": sources, "input": list(given[0]), "output": list(shape)})
    found = {name: array.shape for name, array in arrays.items()}
    if found != expected:
        name = min(found.items() ^ expected.items())[0]
        raise ValueError(f"its {what}'s tensor {name} is {found.get(name)}, expected {expected.get(name)}")
    if math.prod(shapes[-1]) != math.prod(outputs):
        raise ValueError(f"its {what} gives {math.prod(shapes[-1]):,} numbers, expected {math.prod(outputs):,}")
    return taken


def _shape_after(layer: Mapping[str, Any], given: list[Shape]) -> Shape | None:
    """The shape of a layer's value from those it takes, or None where they do not fit."""
    kind, shape = layer["kind"], given[0]
    if kind in SAME_SHAPE:
        fits = all(other == shape for other in given) and layer.get("features", shape[0]) == shape[0]
        return shape if fits else None
    if kind == "reshape":
        return tuple(layer["shape"]) if math.prod(layer["shape"]) == math.prod(shape) else None
    if kind == "concat":
        fits = all(other[1:] == shape[1:] for other in given)
        return (sum(other[0] for other in given), *shape[1:]) if fits else None
    if kind == "slice":
        return (layer["end"] - layer["start"], *shape[1:]) if layer["end"] <= shape[0] else None
    if kind not in _WEIGHTED and kind != "upsample":
        raise NotInBrowser(layer.get("op", kind))
    rank = 1 if kind == "linear" else 3
    if len(shape) != rank:
        raise NotInBrowser(f"{kind} of values of {len(shape)} dimensions")
    if kind == "upsample":
        return (shape[0], *(side * scale for side, scale in zip(shape[1:], layer["scale"], strict=True)))
    if layer["inputs"] != shape[0]:
        return None
    if kind == "linear":
        return (layer["outputs"],)
    if layer["groups"] != 1 or list(layer["dilation"]) != [1, 1]:
        raise NotInBrowser(f"a grouped or dilated {kind}")
    sides = []
    for axis, side in enumerate(shape[1:]):
        kernel, stride, padding = (layer[name][axis] for name in ("kernel", "stride", "padding"))
        if kind == "conv":
            sides.append((side + 2 * padding - kernel) // stride + 1)
        else:
            sides.append((side - 1) * stride - 2 * padding + kernel + layer["output_padding"][axis])
    return (layer["outputs"], *sides)


def _tensors(layer: Mapping[str, Any]) -> dict[str, Shape]:
    """Names and shapes of a layer's tensors."""
    return _WEIGHTED[layer["kind"]](layer) if layer["kind"] in _WEIGHTED else {}


def _with_bias(layer: Mapping[str, Any], weight: Shape) -> dict[str, Shape]:
    return {"weight": weight, **({"bias": (layer["outputs"],)} if layer["bias"] else {})}


_WEIGHTED: dict[str, Callable[[Mapping[str, Any]], dict[str, Shape]]] = {
    "linear": lambda layer: _with_bias(layer, (layer["outputs"], layer["inputs"])),
    "conv": lambda layer: _with_bias(layer, (layer["outputs"], layer["inputs"], *layer["kernel"])),
    "conv_transpose": lambda layer: _with_bias(layer, (layer["inputs"], layer["outputs"], *layer["kernel"])),
    "batch_norm": lambda layer: dict.fromkeys(
        ("running_mean", "running_var", *(("weight", "bias") if layer["affine"] else ())), (layer["features"],)
    ),
}
