"""Turns a method of a person's own PyTorch module into a list of layers and their tensors, by running it once.

What the method does is recorded by torch.export as operations of ATen; those that layers.py has a kind for
become layers of that kind, what hangs on weights alone is computed now, and the rest must be on its list.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, fx, nn

from training.errors import UserError, one_line
from training.model.layers import ATEN, CLASS, Layer

# Operations that leave values as they are, in evaluation.
SAME = frozenset(
    ["contiguous", "clone", "alias", "detach", "dropout", "feature_dropout", "alpha_dropout", "lift_fresh"]
)
SHAPING = frozenset(["view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "_unsafe_view"])
PARTING = frozenset(["chunk", "split", "split_with_sizes", "tensor_split"])
# Kinds of layer without weights, and the arguments that their fields are.
ACTIVATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "relu": ("relu", {}),
    "exp": ("exp", {}),
    "log": ("log", {}),
    "leaky_relu": ("leaky_relu", {"slope": "negative_slope"}),
    "elu": ("elu", {"alpha": "alpha"}),
    "gelu": ("gelu", {"approximate": "approximate"}),
    "silu": ("silu", {}),
    "tanh": ("tanh", {}),
    "sigmoid": ("sigmoid", {}),
    "softplus": ("softplus", {"beta": "beta", "threshold": "threshold"}),
    "hardtanh": ("clamp", {"low": "min_val", "high": "max_val"}),
    "clamp": ("clamp", {"low": "min", "high": "max"}),
}


class _Method(nn.Module):
    """A module whose forward pass is another's method."""

    def __init__(self, model: nn.Module, method: str) -> None:
        super().__init__()
        self.model, self.method = model, method

    def forward(self, *given: Tensor) -> Any:
        return getattr(self.model, self.method)(*given)


def trace(model: nn.Module, method: str, *example: Tensor) -> tuple[list[Layer], dict[str, Tensor]]:
    """Layers of `model.<method>`, and their tensors by the names they have in a checkpoint ("0.weight").

    `example` is a batch (2, ...) it takes, and for a conditional model the classes (2, K). Several results are laid one
    after the other along their first dimension after the batch's. Raises UserError in one line for what cannot be
    described.
    """
    try:
        with _quietly():
            program = torch.export.export(
                _Method(model, method).eval(),
                example,
                dynamic_shapes=(({0: torch.export.Dim("batch")},) * len(example),),
                strict=False,
            )
    except Exception as error:  # torch.export raises whatever it meets
        raise UserError(
            f"{method} cannot be recorded: {one_line(error)}; it must do the same for any number of images, without "
            "looking at their values"
        ) from error
    return _Tracing(method, program).result()


@contextmanager
def _quietly() -> Iterator[None]:
    logger = logging.getLogger("torch")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


