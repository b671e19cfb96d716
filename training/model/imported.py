"""A person's own PyTorch VAE, made into a checkpoint: `python -m training import module:object`.

It has `encode(x) -> (mu, log_var)`, or `mu` alone for a code without noise, and `decode(z) -> logits`, or something
that can be made these: see docs/own-models.md. Its code is run here, on its owner's machine; the checkpoint holds
layers and weights only.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import torch
from torch import Tensor

from training.data.datasets import ImageData, load_dataset
from training.errors import UserError
from training.file_lock import held
from training.measure.evaluation import as_pixels
from training.model.convention import Adapted, Convention
from training.model.known_layouts import LAYOUTS, known_layout
from training.model.layers import Layer, check_layers
from training.model.observed import (
    decoded,
    expect_input,
    expect_numbers,
    means,
    output_of,
    portions,
    with_posterior_known,
)
from training.model.own_module import own_module
from training.model.pixels import AS_PIXEL, as_logits, squashing, without_exponentials
from training.model.spec import ModelSpec
from training.model.tracing import trace
from training.model.vae import LOG_VAR_RANGE, VAE, one_hot
from training.model.weights import load_weights, read_weights
from training.options import ImportOptions, OutputName, expect_classes, size_of
from training.run import workplace_of, write_run
from training.shortcomings import collapse_of

TOLERANCE = 1e-4  # of the values' own scale


def import_model(options: ImportOptions) -> dict[str, Any]:
    """Write the model's checkpoint to `options.out`; returns its test metrics. Raises UserError in one line."""
    with held(options.out):
        return _import(options)


def _import(options: ImportOptions) -> dict[str, Any]:
    workplace_of(options)
    model = _with_weights(options)
    data = load_dataset(options.dataset, options.data_dir, size_of(options.image_size))
    images = torch.from_numpy(data.gallery.images)
    example = as_pixels(images[:2])
    convention = Convention(options.input, options.posterior_order, options.posterior_scale)
    adapted = Adapted(model, convention, _classes(options, data))
    first = () if adapted.classes is None else (adapted.classes[:2],)
    mu, spread = _encode(adapted, example, *first)
    _expect_images(adapted, mu, data.image_shape)
    adapted = with_posterior_known(adapted, images)
    encoder, encoder_tensors = without_exponentials(*trace(adapted, "encode", example, *first))
    decoder, decoder_tensors = trace(adapted, "decode", mu, *first)
    output = _output(options, adapted, decoder, images)
    decoder, decoder_tensors = as_logits(decoder, decoder_tensors, output)
    if len(adapted.decode(mu, *first).shape) == 2:
        decoder.append({"kind": "reshape", "shape": list(data.image_shape)})
    spec = ModelSpec(
        image_shape=data.image_shape,
        latent_dim=mu.shape[1],
        architecture="layers",
        hidden_dims=(),
        decoder_hidden_dims=(),
        activation="silu",
        dropout=0.0,
        posterior="deterministic" if spread is None else "diagonal",
        likelihood=options.likelihood,
        encoder_layers=check_layers(encoder),
        decoder_layers=check_layers(decoder),
        condition=0 if adapted.classes is None else len(data.classes),
    )
    ours = VAE(spec)
    tensors = {f"encoder.{name}": tensor for name, tensor in encoder_tensors.items()}
    tensors |= {f"decoder.{name}": tensor for name, tensor in decoder_tensors.items()}
    if options.likelihood == "gaussian":
        tensors["log_sigma"] = torch.tensor(math.log(options.sigma))
    ours.load_state_dict(tensors)
    _compare(adapted, ours.eval(), images, output)
    return write_run(options, data, ours, history=[], judge=collapse_of)


def _with_weights(options: ImportOptions) -> Any:
    file = options.weights.expanduser()
    weights = read_weights(file, options.trust)
    is_known = options.model in LAYOUTS
    model = known_layout(options.model, weights) if is_known else own_module(options.model, file.parent)
    return load_weights(model, weights, file)


@torch.no_grad()
def _encode(model: Adapted, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    return model.given(x, y)


@torch.no_grad()
def _expect_images(model: Adapted, mu: Tensor, shape: tuple[int, int, int]) -> None:
    given = model.decode(mu, model.y(0, len(mu)))
    if tuple(given.shape) not in ((2, *shape), (2, math.prod(shape))):
        raise UserError(
            f"decode gives {tuple(given.shape)} for z of shape {tuple(mu.shape)}, expected logits {(2, *shape)}"
        )


def _output(options: ImportOptions, model: Adapted, decoder: list[Layer], images: Tensor) -> OutputName:
    """What the decoder gives: as said, as its last layers say, or as its values show. Raises UserError."""
    said = options.output
    is_squashed = squashing(decoder, "pixels") is not None
    if said == "logits" and is_squashed:
        raise UserError("--output logits: decode ends in a sigmoid, so it gives pixels; say --output pixels")
    found = decoded(model, images, means(model, images))
    if said is None and is_squashed:
        _note("decode ends in a sigmoid, which is taken off: the checkpoint holds the logits")
        output: OutputName = "pixels"
    else:
        output = output_of(said, found, images)
    expect_input(model, images, output)
    if outside := found.outside[output]:
        _note(f"{outside / found.count:.2%} of the decoded values lie outside 0 to 1 as pixels, and are clamped")
    return output


@torch.no_grad()
def _compare(model: Adapted, ours: VAE, images: Tensor, output: OutputName) -> None:
    """Raise UserError unless the recorded layers give what the person's model gives, finite, for every image.

    Says how many log_var are clamped.
    """
    low, high = LOG_VAR_RANGE
    clamped = count = 0
    for start, x in portions(images):
        y = model.y(start, len(x))
        encoded = model.encode(x, y)
        mu, log_var = encoded if isinstance(encoded, tuple) else (encoded, None)
        logits, given = ours.decode(mu, y), model.decode(mu, y)
        pairs = [("encode", mu, ours.encode(x, y)[0])]
        if output == "logits":
            pairs.append(("decode", given, logits))
        else:
            scale, shift = AS_PIXEL[output]
            pairs.append(("decode", (given * scale + shift).clamp(0, 1), logits.sigmoid()))
        if log_var is not None:
            within = log_var.clamp(low, high)
            clamped, count = clamped + int((log_var != within).sum()), count + log_var.numel()
            pairs.append(("encode", within, ours.encode(x, y)[1]))
        for method, theirs, recorded in pairs:
            theirs = theirs.reshape(recorded.shape)
            expect_numbers(method, theirs, start)
            if not torch.allclose(theirs, recorded, rtol=TOLERANCE, atol=TOLERANCE * max(1, float(theirs.abs().max()))):
                raise UserError(
                    f"{method} does not give the same numbers twice, or does other things for other images: "
                    f"they differ by {float((theirs - recorded).abs().max()):.3g}; it must be one fixed network"
                )
    if clamped:
        _note(
            f"{clamped:,} of {count:,} log_var of the held-out images lie outside {low:g} to {high:g}, and are clamped"
        )


def _classes(options: ImportOptions, data: ImageData) -> Tensor | None:
    """Of the held-out images, one-hot, if the model is to be given them; raises UserError for a single class."""
    if options.condition is None:
        return None
    expect_classes(data.name, len(data.classes))
    return one_hot(data.gallery.labels, len(data.classes))


def _note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)
