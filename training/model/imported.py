"""A person's own PyTorch VAE, made into a checkpoint: `python -m training import module:object`.

It has `encode(x) -> (mu, log_var)`, or `mu` alone for a code without noise, and `decode(z) -> logits`: see
docs/own-models.md. Its code is run here, on its owner's machine; the checkpoint holds layers and weights only.
"""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from training import atomic, checkpoint
from training.data.datasets import load_dataset
from training.errors import UserError, one_line
from training.measure.evaluation import as_pixels, portion
from training.model.layers import Layer, check_layers
from training.model.spec import ModelSpec
from training.model.tracing import trace
from training.model.vae import LOG_VAR_RANGE, VAE
from training.options import ImportOptions, size_of
from training.run import workplace_of, write_run

TOLERANCE = 1e-4  # of the values' own scale
PICKLES = (b"PK", b"\x80")  # how files of torch.save begin


def import_model(options: ImportOptions) -> dict[str, Any]:
    """Write the model's checkpoint to `options.out`; returns its test metrics. Raises UserError in one line."""
    atomic.recover(options.out)
    workplace_of(options)
    weights = _read_weights(options.weights)
    model = _load_weights(_person_s_model(options.model), weights, options.weights)
    data = load_dataset(options.dataset, options.data_dir, size_of(options.image_size))
    images = torch.from_numpy(data.gallery.images)
    mu, log_var = _encode(model, as_pixels(images[:2]))
    logits = _call(model, "decode", mu)
    shape = data.image_shape
    if not isinstance(logits, Tensor) or logits.shape not in ((2, *shape), (2, math.prod(shape))):
        raise UserError(f"decode gives {_shape(logits)} for z of shape {_shape(mu)}, expected logits {(2, *shape)}")
    encoder, encoder_tensors = trace(model, "encode", as_pixels(images[:2]))
    decoder, decoder_tensors = trace(model, "decode", mu)
    _expect_logits(decoder)
    if logits.dim() == 2:
        decoder.append({"kind": "reshape", "shape": list(shape)})
    spec = ModelSpec(
        image_shape=shape,
        latent_dim=mu.shape[1],
        architecture="layers",
        hidden_dims=(),
        decoder_hidden_dims=(),
        activation="silu",
        dropout=0.0,
        posterior="deterministic" if log_var is None else "diagonal",
        likelihood=options.likelihood,
        encoder_layers=check_layers(encoder),
        decoder_layers=check_layers(decoder),
    )
    ours = VAE(spec)
    tensors = {f"encoder.{name}": tensor for name, tensor in encoder_tensors.items()}
    tensors |= {f"decoder.{name}": tensor for name, tensor in decoder_tensors.items()}
    if options.likelihood == "gaussian":
        tensors["log_sigma"] = torch.tensor(math.log(options.sigma))
    ours.load_state_dict(tensors)
    _compare(model, ours.eval(), images)
    return write_run(options, data, ours, history=[])


def _read_weights(file: Path) -> dict[str, Tensor]:
    try:
        with file.open("rb") as opened:
            start = opened.read(2)
    except OSError as error:
        raise UserError(f"--weights {file}: cannot be read ({error.strerror}); name a safetensors file") from error
    if start.startswith(PICKLES):
        raise UserError(
            f"--weights {file}: a file of torch.save, which can run code when it is read; save the weights by "
            "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
        )
    try:
        return load_file(file)
    except (SafetensorError, ValueError) as error:
        raise UserError(f"--weights {file}: not a safetensors file ({one_line(error)})") from error


