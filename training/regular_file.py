"""Reads files that others may have put there: regular ones only, never waiting, and no more than a limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from training.errors import UserError


class CheckpointError(UserError):
    """A checkpoint is refused; the message is one line that names the file and what was expected."""


def read_file(file: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit`; raises CheckpointError for anything else.

    A pipe, a socket or a device is not opened: a reader would wait on it for ever, or set it going.
    """
    try:
        _check(file, file.stat(), limit)
        # What was looked at may be another file by now.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as opened:
            _check(file, os.fstat(descriptor), limit)
            data = opened.read(limit + 1)
    except FileNotFoundError as error:
        raise CheckpointError(f"{file}: missing; train a run with python -m training fit") from error
    except CheckpointError:
        raise
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if len(data) > limit:
        raise CheckpointError(f"{file}: grows while it is read, expected at most {limit:,} bytes")
    return data


def read_files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file in a folder, by name; raises CheckpointError for what is no file."""
    if others := [entry for entry in sorted(folder.iterdir()) if not entry.is_file()]:
        raise CheckpointError(f"{others[0]}: only files belong in {folder.name}; move it away")
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _check(file: Path, found: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CheckpointError(f"{file}: not a regular file")
    if found.st_size > limit:
        raise CheckpointError(f"{file}: {found.st_size:,} bytes, expected at most {limit:,}")
