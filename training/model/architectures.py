"""This project's own networks as lists of layers: the encoder and decoder of a ModelSpec, and the classifier."""

from __future__ import annotations

import math
from collections.abc import Sequence

from training.errors import UserError
from training.model.layers import CLASS, Layer
from training.model.spec import ModelSpec

CONV_FEATURES = 128  # width of the full layer between convolutions and z
CLASSIFIER_CHANNELS = (48, 96, 192)
CLASSIFIER_FEATURES = 128
CLASSIFIER_DROPOUT = 0.3


def encoder_layers(spec: ModelSpec) -> tuple[Layer, ...]:
    """From an image of `spec.image_shape` to `spec.posterior_parameters` numbers."""
    if spec.architecture == "layers":
        return spec.encoder_layers
    return tuple(_mlp_encoder(spec) if spec.architecture == "mlp" else _conv_encoder(spec))


def decoder_layers(spec: ModelSpec) -> tuple[Layer, ...]:
    """From z to the logits of an image of `spec.image_shape`; raises UserError for sides that do not halve."""
    if spec.architecture == "layers":
        return spec.decoder_layers
    return tuple(_mlp_decoder(spec) if spec.architecture == "mlp" else _conv_decoder(spec))


def classifier_layers(image_shape: Sequence[int], classes: int, channels: Sequence[int]) -> list[Layer]:
    """From an image to the logits of its classes and of "none of them"; its features come before the last layer.

    `channels`: of each of its convolutions.
    """
    layers, size = _convolutions(image_shape, channels, {"kind": "relu"})
    layers += [{"kind": "reshape", "shape": [size]}, {"kind": "dropout", "share": CLASSIFIER_DROPOUT}]
    return [*layers, _linear(size, CLASSIFIER_FEATURES), {"kind": "relu"}, _linear(CLASSIFIER_FEATURES, classes + 1)]


def _with_class(spec: ModelSpec, source: int, width: int) -> tuple[list[Layer], int]:
    """In a conditional model, the class put beside the `width` numbers of layer `source`; and how many that makes."""
    if not spec.condition:
        return [], width
    return [{"kind": "concat", "from": [source, CLASS]}], width + spec.condition


def _linear(inputs: int, outputs: int) -> Layer:
    return {"kind": "linear", "inputs": inputs, "outputs": outputs, "bias": True}


def _halving(inputs: int, outputs: int) -> Layer:
    window = {"kernel": [3, 3], "stride": [2, 2], "padding": [1, 1], "dilation": [1, 1], "groups": 1}
    return {"kind": "conv", "inputs": inputs, "outputs": outputs, "bias": True, **window}


def _doubling(inputs: int, outputs: int) -> Layer:
    window = {"kernel": [4, 4], "stride": [2, 2], "padding": [1, 1], "dilation": [1, 1], "groups": 1}
    return {
        "kind": "conv_transpose",
        "inputs": inputs,
        "outputs": outputs,
        "bias": True,
        **window,
        "output_padding": [0, 0],
    }


def _convolutions(shape: Sequence[int], channels: Sequence[int], activation: Layer) -> tuple[list[Layer], int]:
    """Convolutions that halve an image, and how many numbers come out of the last."""
    before, height, width = shape
    layers = []
    for after in channels:
        layers += [_halving(before, after), activation]
        before, height, width = after, math.ceil(height / 2), math.ceil(width / 2)
    return layers, before * height * width


def _mlp_encoder(spec: ModelSpec) -> list[Layer]:
    width = math.prod(spec.image_shape)
    layers: list[Layer] = [{"kind": "reshape", "shape": [width]}]
    given, width = _with_class(spec, 0, width)
    layers += given
    for hidden in spec.hidden_dims:
        layers += [_linear(width, hidden), {"kind": spec.activation}]
        if spec.dropout:
            layers.append({"kind": "dropout", "share": spec.dropout})
        width = hidden
    return [*layers, _linear(width, spec.posterior_parameters)]


def _mlp_decoder(spec: ModelSpec) -> list[Layer]:
    layers, width = _with_class(spec, -1, spec.latent_dim)
    for hidden in spec.decoder_hidden_dims:
        layers += [_linear(width, hidden), {"kind": spec.activation}]
        width = hidden
    return [*layers, _linear(width, math.prod(spec.image_shape)), {"kind": "reshape", "shape": list(spec.image_shape)}]


def _conv_encoder(spec: ModelSpec) -> list[Layer]:
    layers, size = _convolutions(spec.image_shape, spec.hidden_dims, {"kind": spec.activation})
    layers.append({"kind": "reshape", "shape": [size]})
    given, size = _with_class(spec, len(layers) - 1, size)
    layers += [*given, _linear(size, CONV_FEATURES), {"kind": spec.activation}]
    if spec.dropout:
        layers.append({"kind": "dropout", "share": spec.dropout})
    return [*layers, _linear(CONV_FEATURES, spec.posterior_parameters)]


def _conv_decoder(spec: ModelSpec) -> list[Layer]:
    channels, height, width = spec.image_shape
    scale = 2 ** len(spec.decoder_hidden_dims)
    if height % scale or width % scale:
        raise UserError(
            f"--hidden-dims: {len(spec.decoder_hidden_dims)} convolutions need image sides divisible by {scale}, "
            f"these are {height}x{width}; name fewer channels, as in --hidden-dims 32 64"
        )
    if not spec.decoder_hidden_dims:
        raise UserError("--hidden-dims: a convolutional model needs at least one channel count")
    first, *rest = spec.decoder_hidden_dims
    small = [first, height // scale, width // scale]
    layers, inner = _with_class(spec, -1, spec.latent_dim)
    for inputs, outputs in ((inner, CONV_FEATURES), (CONV_FEATURES, math.prod(small))):
        layers += [_linear(inputs, outputs), {"kind": spec.activation}]
    layers.append({"kind": "reshape", "shape": small})
    for before, after in zip([first, *rest], [*rest, channels], strict=True):
        layers += [_doubling(before, after), {"kind": spec.activation}]
    return layers[:-1]
