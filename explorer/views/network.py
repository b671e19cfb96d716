"""A decoder, an encoder or a classifier as the browser runs it: a list of layers over named tensors."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_WEIGHTS = 10_000_000


def arrays_of(weights: dict[str, NDArray[Any]], part: str) -> dict[str, NDArray[Any]]:
    """The tensors of one part ("decoder", "encoder", "layers") of a state dict: `<layer>.weight`, `<layer>.bias`."""
    prefix = f"{part}."
    return {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}


def layers_of(
    arrays: dict[str, NDArray[Any]], what: str, activation: str, inputs: tuple[int, ...], outputs: tuple[int, ...]
) -> list[dict[str, Any]]:
    """The forward pass in order, for networks of linear layers, convolutions and transposed convolutions.

    `inputs` and `outputs` are shapes: (C, H, W) for images, (D,) for vectors. Each entry has `kind`: linear (`weight`
    (out, in), `bias`); conv (`weight` (out, in, 3, 3), `bias`, `input` (C, H, W), stride 2, padding 1);
    conv_transpose (`weight` (in, out, 4, 4), `bias`, `input` (C, H, W), stride 2, padding 1); silu or relu. Raises
    ValueError, which calls the network `what`, for any other tensor and for more than ten million weights.
    """
    count = sum(array.size for array in arrays.values())
    if count > MAX_WEIGHTS:
        raise ValueError(f"its {what} has {count:,} weights; the browser runs up to {MAX_WEIGHTS:,}")
    names = sorted((name for name in arrays if re.fullmatch(r"\d+\.weight", name)), key=lambda n: int(n.split(".")[0]))
    unknown = [name for name in arrays if not re.fullmatch(r"\d+\.(weight|bias)", name)]
    if unknown or not names or len(arrays) != 2 * len(names):
        raise ValueError(f"its {what} has layers the browser cannot run: {unknown or names}")
    transposed = sum(arrays[name].shape[2:] == (4, 4) for name in names)
    height, width = inputs[1:] if len(inputs) == 3 else (side // 2**transposed for side in outputs[-2:] or (0, 0))
    size = math.prod(inputs)
    layers: list[dict[str, Any]] = []
    for name in names:
        weight, layer = arrays[name], {"weight": name, "bias": name.replace("weight", "bias")}
        if weight.ndim == 2:
            fits, size = weight.shape[1] == size, weight.shape[0]
            layers.append({"kind": "linear", **layer})
        elif weight.shape[2:] == (3, 3):
            shape = [weight.shape[1], height, width]
            fits, height, width = math.prod(shape) == size, math.ceil(height / 2), math.ceil(width / 2)
            size = weight.shape[0] * height * width
            layers.append({"kind": "conv", **layer, "input": shape})
        elif weight.shape[2:] == (4, 4):
            shape = [weight.shape[0], height, width]
            fits, height, width = math.prod(shape) == size, 2 * height, 2 * width
            size = weight.shape[1] * height * width
            layers.append({"kind": "conv_transpose", **layer, "input": shape})
        else:
            fits = False
        if not fits:
            raise ValueError(f"its {what}'s tensor {name} of shape {weight.shape} is no layer the browser can run")
        layers.append({"kind": activation})
    if size != math.prod(outputs):
        raise ValueError(f"its {what} gives {size:,} numbers, expected {math.prod(outputs):,} for {outputs}")
    return layers[:-1]
