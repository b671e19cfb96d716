"""Networks described as lists of layers: what config.json says of them, and what the browser is told.

A layer is a JSON object: `kind`, the fields of that kind, and `from`, the numbers of the layers whose values it takes
(-1: the network's input; -2: the class that it is given, one-hot), absent for the layer before it. Shapes and sizes are
an image's or a vector's own, without the batch. The tensors of layer i are `i.weight`, `i.bias` and so on. Nothing here
imports torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Layer = dict[str, Any]

LARGEST = 2**31
CLASS = -2  # in `from`: the class that a conditional network is given, one-hot
MOST_LAYERS = 1000
# Operations of torch beyond the kinds below: pure functions of tensors and numbers, by their names in ATen.
_ATEN = """
abs.default adaptive_avg_pool2d.default add.Scalar add.Tensor avg_pool2d.default avg_pool2d.padding bmm.default
cat.default celu.default clamp.Tensor clamp.default conv1d.default conv2d.default conv2d.padding
conv_transpose1d.default conv_transpose2d.input cos.default div.Scalar div.Tensor elu.default exp.default
expand.default expm1.default flatten.using_ints glu.default group_norm.default hardsigmoid.default hardswish.default
instance_norm.default layer_norm.default linear.default log.default log1p.default log_sigmoid.default log_softmax.int
matmul.default max_pool2d.default maximum.default mean.dim minimum.default mish.default movedim.int mul.Scalar
mul.Tensor neg.default pad.default permute.default pixel_shuffle.default pixel_unshuffle.default pow.Tensor_Scalar
prelu.default reciprocal.default reshape.default rms_norm.default rsqrt.default rsub.Scalar
scaled_dot_product_attention.default select.int selu.default sin.default slice.Tensor softmax.int softsign.default
sqrt.default square.default squeeze.default squeeze.dim stack.default sub.Scalar sub.Tensor sum.dim_IntList t.default
tanh.default transpose.int unflatten.int unsqueeze.default upsample_bicubic2d.vec upsample_bilinear2d.vec
upsample_nearest2d.vec where.self
"""
ATEN = frozenset(_ATEN.split())

Check = Callable[[Any], bool]


def _whole(low: int) -> Check:
    return lambda value: type(value) is int and low <= value < LARGEST


def _pair(low: int) -> Check:
    return lambda value: _list_of(_whole(low))(value) and len(value) == 2


def _list_of(item: Check) -> Check:
    return lambda value: isinstance(value, list | tuple) and len(value) < 100 and all(map(item, value))


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _flag(value: Any) -> bool:
    return type(value) is bool


def _none_or(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _argument(value: Any) -> bool:
    """A constant, or {"input": k} for the k-th value of `from`, {"tensor": k} for tensor `tk`, or a list of these."""
    if isinstance(value, dict):
        return list(value) in (["input"], ["tensor"]) and all(map(_whole(0), value.values()))
    if isinstance(value, list | tuple):
        return all(map(_argument, value))
    return value is None or isinstance(value, str | bool | int | float)


def _named_arguments(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_argument, value.values()))


_SIZES = {"inputs": _whole(1), "outputs": _whole(1), "bias": _flag}
_WINDOW = {"kernel": _pair(1), "stride": _pair(1), "padding": _pair(0), "dilation": _pair(1), "groups": _whole(1)}
FIELDS: dict[str, dict[str, Check]] = {
    "linear": _SIZES,
    "conv": {**_SIZES, **_WINDOW},
    "conv_transpose": {**_SIZES, **_WINDOW, "output_padding": _pair(0)},
    "batch_norm": {"features": _whole(1), "eps": _number, "affine": _flag},
    "relu": {},
    "exp": {},
    "log": {},
    "leaky_relu": {"slope": _number},
    "elu": {"alpha": _number},
    "gelu": {"approximate": lambda value: value in ("none", "tanh")},
    "silu": {},
    "tanh": {},
    "sigmoid": {},
    "softplus": {"beta": lambda value: _number(value) and value > 0, "threshold": _number},
    "clamp": {"low": _none_or(_number), "high": _none_or(_number)},
    "affine": {"scale": _number, "shift": _number},
    "reshape": {"shape": lambda value: _list_of(_whole(1))(value) and len(value) > 0},
    "upsample": {"scale": _pair(1)},  # by repeating pixels
    "dropout": {"share": lambda value: _number(value) and 0 <= value < 1},  # while training
    "concat": {},  # along channels, or a vector's numbers
    "slice": {"start": _whole(0), "end": _whole(1)},  # of these
    "add": {},
    "aten": {
        "op": lambda value: isinstance(value, str) and value in ATEN,
        "arguments": _argument,
        "options": _named_arguments,
        "tensors": _list_of(_list_of(_whole(0))),  # shapes
    },
}
# How many values a kind takes, where that is not one.
TAKES = {"add": (2, 2), "concat": (1, 100), "aten": (1, 100)}


def check_layers(value: Any) -> tuple[Layer, ...]:
    """A network's layers as they stand in config.json; raises ValueError for what does not describe one."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_LAYERS:
        raise ValueError(f"a network must be a list of layers, up to {MOST_LAYERS:,}")
    for number, layer in enumerate(value):
        kind = layer.get("kind") if isinstance(layer, dict) else None
        if not isinstance(kind, str) or kind not in FIELDS:
            raise ValueError(f"layer {number} is of no known kind: {kind!r}")
        given = set(layer) - {"kind", "from"}
        if given != set(FIELDS[kind]):
            raise ValueError(
                f"layer {number}, {kind}, must have the fields {sorted(FIELDS[kind])}, not {sorted(given)}"
            )
        for name, check in FIELDS[kind].items():
            if not check(layer[name]):
                raise ValueError(f"layer {number}, {kind}: {name} cannot be {layer[name]!r}")
        sources = sources_of(layer, number)
        low, high = TAKES.get(kind, (1, 1))
        if not _list_of(_whole(CLASS))(sources) or not low <= len(sources) <= high or max(sources) >= number:
            raise ValueError(f"layer {number}, {kind}, cannot take its values from {sources}")
    return tuple(value)


def sources_of(layer: Layer, number: int) -> Sequence[int]:
    """Numbers of the layers whose values layer `number` takes; -1 is the network's input, -2 the class."""
    sources: Sequence[int] = layer.get("from", [number - 1])
    return sources


def takes_class(layers: Sequence[Layer]) -> bool:
    """Whether a network is given the class beside its input."""
    return any(CLASS in sources_of(layer, number) for number, layer in enumerate(layers))