class _Tracing:
    """One program on its way to a list of layers."""

    def __init__(self, method: str, program: torch.export.ExportedProgram) -> None:
        self.method = method
        self.layers: list[Layer] = []
        self.tensors: dict[str, Tensor] = {}
        self.numbers: dict[fx.Node, int] = {}  # of the layers whose values nodes have
        self.constants: dict[fx.Node, Tensor] = {}
        self.parts: dict[fx.Node, tuple[fx.Node, int]] = {}  # what was cut, along which dimension
        self.broadcast: dict[fx.Node, list[fx.Node]] = {}  # values of one shape
        self.program = program
        self.batch = ""

    def result(self) -> tuple[list[Layer], dict[str, Tensor]]:
        for node in self.program.graph.nodes:
            if node.op == "placeholder":
                self._place(node)
            elif node.op == "output":
                results = [result for result in node.args[0] if isinstance(result, fx.Node)]
                if len(results) > 1:
                    self._add({"kind": "concat"}, results, None)
                elif self.numbers.get(results[0], -1) != len(self.layers) - 1:
                    self._add({"kind": "slice", "start": 0, "end": _shape(results[0])[1]}, results, None)
            else:
                self._take(node)
        return self.layers, self.tensors

    def _place(self, node: fx.Node) -> None:
        signature = self.program.graph_signature
        for names, values in (
            (signature.inputs_to_parameters, self.program.state_dict),
            (signature.inputs_to_buffers, {**self.program.constants, **self.program.state_dict}),
            (signature.inputs_to_lifted_tensor_constants, self.program.constants),
        ):
            if node.name in names:
                self.constants[node] = values[names[node.name]].detach()
                return
        self.numbers[node] = CLASS if self.batch else -1  # the class comes second
        self.batch = str(_shape(node)[0])

    def _take(self, node: fx.Node) -> None:
        """One operation of the program."""
        value = node.meta.get("val")
        if not isinstance(value, Tensor | list | tuple):
            return  # a size: it is read where it is used
        if not isinstance(node.target, torch._ops.OpOverload):
            source, index = node.args  # of the parts of a value
            assert isinstance(source, fx.Node)
            self._part(node, source, int(str(index)))
            return
        given = [part for part in node.all_input_nodes if isinstance(part.meta.get("val"), Tensor)]
        name, overload = str(node.target).removeprefix("aten.").split(".")
        random = torch.Tag.nondeterministic_seeded in node.target.tags and f"{name}.{overload}" not in ATEN
        if random and not self._is_same(node):
            raise self._error(node, "is random: the same image must always give the same mu and log_var")
        if all(part in self.constants for part in given) and not self._symbolic(node):
            self.constants[node] = node.target(
                *fx.map_arg(node.args, self._constant), **fx.map_arg(node.kwargs, self._constant)
            )
            return
        name = name.removesuffix("_")  # what works in place: its value is used in the place of the one before
        arguments = {
            argument.name: node.args[i]
            if i < len(node.args)
            else node.kwargs.get(argument.name, argument.default_value)
            for i, argument in enumerate(node.target._schema.arguments)
        }
        if self._is_same(node):
            self.numbers[node] = self.numbers[given[0]]
        elif name == "broadcast_tensors":
            if len({str(_sizes(part.meta["val"])) for part in given}) > 1:
                raise self._error(node, "makes values of several shapes one")
            self.broadcast[node] = given  # nothing to do: torch.distributions asks for it
        elif name in PARTING:
            self.parts[node] = given[0], int(str(arguments["dim"]))
        else:
            self._describe(node, name, overload, arguments, given)

    def _describe(
        self, node: fx.Node, name: str, overload: str, arguments: dict[str, Any], given: list[fx.Node]
    ) -> None:
        inputs = [part for part in given if part not in self.constants]
        shape, before = _shape(node), _shape(inputs[0])
        layer: Layer | None = None
        tensors: dict[str, Tensor] = {}
        if name in SHAPING and self._is_batch_first(shape) and self._is_batch_first(before) and len(shape) > 1:
            layer = {"kind": "reshape", "shape": list(shape[1:])}
        elif len(inputs) == 1 and name in ACTIVATIONS:
            kind, fields = ACTIVATIONS[name]
            if arguments.get("scale", 1) == arguments.get("input_scale", 1) == 1:  # else SELU or CELU
                layer = {"kind": kind, **{field: arguments[argument] for field, argument in fields.items()}}
        elif len(inputs) == 1 and name == "batch_norm":
            layer, tensors = self._batch_norm(node, arguments)
        elif len(inputs) == 1 and name in ("linear", "conv2d", "conv_transpose2d"):
            tensors = {
                part: self._constant(arguments[part]) for part in ("weight", "bias") if arguments[part] is not None
            }
            layer = _linear(tensors) if name == "linear" else _convolution(tensors, name, arguments)
        elif len(inputs) == 1 and name in ("mul", "div", "add", "sub", "rsub", "neg"):
            layer = self._affine(name, arguments)
        elif name == "upsample_nearest2d":
            sides = list(zip(shape[2:], before[2:], strict=True))
            if not any(after % side for after, side in sides):
                layer = {"kind": "upsample", "scale": [after // side for after, side in sides]}
        elif name == "add" and before == _shape(inputs[1]) and arguments["alpha"] == 1:
            layer = {"kind": "add"}
        elif name == "cat" and len(inputs) == len(arguments["tensors"]) and arguments["dim"] in (1, 1 - len(shape)):
            layer = {"kind": "concat"}
        elif name == "slice" and arguments["dim"] == 1 and arguments["step"] == 1:
            start = arguments["start"] or 0
            start += before[1] if start < 0 else 0
            layer = {"kind": "slice", "start": start, "end": start + shape[1]}
        if name in (*SHAPING, "slice") and shape == before:
            self.numbers[node] = self.numbers[inputs[0]]
        elif layer:
            self._add(layer, inputs, node, tensors)
        else:
            self._aten(node, name, overload, arguments)

    def _batch_norm(self, node: fx.Node, arguments: dict[str, Any]) -> tuple[Layer, dict[str, Tensor]]:
        names = ("weight", "bias", "running_mean", "running_var")
        tensors = {name: self._constant(arguments[name]) for name in names if arguments[name] is not None}
        if "running_mean" not in tensors or arguments["training"]:
            raise self._error(node, "mixes the images of a batch: keep running statistics (track_running_stats)")
        layer = {"features": len(tensors["running_mean"]), "eps": arguments["eps"], "affine": "weight" in tensors}
        return {"kind": "batch_norm", **layer}, tensors

    def _affine(self, name: str, arguments: dict[str, Any]) -> Layer | None:
        """A value times or plus a number; None for other arithmetic."""
        first, second = arguments["self"], arguments.get("other", 1)
        swapped = first in self.constants
        number = self._constant(first if swapped else second)
        if isinstance(number, Tensor) and number.numel() == 1:
            number = float(number)
        plain = arguments.get("alpha", 1) == 1 and not arguments.get("rounding_mode")
        if not isinstance(number, int | float) or not plain or (name == "div" and (swapped or number == 0)):
            return None
        scale, shift = {
            "mul": (number, 0),
            "div": (1 / (number or 1), 0),
            "add": (1, number),
            "sub": (-1, number) if swapped else (1, -number),
            "rsub": (-1, number),
            "neg": (-1, 0),
        }[name]
        return {"kind": "affine", "scale": scale, "shift": shift}

    def _part(self, node: fx.Node, source: fx.Node, index: int) -> None:
        if source in self.broadcast:
            self.numbers[node] = self._number(self.broadcast[source][index])
            return
        if source not in self.parts:
            raise self._error(source, "has several results")
        whole, dim = self.parts[source]
        sizes = [_sizes(part)[dim] for part in source.meta["val"]]
        start = sum(sizes[:index])
        if dim in (1, 1 - len(_shape(whole))):
            self._add({"kind": "slice", "start": start, "end": start + sizes[index]}, [whole], node)
            return
        arguments = {"self": whole, "dim": dim, "start": start, "end": start + sizes[index], "step": 1}
        self._aten(node, "slice", "Tensor", arguments)

    def _aten(self, node: fx.Node, name: str, overload: str, arguments: dict[str, Any]) -> None:
        """An operation that only torch runs, as it is."""
        # A view needs its value laid out in order, which a reshape does not.
        op = "reshape.default" if name in ("view", "_unsafe_view") else f"{name}.{overload}"
        if op not in ATEN:
            raise self._error(node, "is none that a checkpoint can hold: docs/own-models.md lists them")
        sources: list[fx.Node] = []
        tensors: dict[str, Tensor] = {}

        def as_argument(value: Any) -> Any:
            if isinstance(value, fx.Node):
                if value in self.constants:
                    tensors[f"t{len(tensors)}"] = self.constants[value]
                    return {"tensor": len(tensors) - 1}
                size = value.meta["val"]
                if not isinstance(size, Tensor):
                    return as_argument(size)
                sources.append(value)
                return {"input": len(sources) - 1}
            if isinstance(value, list | tuple):
                return [as_argument(item) for item in value]
            if isinstance(value, torch.SymInt) and name in (*SHAPING, "expand"):
                return -1  # the number that is left over, or that is there already
            if (
                value is None
                or isinstance(value, bool | int | str)
                or (isinstance(value, float) and math.isfinite(value))
            ):
                return value
            raise self._error(node, f"has an argument that a checkpoint cannot hold: {value}")

        keywords = {argument.name for argument in node.target._schema.arguments if argument.kwarg_only}  # type: ignore[union-attr]
        places = [as_argument(value) for key, value in arguments.items() if key not in keywords]
        options = {key: as_argument(value) for key, value in arguments.items() if key in keywords and value is not None}
        shapes = [list(tensor.shape) for tensor in tensors.values()]
        layer = {"kind": "aten", "op": op, "arguments": places, "options": options, "tensors": shapes}
        self._add(layer, sources, node, tensors)

    def _add(
        self, layer: Layer, inputs: Sequence[fx.Node], node: fx.Node | None, tensors: dict[str, Tensor] | None = None
    ) -> None:
        number = len(self.layers)
        sources = [self._number(part) for part in inputs]
        self.layers.append(layer if sources == [number - 1] else {**layer, "from": sources})
        for name, tensor in (tensors or {}).items():
            if tensor.dtype != torch.float32:
                raise UserError(f"{self.method} uses a tensor of {tensor.dtype}; a checkpoint holds float32")
            self.tensors[f"{number}.{name}"] = tensor.contiguous()
        if node is not None:
            self.numbers[node] = number

    def _number(self, node: fx.Node) -> int:
        if node not in self.numbers:
            raise UserError(f"{self.method} gives a value that does not hang on what it is given")
        return self.numbers[node]

    def _constant(self, value: Any) -> Any:
        return self.constants.get(value, value) if isinstance(value, fx.Node) else value

    def _is_same(self, node: fx.Node) -> bool:
        name = str(node.target).removeprefix("aten.").split(".")[0].removesuffix("_")
        if name in ("to", "_to_copy"):
            return bool(node.meta["val"].dtype == torch.float32)
        return name in SAME and not any(argument is True for argument in node.args)

    def _is_batch_first(self, shape: tuple[int | torch.SymInt, ...]) -> bool:
        return [str(size) for size in shape[:1]] == [self.batch] and all(isinstance(size, int) for size in shape[1:])

    def _symbolic(self, node: fx.Node) -> bool:
        return any(not isinstance(part.meta.get("val"), Tensor) for part in node.all_input_nodes)

    def _error(self, node: fx.Node, what: str) -> UserError:
        return UserError(f"{self.method} uses {str(node.target).removeprefix('aten.').split('.')[0]}, which {what}")


def _linear(tensors: dict[str, Tensor]) -> Layer:
    outputs, inputs = tensors["weight"].shape
    return {"kind": "linear", "inputs": inputs, "outputs": outputs, "bias": "bias" in tensors}


def _convolution(tensors: dict[str, Tensor], name: str, arguments: dict[str, Any]) -> Layer | None:
    weight, groups = tensors["weight"], arguments["groups"]
    kernel, dilation = list(weight.shape[2:]), _pair(arguments["dilation"])
    padding = arguments["padding"]
    if padding == "same":
        spare = [factor * (side - 1) for factor, side in zip(dilation, kernel, strict=True)]
        if any(side % 2 for side in spare):
            return None  # one pixel more on one side
        padding = [side // 2 for side in spare]
    layer = {
        "inputs": weight.shape[1] * groups,
        "outputs": len(weight),
        "bias": "bias" in tensors,
        "kernel": kernel,
        "stride": _pair(arguments["stride"]),
        "padding": [0, 0] if padding == "valid" else _pair(padding),
        "dilation": dilation,
        "groups": groups,
    }
    if name == "conv2d":
        return {"kind": "conv", **layer}
    layer |= {"inputs": len(weight), "outputs": weight.shape[1] * groups}
    return {"kind": "conv_transpose", **layer, "output_padding": _pair(arguments["output_padding"])}


def _shape(node: fx.Node) -> tuple[Any, ...]:
    return _sizes(node.meta["val"])


def _sizes(value: Tensor) -> tuple[Any, ...]:
    """Its sizes: whole numbers, but for those that hang on the batch."""
    return tuple(value.shape)


def _pair(value: Sequence[int]) -> list[int]:
    return [*value] * (2 // len(value))
