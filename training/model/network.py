"""Builds networks from their descriptions (layers.py): a closed table of layers, no code of anyone else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.model.layers import Layer, sources_of


class Network(nn.Sequential):
    """The layers one after the other, each given the values that its `from` names."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__(*(module(layer) for layer in layers))
        self.sources = [sources_of(layer, number) for number, layer in enumerate(layers)]
        self.is_chain = all(list(sources) == [number - 1] for number, sources in enumerate(self.sources))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The last layer's value; `y` (N, K) is the class that a conditional network is given, one-hot."""
        if self.is_chain:
            last: Tensor = super().forward(x)  # type: ignore[no-untyped-call]
            return last
        values: list[Tensor] = []
        for layer, sources in zip(self, self.sources, strict=True):
            values.append(layer(*(values[source] if source >= 0 else (x, y)[-1 - source] for source in sources)))
        return values[-1]


def module(layer: Layer) -> nn.Module:
    """One layer, with fresh weights."""
    kind = layer["kind"]
    if kind in ("conv", "conv_transpose"):
        pairs = ("stride", "padding", "dilation", "output_padding")
        options = {name: tuple(layer[name]) for name in pairs if name in layer}
        convolution: Any = nn.Conv2d if kind == "conv" else nn.ConvTranspose2d
        sizes = layer["inputs"], layer["outputs"], tuple(layer["kernel"])
        return convolution(*sizes, groups=layer["groups"], bias=layer["bias"], **options)  # type: ignore[no-any-return]
    build: dict[str, Callable[[], nn.Module]] = {
        "linear": lambda: nn.Linear(layer["inputs"], layer["outputs"], bias=layer["bias"]),
        "batch_norm": lambda: BatchNorm(layer["features"], layer["eps"], layer["affine"]),
        "relu": nn.ReLU,
        "exp": lambda: Function(torch.exp),
        "log": lambda: Function(torch.log),
        "leaky_relu": lambda: nn.LeakyReLU(layer["slope"]),
        "elu": lambda: nn.ELU(layer["alpha"]),
        "gelu": lambda: nn.GELU(layer["approximate"]),
        "silu": nn.SiLU,
        "tanh": nn.Tanh,
        "sigmoid": nn.Sigmoid,
        "softplus": lambda: nn.Softplus(layer["beta"], layer["threshold"]),
        "clamp": lambda: Function(lambda x: x.clamp(layer["low"], layer["high"])),
        "affine": lambda: Function(lambda x: x * layer["scale"] + layer["shift"]),
        "reshape": lambda: Function(lambda x: x.reshape(len(x), *layer["shape"])),
        "upsample": lambda: nn.Upsample(scale_factor=tuple(map(float, layer["scale"]))),
        "dropout": lambda: nn.Dropout(layer["share"]),
        "concat": lambda: Function(lambda *values: torch.cat(values, dim=1)),
        "slice": lambda: Function(lambda x: x[:, layer["start"] : layer["end"]]),
        "add": lambda: Function(torch.add),
        "aten": lambda: Aten(layer),
    }
    return build[kind]()


class Function(nn.Module):
    """A function without weights."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.forward = function


class BatchNorm(nn.Module):
    """Batch normalisation by stored mean and variance, for vectors (N, C) and images (N, C, H, W)."""

    def __init__(self, features: int, eps: float, affine: bool) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(features)) if affine else None
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_var", torch.ones(features))

    def forward(self, x: Tensor) -> Tensor:
        """`x` normalised, channel by channel."""
        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)


class Aten(nn.Module):
    """One operation of torch by its name in ATen, from the list in training/model/layers.py."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        name, overload = layer["op"].split(".")
        self.op = getattr(getattr(torch.ops.aten, name), overload)
        self.arguments, self.options = layer["arguments"], layer["options"]
        for number, shape in enumerate(layer["tensors"]):
            self.register_buffer(f"t{number}", torch.zeros(tuple(shape)))

    def forward(self, *inputs: Tensor) -> Tensor:
        """The operation on these values."""
        options = {name: self._value(argument, inputs) for name, argument in self.options.items()}
        result: Tensor = self.op(*self._value(self.arguments, inputs), **options)
        return result

    def _value(self, argument: Any, inputs: Sequence[Tensor]) -> Any:
        if isinstance(argument, dict):
            return inputs[argument["input"]] if "input" in argument else getattr(self, f"t{argument['tensor']}")
        if isinstance(argument, list | tuple):
            return [self._value(item, inputs) for item in argument]
        return argument
