"""A person's weights: read from a file whose format is tried, not guessed, and fitted to their model by name."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from training.errors import UserError, one_line

State = dict[str, Tensor]

WRAPPERS = frozenset(["_orig_mod", "module"])  # parts of names that torch.compile and DataParallel put in
MOST_LISTED = 6
PROBES = 20  # names that prefixes are looked for with
BATCHES_SEEN = "num_batches_tracked"  # evaluation has no use for it
KINDS_OF_MAPS = ("AutoencoderKL", "VQModel", "AutoencoderTiny", "AutoencoderDC")


def read_weights(file: Path, trust: bool = False) -> State:
    """The tensors of a safetensors file by name, floats as float32; with `trust`, of a file of torch.save too.

    Raises UserError in one line.
    """
    file = _in_folder(file) if file.is_dir() else file
    try:
        with file.open("rb") as opened:
            start = opened.read(16)
    except OSError as error:
        raise UserError(f"--weights {file}: cannot be read ({error.strerror}); name a safetensors file") from error
    try:
        weights = load_file(file)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        # A safetensors file has its header's length in eight bytes, and then the header's brace.
        is_saved_by_torch = start[:2] == b"PK" or (start[:1] == b"\x80" and start[8:9] != b"{")
        if not is_saved_by_torch:
            raise UserError(f"--weights {file}: not a safetensors file ({one_line(error)})") from error
        if not trust:
            what = "a file of torch.save, which can run code when it is read"
            raise UserError(f"--weights {file}: {what}; {_ways(file)}") from error
        weights = _saved_by_torch(file)
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in weights.items()}


def load_weights(model: nn.Module, weights: State, file: Path) -> nn.Module:
    """The model with those weights, in evaluation, float32.

    Names may have one prefix in common that the model's lack. Raises UserError in one line.
    """
    expected = model.state_dict()
    fit = best_fit(weights, expected, f"--weights {file}")
    state = {own: weights[name] for own, name in fit.names.items()}
    _share(state, expected, f"--weights {file}")
    if misfit := _misfit(state, expected, {name: weights[name] for name in fit.extra}, weights):
        raise UserError(f"--weights {file}: {misfit}")
    for name, tensor in state.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise UserError(f"--weights {file}: tensor {name!r} holds a number that is not finite")
    if fit.prefix:
        left = f"; left aside: {_listed(fit.outside)}" if fit.outside else ""
        print(f"note: --weights {file}: {fit.prefix!r} is taken off the names{left}", file=sys.stderr)
    model.load_state_dict({**expected, **state})
    return model.float().eval().requires_grad_(False)


# ---- files


def _in_folder(folder: Path) -> Path:
    """The one file of weights in a folder."""
    config = folder / "config.json"
    told = config.read_text(encoding="utf-8", errors="replace") if config.is_file() else ""
    if kind := next((kind for kind in KINDS_OF_MAPS if f'"{kind}"' in told), None):
        raise UserError(
            f"--weights {folder}: a {kind} of diffusers, whose latents are maps (C, H, W) or quantised; the explorer "
            "shows latents that are vectors"
        )
    suffixes = (".safetensors", ".pt", ".pth", ".ckpt", ".bin")
    found = next((some for suffix in suffixes if (some := sorted(folder.glob(f"*{suffix}")))), [])
    if len(found) != 1:
        names = ", ".join(file.name for file in found[:MOST_LISTED]) or f"no file {', '.join(suffixes)}"
        raise UserError(f"--weights {folder}: a folder with {names}; name one file of weights")
    return found[0]


def _ways(file: Path) -> str:
    lines = (
        f"state = torch.load({file.name!r}, weights_only=True)",
        f"safetensors.torch.save_file(state, {file.with_suffix('.safetensors').name!r})",
    )
    return f"--trust reads its tensors and nothing else, or convert it by `{lines[0]}` and `{lines[1]}`"


def _saved_by_torch(file: Path) -> State:
    """The tensors of a file of torch.save, of dictionaries in dictionaries by their dotted names; no code is run."""
    try:
        value = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # of the unpickler, of zip, of torch
        raise UserError(
            f"--weights {file}: holds more than tensors, or is damaged ({one_line(error)}); save the state dict alone: "
            "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
        ) from error
    if not isinstance(value, Mapping):
        raise UserError(f"--weights {file}: holds a {type(value).__name__}, not a state dict")
    if not (tensors := dict(_tensors_in(value))):
        raise UserError(f"--weights {file}: holds no tensors, only {', '.join(map(str, list(value)[:MOST_LISTED]))}")
    return tensors


def _tensors_in(value: Mapping[Any, Any], prefix: str = "") -> Iterable[tuple[str, Tensor]]:
    for name, item in value.items():
        if isinstance(item, Tensor):
            yield f"{prefix}{name}", item.detach()
        elif isinstance(item, Mapping):
            yield from _tensors_in(item, f"{prefix}{name}.")


# ---- names


@dataclass(frozen=True)
class Fit:
    """`names` of the file by the model's names; `prefix`: what they begin with there and not in the model.

    `extra`: names under the prefix that the model has none of; `outside`: names that do not begin with it.
    """

    names: dict[str, str]
    prefix: str
    extra: list[str]
    outside: list[str]


def best_fit(weights: Mapping[str, Tensor], expected: Mapping[str, Tensor], what: str) -> Fit:
    """The names that fit most of a model's; raises UserError where two prefixes fit all of them alike."""
    best = Fit({}, "", list(weights), [])
    for in_file, in_model in _spellings(list(weights), list(expected)):
        fits = [_fit(in_file, in_model, prefix) for prefix in _prefixes(in_file, in_model)]
        whole = [fit for fit in fits if len(fit.names) == len(expected)]
        if len(whole) > 1 and all(fit.prefix for fit in whole):
            places = " and under ".join(repr(fit.prefix) for fit in whole)
            raise UserError(f"{what}: fits the model under {places} alike; save one of them alone")
        for fit in [fit for fit in whole if not fit.prefix] or whole or fits:
            best = fit if len(fit.names) > len(best.names) else best
        if whole:
            break
    return best


