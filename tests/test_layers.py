"""Networks as lists of layers: what is none is refused, and the browser computes each kind as torch does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser

from explorer.views.network import MAX_WEIGHTS, NotInBrowser, browser_layers
from tests.opener import patient_page
from training.model.layers import FIELDS, check_layers
from training.model.network import Network

Layer = dict[str, Any]
RUN = """
async ({ layers, tensors, inputs }) => {
  const { Network } = await import("/assets/network/network.js");
  for (const [name, [shape, data]] of Object.entries(tensors)) tensors[name] = { shape, data: new Float32Array(data) };
  const network = new Network(tensors, layers);
  const rows = [Array.from(network.run(inputs[0]))];
  network.runEach(inputs.slice(1), (values) => rows.push(Array.from(values)));
  return rows;
}
"""


def _linear(inputs: int, outputs: int, bias: bool = True) -> Layer:
    return {"kind": "linear", "inputs": inputs, "outputs": outputs, "bias": bias}


def _window(kind: str, inputs: int, outputs: int, bias: bool = True, **changes: list[int]) -> Layer:
    window = {"kernel": [3, 3], "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1, **changes}
    more = {"output_padding": changes.get("output_padding", [0, 0])} if kind == "conv_transpose" else {}
    return {"kind": kind, "inputs": inputs, "outputs": outputs, "bias": bias, **window, **more}


def _chain(*layers: Layer) -> list[Layer]:
    return list(layers)


IMAGE, VECTOR = (3, 7, 6), (12,)
NETWORKS: dict[str, tuple[tuple[int, ...], list[Layer]]] = {
    "linear": (VECTOR, _chain(_linear(12, 9), _linear(9, 5, bias=False))),
    "conv": (IMAGE, _chain(_window("conv", 3, 5))),
    "conv with stride, padding and an uneven kernel": (
        IMAGE,
        _chain(_window("conv", 3, 9, bias=False, kernel=[2, 5], stride=[3, 2], padding=[1, 3])),
    ),
    "conv of one pixel": (IMAGE, _chain(_window("conv", 3, 4, kernel=[1, 1]))),
    "conv of many pixels": ((2, 40, 21), _chain(_window("conv", 2, 3, stride=[2, 1], padding=[1, 1]))),
    "conv_transpose": (IMAGE, _chain(_window("conv_transpose", 3, 5))),
    "conv_transpose with output padding": (
        IMAGE,
        _chain(_window("conv_transpose", 3, 2, stride=[2, 3], padding=[1, 2], output_padding=[1, 2])),
    ),
    "conv_transpose with an uneven kernel": (
        IMAGE,
        _chain(_window("conv_transpose", 3, 9, bias=False, kernel=[2, 5], stride=[3, 1], padding=[0, 4])),
    ),
    "conv_transpose of many pixels": (
        (2, 30, 13),
        _chain(_window("conv_transpose", 2, 3, kernel=[4, 4], stride=[2, 2])),
    ),
    "batch_norm": (
        IMAGE,
        _chain(
            {"kind": "batch_norm", "features": 3, "eps": 1e-5, "affine": True},
            {"kind": "batch_norm", "features": 3, "eps": 1e-2, "affine": False},
            {"kind": "reshape", "shape": [126]},
            {"kind": "batch_norm", "features": 126, "eps": 1e-5, "affine": True},
        ),
    ),
    "upsample": (IMAGE, _chain({"kind": "upsample", "scale": [2, 3]}, {"kind": "relu"})),
    "reshape and dropout": (
        IMAGE,
        _chain({"kind": "reshape", "shape": [14, 9]}, {"kind": "dropout", "share": 0.5}, {"kind": "tanh"}),
    ),
    "a value that several layers take": (
        IMAGE,
        [
            _window("conv", 3, 4, padding=[1, 1]),
            {"kind": "relu"},
            {"kind": "tanh", "from": [0]},
            {"kind": "add", "from": [1, 2]},
            {"kind": "concat", "from": [3, -1, 0]},
            {"kind": "slice", "start": 2, "end": 9},
            {"kind": "reshape", "shape": [7 * 42], "from": [5]},
            {"kind": "sigmoid"},
            {"kind": "add", "from": [7, 6]},
        ],
    ),
    "logits of pixels": (
        VECTOR,
        [
            *_chain(_linear(12, 40), {"kind": "clamp", "low": 1e-6, "high": 1 - 1e-6}),
            {"kind": "log"},
            {"kind": "affine", "scale": -1, "shift": 1, "from": [1]},
            {"kind": "log"},
            {"kind": "exp"},
            {"kind": "add", "from": [2, 5]},
        ],
    ),
    **{
        f"{layer['kind']} {number}": (VECTOR, _chain(_linear(12, 40), layer))
        for number, layer in enumerate(
            (
                {"kind": "relu"},
                {"kind": "leaky_relu", "slope": 0.2},
                {"kind": "elu", "alpha": 1.3},
                {"kind": "gelu", "approximate": "none"},
                {"kind": "gelu", "approximate": "tanh"},
                {"kind": "silu"},
                {"kind": "tanh"},
                {"kind": "sigmoid"},
                {"kind": "softplus", "beta": 1.5, "threshold": 3.0},
                {"kind": "clamp", "low": -0.5, "high": 1.0},
                {"kind": "clamp", "low": None, "high": 0.0},
                {"kind": "affine", "scale": 2.0, "shift": -1.0},
            )
        )
    },
}


def test_every_kind_of_layer_is_compared() -> None:
    kinds = {layer["kind"] for _, layers in NETWORKS.values() for layer in layers}
    assert kinds == set(FIELDS) - {"aten"}


@pytest.mark.parametrize("compiled", [True, False], ids=["WebAssembly", "without it"])
def test_the_browser_computes_every_kind_of_layer_as_torch_does(
    compiled: bool, shipped_app: str, browser: Browser
) -> None:
    page = patient_page(browser)
    if not compiled:
        page.add_init_script("delete globalThis.WebAssembly")
    page.goto(f"{shipped_app}/assets/dom/icon.svg")
    torch.manual_seed(0)
    differences = {}
    for name, (shape, layers) in NETWORKS.items():
        network = Network(check_layers(layers)).eval()
        for tensor in [*network.parameters(), *network.buffers()]:
            torch.nn.init.normal_(tensor, std=1 / math.sqrt(tensor[0].numel()))
        arrays = {
            key: tensor.detach().abs() if "var" in key else tensor.detach()
            for key, tensor in network.state_dict().items()
        }
        network.load_state_dict(arrays)
        x = 2 * torch.randn(7, *shape)
        with torch.no_grad():
            expected = network(x)
        numpy = {key: tensor.numpy() for key, tensor in arrays.items()}
        told = browser_layers(layers, numpy, "network", shape, tuple(expected.shape[1:]))
        what = {
            "layers": told,
            "tensors": {key: [array.shape, array.flatten().tolist()] for key, array in numpy.items()},
            "inputs": x.flatten(1).tolist(),
        }
        ours = np.array(page.evaluate(RUN, what))
        assert ours.shape == expected.flatten(1).shape, name
        differences[name] = float(np.abs(ours - expected.flatten(1).numpy()).max() / max(1, expected.abs().max()))
    assert {name: difference for name, difference in differences.items() if not difference <= 2e-6} == {}
    page.close()


GOOD = _linear(2, 4)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (None, "must be a list of layers"),
        ([], "must be a list of layers"),
        (["linear"], "layer 0 is of no known kind: None"),
        ([{"kind": "eval"}], "layer 0 is of no known kind: 'eval'"),
        ([{"kind": ["linear"]}], "of no known kind"),
        ([GOOD, {"kind": "linear", "inputs": 4}], "layer 1, linear, must have"),
        ([{**GOOD, "weight": "x"}], "must have"),
        ([{**GOOD, "inputs": -4}], "inputs cannot be -4"),
        ([{**GOOD, "inputs": 2.0}], "inputs cannot be 2.0"),
        ([{**GOOD, "bias": 1}], "bias cannot be 1"),
        ([{**GOOD, "from": [0]}], "cannot take its values from"),
        ([{**GOOD, "from": [-3]}], "cannot take its values from"),
        ([{**GOOD, "from": "input"}], "cannot take its values from"),
        ([GOOD, {"kind": "add", "from": [0]}], "cannot take its values from"),
        ([_window("conv", 1, 2, kernel=[3])], r"kernel cannot be \[3\]"),
        ([{"kind": "elu", "alpha": math.nan}], "alpha cannot be nan"),
        ([{"kind": "reshape", "shape": [2] * 200}], "shape cannot be"),
        (
            [{"kind": "aten", "op": "from_file.default", "arguments": ["/etc/passwd"], "options": {}, "tensors": []}],
            "op cannot",
        ),
        (
            [{"kind": "aten", "op": "exp.default", "arguments": [{"code": 0}], "options": {}, "tensors": []}],
            "arguments cannot",
        ),
        ([{"kind": "aten", "op": ["exp.default"], "arguments": [], "options": {}, "tensors": []}], "op cannot"),
    ],
)
def test_what_describes_no_network_is_refused(layers: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        check_layers(layers)
    assert "\n" not in str(caught.value)


def _arrays(**shapes: tuple[int, ...]) -> dict[str, np.ndarray]:
    return {name[1:].replace("_", "."): np.zeros(shape, np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("layers", "arrays", "message"),
    [
        ([_linear(3, 784)], _arrays(_0_weight=(784, 3), _0_bias=(784,)), r"layer 0, linear, cannot take \(2,\)"),
        ([_linear(2, 783)], _arrays(_0_weight=(783, 2), _0_bias=(783,)), "gives 783 numbers, expected 784"),
        ([_linear(2, 784)], _arrays(_0_weight=(784, 2)), r"tensor 0.bias is None, expected \(784,\)"),
        (
            [_linear(2, 784, bias=False)],
            _arrays(_0_weight=(784, 3)),
            r"tensor 0.weight is \(784, 3\), expected \(784, 2\)",
        ),
        ([_linear(2, 784, bias=False)], _arrays(_0_weight=(784, 2), _1_weight=(3,)), "tensor 1.weight is"),
        ([{"kind": "reshape", "shape": [3]}], {}, "layer 0, reshape, cannot take"),
        ([{"kind": "slice", "start": 1, "end": 3}], {}, "layer 0, slice, cannot take"),
        ([{"kind": "slice", "start": 2, "end": 2}], {}, "layer 0, slice, cannot take"),
        ([_linear(2, 3), {"kind": "add", "from": [0, -1]}], {}, r"layer 1, add, cannot take \(3,\), \(2,\)"),
    ],
)
def test_layers_and_tensors_that_do_not_fit_are_named(
    layers: list[Layer], arrays: dict[str, np.ndarray], message: str
) -> None:
    with pytest.raises(ValueError, match=f"its decoder.*{message}") as caught:
        browser_layers(layers, arrays, "decoder", (2,), (1, 28, 28))
    assert not isinstance(caught.value, NotInBrowser)


@pytest.mark.parametrize(
    ("layers", "shape", "message"),
    [
        ([{"kind": "aten", "op": "softmax.int", "arguments": [], "options": {}, "tensors": []}], (2,), "softmax.int"),
        ([_window("conv", 4, 4) | {"groups": 2}], (4, 8, 8), "a grouped or dilated conv"),
        ([_window("conv", 4, 4, dilation=[2, 2])], (4, 8, 8), "a grouped or dilated conv"),
        ([_linear(4, 4)], (2, 4), "linear of values of 2 dimensions"),
        ([{"kind": "upsample", "scale": [9000, 9000]}], (1, 2, 2), "gives 324,000,000 numbers"),
    ],
)
def test_layers_that_only_torch_runs_are_told_apart(layers: list[Layer], shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(NotInBrowser, match=message):
        browser_layers(layers, {}, "decoder", shape, (1,))


def test_large_networks_are_left_to_torch() -> None:
    with pytest.raises(NotInBrowser, match="the browser runs up to"):
        browser_layers(
            [_linear(2, 2)], {"0.weight": np.broadcast_to(np.float32(0), (MAX_WEIGHTS + 1,))}, "decoder", (2,), (2,)
        )
