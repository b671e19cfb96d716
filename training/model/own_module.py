"""The module that a person names: `module:object` or `path/to/file.py:object`, imported and built.

Its code is run here, on its owner's machine.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from training.errors import UserError, one_line

HALVES = {"encode": "encoder", "decode": "decoder"}


def own_module(name: str, beside: Path) -> nn.Module:
    """The torch module of that name; `beside` is a folder to look in too, that of the weights.

    Raises UserError in one line for what is not found, cannot be built, or has neither methods nor halves.
    """
    place, colon, attribute = name.rpartition(":")
    if not (place and colon and attribute):
        raise UserError(f"{name}: name your model as module:object or file.py:object, as in my_vae:VAE")
    file = Path(place).expanduser()
    is_file = file.suffix == ".py" or file.is_file()
    if is_file and not file.is_file():
        raise UserError(f"{name}: no file {file} (looked for {file.absolute()})")
    folder, dotted = _in_package(file) if is_file else (beside, place)
    with _searched(folder, first=is_file):
        module = _loaded(file, name) if is_file and "." not in dotted else _imported(dotted, name, beside)
        found = _built(module, attribute, name, place)
    return _unwrapped(found, name)


def method(model: nn.Module, name: str) -> Any:
    """The function of a model that encodes or decodes: its own method, or the half of that name; None without one."""
    own = getattr(model, name, None)
    return own if callable(own) else getattr(model, HALVES[name], None)


def _in_package(file: Path) -> tuple[Path, str]:
    """The folder to import a file from, and its dotted name there: of a package it is a part."""
    folder, parts = file.absolute().parent, [file.stem]
    while (folder / "__init__.py").is_file():
        folder, parts = folder.parent, [folder.name, *parts]
    return folder, ".".join(parts)


@contextmanager
def _searched(folder: Path, first: bool) -> Iterator[None]:
    """Modules beside a person's file are found: before all others while it is imported, and after them later."""
    path = str(folder.absolute())
    if first:
        sys.path.insert(0, path)
    if path not in sys.path[1 if first else 0 :]:
        sys.path.append(path)
    try:
        yield
    finally:
        if first:
            sys.path.remove(path)


def _loaded(file: Path, name: str) -> ModuleType:
    """A file's module, under a name that hides no other module."""
    own_name = f"own_{file.stem}"
    spec = importlib.util.spec_from_file_location(own_name, file)
    if spec is None or spec.loader is None:
        raise UserError(f"{name}: {file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[own_name] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        raise UserError(f"{name}: {file.name} needs a module that is not installed, {error.name}") from error
    except (Exception, SystemExit) as error:  # a person's own code may raise anything
        raise UserError(f"{name}: {file.name} cannot be imported: {told(error)}") from error
    return module


def _imported(dotted: str, name: str, beside: Path) -> ModuleType:
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{dotted}.".startswith(f"{error.name}."):
            raise UserError(f"{name}: {dotted} needs a module that is not installed, {error.name}") from error
        folders = " and ".join(dict.fromkeys(str(folder.absolute()) for folder in (Path(), beside)))
        raise UserError(
            f"{name}: no module {dotted} in this folder or installed: looked for {dotted.partition('.')[0]}.py in "
            f"{folders}; name the file itself, as in path/to/{dotted.rpartition('.')[2]}.py:{name.rpartition(':')[2]}"
        ) from error
    except (Exception, SystemExit) as error:
        raise UserError(f"{name}: {dotted} cannot be imported: {told(error)}") from error


def _built(module: ModuleType, attribute: str, name: str, place: str) -> Any:
    found = getattr(module, attribute, None)
    if found is None:
        classes = [
            key
            for key, value in vars(module).items()
            if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == module.__name__
        ]
        raise UserError(f"{name}: {place} has no {attribute}" + (f", only {', '.join(classes[:8])}" if classes else ""))
    if isinstance(found, nn.Module):
        return found
    try:
        return found()
    except Exception as error:
        raise UserError(
            f"{name}: {attribute}() fails: {told(error)}; name a function without arguments that builds the model"
        ) from error


def _unwrapped(found: Any, name: str) -> nn.Module:
    """The module inside torch.compile's or DataParallel's; it must have both methods, or both halves."""
    while isinstance(found, nn.Module):
        inner = getattr(found, "_orig_mod", None)
        if inner is None and isinstance(found, nn.DataParallel | nn.parallel.DistributedDataParallel):
            inner = found.module
        if inner is None:
            break
        found = inner
    if not isinstance(found, nn.Module):
        raise UserError(f"{name}: is a {type(found).__name__}, not a torch module or what gives one")
    for wanted in HALVES:
        if not callable(method(found, wanted)):
            raise UserError(f"{name}: {type(found).__name__} has no method {wanted}; see docs/own-models.md")
    return found


def told(error: BaseException) -> str:
    """An error's kind and text, in one line."""
    return f"{type(error).__name__}: {one_line(error)}"
