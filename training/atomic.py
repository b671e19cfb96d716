"""Files and folders that are written whole or not at all, whatever kills the writer and when."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Write `data` so that `path` holds the old bytes or all the new ones, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Replace the folder `path` by one with just these files; a kill leaves the old one or the new one."""
    recover(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.writing-{os.getpid()}")
    previous = _previous(path)
    try:
        fresh.mkdir()
        for name, data in files.items():
            write_file(fresh / name, data)
        if path.exists():
            path.rename(previous)
        fresh.rename(path)
        _sync_folder(path.parent)
        shutil.rmtree(previous, ignore_errors=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def recover(path: Path) -> None:
    """Bring back the folder that a kill between the two renames left under its second name."""
    previous = _previous(path)
    if previous.exists():
        if path.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(path)


def resolve(path: Path) -> Path:
    """The folder to read: `path`, or what a kill between the two renames left of it."""
    return path if path.exists() or not _previous(path).exists() else _previous(path)


def _previous(path: Path) -> Path:
    return path.with_name(f".{path.name}.previous")


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