def _person_s_model(name: str) -> nn.Module:
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        raise UserError(f"{name}: name your model as module:object, as in my_vae:VAE")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise UserError(f"{name}: {module_name} needs a module that is not installed, {error.name}") from error
        raise UserError(
            f"{name}: no module {module_name} in this folder or installed; give the command in the folder that holds "
            f"{module_name.partition('.')[0]}.py"
        ) from error
    except Exception as error:  # a person's own code may raise anything
        raise UserError(f"{name}: {module_name} cannot be imported: {_in_full(error)}") from error
    found = getattr(module, attribute, None)
    if found is None:
        raise UserError(f"{name}: {module_name} has no {attribute}")
    if not isinstance(found, nn.Module):
        try:
            found = found()
        except Exception as error:
            raise UserError(
                f"{name}: {attribute}() fails: {_in_full(error)}; "
                "name a function without arguments that builds the model"
            ) from error
    if not isinstance(found, nn.Module):
        raise UserError(f"{name}: is a {type(found).__name__}, not a torch module or what gives one")
    for method in ("encode", "decode"):
        if not callable(getattr(found, method, None)):
            raise UserError(f"{name}: {type(found).__name__} has no method {method}; see docs/own-models.md")
    return found


def _load_weights(model: nn.Module, weights: dict[str, Tensor], file: Path) -> nn.Module:
    if misfit := checkpoint.state_misfit(weights, model.state_dict()):
        raise UserError(f"--weights {file}: {misfit}")
    for name, tensor in weights.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise UserError(f"--weights {file}: tensor {name!r} holds a number that is not finite")
    model.load_state_dict(weights)
    return model.float().eval().requires_grad_(False)


@torch.no_grad()
def _call(model: nn.Module, method: str, x: Tensor) -> Any:
    try:
        return getattr(model, method)(x)
    except Exception as error:
        takes = "x (N, C, H, W) in [0, 1]" if method == "encode" else "z (N, D)"
        raise UserError(
            f"{method} fails on a tensor of shape {_shape(x)}: {_in_full(error)}; it must take {takes}"
        ) from error


def _encode(model: nn.Module, x: Tensor) -> tuple[Tensor, Tensor | None]:
    given = _call(model, "encode", x)
    mu, log_var = given if isinstance(given, tuple | list) and len(given) == 2 else (given, None)
    shapes = [_shape(part) for part in (mu, *(() if log_var is None else (log_var,)))]
    if not isinstance(mu, Tensor) or mu.dim() != 2 or len(mu) != len(x) or len(set(shapes)) != 1:
        raise UserError(
            f"encode gives {' and '.join(shapes)} for {len(x)} images, expected mu and log_var, each (N, D)"
        )
    return mu, log_var


def _expect_logits(decoder: list[Layer]) -> None:
    last = next(layer for layer in reversed(decoder) if layer["kind"] != "reshape")
    if last["kind"] == "sigmoid":
        raise UserError("decode ends in a sigmoid, so it gives pixels; return what goes into the sigmoid: the logits")


@torch.no_grad()
def _compare(model: nn.Module, ours: VAE, images: Tensor) -> None:
    """Raise UserError unless the recorded layers give what the person's model gives, finite, for every image."""
    size = portion(images.shape[1:])
    for start in range(0, len(images), size):
        x = as_pixels(images[start : start + size])
        mu, log_var = _encode(model, x)
        pairs = [("encode", mu, ours.encode(x)[0]), ("decode", _call(model, "decode", mu), ours.decode(mu))]
        if log_var is not None:
            low, high = LOG_VAR_RANGE
            pairs.append(("encode", log_var.clamp(low, high), ours.encode(x)[1]))
            for bound in (log_var.min(), log_var.max()):
                if not low <= bound <= high:
                    raise UserError(f"encode gives a log_var of {bound:.4g}; clamp it there to {low:g} ... {high:g}")
        for method, theirs, recorded in pairs:
            theirs = theirs.reshape(recorded.shape)
            if not theirs.isfinite().all():
                first = start + int((~theirs.flatten(1).isfinite().all(1)).nonzero()[0])
                raise UserError(f"{method} gives a number that is not finite for held-out image {first}")
            if not torch.allclose(theirs, recorded, rtol=TOLERANCE, atol=TOLERANCE * max(1, float(theirs.abs().max()))):
                raise UserError(
                    f"{method} does not give the same numbers twice, or does other things for other images: "
                    f"they differ by {float((theirs - recorded).abs().max()):.3g}; it must be one fixed network"
                )


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if isinstance(value, Tensor) else type(value).__name__


def _in_full(error: BaseException) -> str:
    return f"{type(error).__name__}: {one_line(error)}"
