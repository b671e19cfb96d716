"""What a finished run holds, as it would be written anew, or with a fault that only its reader can find."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from training import checkpoint
from training.checkpoint import Contents
from training.tensor_files import sha256_of


def damaged(data: bytes) -> bytes:
    """A file's bytes with one bit turned."""
    return data[:-1] + bytes([data[-1] ^ 1])


def contents_of(path: Path, note: str = "") -> Contents:
    """The contents of the run at `path`, its model card followed by a `note`."""
    config = checkpoint.load_config(path)
    return Contents(
        dataset=config.dataset,
        model=config.model,
        training=config.training,
        versions=config.versions,
        weights=checkpoint.load_weights(path),
        latents=checkpoint.load_latents(path),
        trajectory=checkpoint.load_trajectory(path),
        history=checkpoint.load_history(path),
        metrics=checkpoint.load_metrics(path),
        card=(path / "README.md").read_text() + note,
        columns=checkpoint.load_columns(path),
    )


def replace_file(run: Path, name: str, data: bytes) -> None:
    """Change a file of a run and give it a matching hash, so that only what it says can be refused."""
    (run / name).write_bytes(data)
    config = json.loads((run / checkpoint.CONFIG).read_bytes())
    config["files"][name] = sha256_of(data)
    replace_config(run, config)


def changed_config(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    """What writes a run's config.json as `change` leaves it."""

    def damage(run: Path) -> None:
        config = json.loads((run / "config.json").read_bytes())
        change(config)
        replace_config(run, config)

    return damage


def replace_config(run: Path, config: Any) -> None:
    """Write a config.json that is sealed and only says something wrong."""
    (run / checkpoint.CONFIG).write_bytes(resealed(config))


def resealed(value: Any) -> bytes:
    """A JSON value as a sealed file, whatever it is."""
    content = dict(value) if isinstance(value, dict) else value
    if isinstance(content, dict):
        content.pop("seal", None)
    body = json.dumps(content, indent=2).removesuffix("\n}").encode()
    return body + b',\n  "seal": "' + sha256_of(body).encode() + b'"\n}\n'


def replace_tensors(run: Path, name: str, change: Callable[[dict[str, np.ndarray]], object]) -> None:
    """Change the tensors of a run's file."""
    arrays = load((run / name).read_bytes())
    change(arrays)
    replace_file(run, name, save(arrays))


WRONG: tuple[Any, ...] = (None, "text", -1, 1e300, True, [], {}, [[None]], {"a": 1}, 2**70, "\ud800", float("nan"), 0)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each value of a JSON object stands; of lists the first two."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy of a JSON object with another value in such a place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = with_value(value[path[0]], path[1:], new)
    return copy