def _spellings(in_file: list[str], in_model: list[str]) -> Iterable[tuple[dict[str, str], dict[str, str]]]:
    """Names of file and model by what they are compared as: themselves, without wrappers, without a common start."""
    yield {name: name for name in in_file}, {name: name for name in in_model}
    found, wanted = ({_without_wrappers(name): name for name in names} for names in (in_file, in_model))
    if len(found) == len(in_file) and len(wanted) == len(in_model):
        yield found, wanted
    starts = {name.partition(".")[0] for name in in_model}
    if len(starts) == 1 and all("." in name for name in in_model):
        yield {name: name for name in in_file}, {name.partition(".")[2]: name for name in in_model}


def _without_wrappers(name: str) -> str:
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def _prefixes(in_file: Mapping[str, str], in_model: Mapping[str, str]) -> list[str]:
    """What names of the file begin with where they end in one of the model's; "" always."""
    probes = sorted(in_model, key=len, reverse=True)[:PROBES]
    found = {name.removesuffix(probe) for probe in probes for name in in_file if name.endswith(f".{probe}")}
    return ["", *sorted(found)]


def _fit(in_file: Mapping[str, str], in_model: Mapping[str, str], prefix: str) -> Fit:
    names = {own: in_file[prefix + short] for short, own in in_model.items() if prefix + short in in_file}
    used = set(names.values())
    extra = [name for short, name in in_file.items() if short.startswith(prefix) and name not in used]
    return Fit(names, prefix, extra, [name for short, name in in_file.items() if not short.startswith(prefix)])


def _share(state: State, expected: State, what: str) -> None:
    """Give tensors that are one in the model, and of which the file has one name, all their names."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name, tensor in expected.items():
        if tensor.numel():
            groups.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride()), []).append(name)
    for group in groups.values():
        first, *others = [name for name in group if name in state] or [""]
        for name in others:
            if not torch.equal(state[first], state[name]):
                raise UserError(f"{what}: tensors {first!r} and {name!r} are one in your model, and differ here")
        state |= {name: state[first] for name in group if first}


def _misfit(state: State, expected: State, extra: State, weights: State) -> str | None:
    """What keeps tensors from being the model's, in words; None if they fit."""
    for name, tensor in expected.items():
        if name not in state and not name.endswith(BATCHES_SEEN):
            held = [*extra, *(other for other in weights if other not in extra)]
            return f"tensor {name!r} is missing; the file holds {_listed(held)}"
        if name in state and state[name].shape != tensor.shape:
            return f"tensor {name!r} has shape {tuple(state[name].shape)}, expected {tuple(tensor.shape)}"
    for name, tensor in sorted(extra.items()):
        is_alias = any(tensor.shape == own.shape and torch.equal(tensor, own) for own in state.values())
        if not is_alias and not name.endswith(BATCHES_SEEN):
            return f"tensor {name!r} does not belong to this model, which has {_listed(list(expected))}"
    return None


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_LISTED
    return ", ".join(map(repr, names[:MOST_LISTED])) + (f" and {more:,} more" if more > 0 else "") or "none"
