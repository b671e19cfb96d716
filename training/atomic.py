"""Files and folders that are written whole or not at all, whatever kills the writer and when."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from glob import escape
from pathlib import Path

from training.errors import UserError
from training.file_lock import acquire, held

PREVIOUS = ".previous"  # ends the name of a folder that is being replaced, for an instant


def write_file(path: Path, data: bytes, lasting: bool = True) -> None:
    """Write `data` so that `path` holds the old bytes or all the new ones, if `lasting` also after a power cut.

    What a writer that was killed left of another attempt is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear_files(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = acquire(temporary)  # so that others see that its writer lives
    if descriptor is None:
        raise BlockingIOError(None, "is being written by another thread", str(path))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.truncate()
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
            if os.name != "nt":
                temporary.replace(path)
        if os.name == "nt":  # an open file cannot be renamed
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if lasting:
        _sync_folder(path.parent)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Replace the folder `path` by one with just these files; a kill leaves the old one or the new one.

    Raises Busy while another command writes it.
    """
    with held(path):
        recover(path)
        for left in path.parent.glob(f".{escape(path.name)}.writing-*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
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
    return path if os.path.lexists(path) or not os.path.lexists(_previous(path)) else _previous(path)


def refuse_foreign(out: Path, own: Collection[str]) -> None:
    """Raise UserError where a command's --out is a file, or a folder with what is none of its `own` files.

    That would be lost with the folder. Hidden files are, as those that systems lay into every folder.
    """
    if not out.exists():
        return
    if not out.is_dir():
        raise UserError(f"--out {out}: a file is in the way; name a folder")
    names = {entry.name for entry in out.iterdir() if not (entry.name.startswith(".") and entry.is_file())}
    if lost := names - set(own):
        raise UserError(f"--out {out}: holds {min(lost)}, which would be lost; name a folder of its own")


def _clear_files(path: Path) -> None:
    """Remove temporary files of `path` whose writers are dead: these hold no lock."""
    for left in path.parent.glob(f".{escape(path.name)}.*.tmp"):
        with suppress(OSError):
            descriptor = acquire(left)
            if descriptor is not None:
                left.unlink(missing_ok=True)
                os.close(descriptor)


def _previous(path: Path) -> Path:
    return path.with_name(f".{path.name}{PREVIOUS}")


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
