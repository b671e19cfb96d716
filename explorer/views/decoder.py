"""A decoder as the browser runs it: a list of layers over named tensors."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_WEIGHTS = 10_000_000


def decoder_arrays(weights: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The decoder's tensors of a state dict, named `<layer>.weight` and `<layer>.bias`."""
    prefix = "decoder."
    return {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}


def decoder_layers(
    arrays: dict[str, NDArray[Any]], activation: str, image_shape: tuple[int, int, int]
) -> list[dict[str, Any]]:
    """The forward pass from z to logits, in order, for decoders of linear and transposed convolution layers.

    Each entry has `kind`: linear (`weight` (out, in), `bias`); conv_transpose (`weight` (in, out, kh, kw), `bias`,
    `input` (C, H, W), stride 2, padding 1); silu or relu. Raises ValueError for any other tensor and for more than
    ten million weights.
    """
    count = sum(array.size for array in arrays.values())
    if count > MAX_WEIGHTS:
        raise ValueError(f"its decoder has {count:,} weights; the browser decodes up to {MAX_WEIGHTS:,}")
    names = sorted((name for name in arrays if name.endswith(".weight")), key=lambda name: int(name.split(".")[0]))
    unknown = [name for name in arrays if not re.fullmatch(r"\d+\.(weight|bias)", name)]
    if unknown or not names or len(arrays) != 2 * len(names):
        raise ValueError(f"its decoder has layers the browser cannot run: {unknown or names}")
    convolutions = sum(arrays[name].ndim == 4 for name in names)
    height, width = (side // 2**convolutions for side in image_shape[1:])
    layers: list[dict[str, Any]] = []
    for name in names:
        weight, bias = arrays[name], name.replace("weight", "bias")
        if weight.ndim == 2:
            layers.append({"kind": "linear", "weight": name, "bias": bias})
        elif weight.ndim == 4 and weight.shape[2:] == (4, 4):
            shape = [weight.shape[0], height, width]
            layers.append({"kind": "conv_transpose", "weight": name, "bias": bias, "input": shape})
            height, width = 2 * height, 2 * width
        else:
            raise ValueError(f"its decoder's tensor {name} of shape {weight.shape} is no layer the browser can run")
        layers.append({"kind": activation})
    outputs = arrays[names[-1]].shape[0] if not convolutions else arrays[names[-1]].shape[1] * height * width
    if outputs != math.prod(image_shape):
        raise ValueError(f"its decoder gives {outputs:,} numbers for images of shape {image_shape}")
    return layers[:-1]
