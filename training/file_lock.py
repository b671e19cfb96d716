"""A lock on what a command writes, which no dead process holds: on a hidden file beside it, gone afterwards."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from training.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BUSY = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_held: dict[Path, int] = {}  # by the thread that holds it: what it calls may ask for it again


class Busy(UserError):
    """Another command is writing the same thing."""


@contextmanager
def held(target: Path) -> Iterator[None]:
    """Hold the lock of a file or folder that is to be written; raises Busy at once if another command holds it.

    Raises UserError where it cannot be written. A disk that knows no locks, as some network's, is written without.
    """
    place = target.resolve()
    me = threading.get_ident()
    if _held.get(place) == me:
        yield
        return
    file = place.with_name(f".{place.name}.lock")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor = None if place in _held else acquire(file)
    except OSError as error:
        raise UserError(f"{target}: cannot be written ({error.strerror})") from error
    if descriptor is None:
        raise Busy(f"{target}: another command is writing it; wait for its end or name another place")
    _held[place] = me
    try:
        yield
    finally:
        del _held[place]
        release(file, descriptor)


def acquire(file: Path) -> int | None:
    """Open `file`, made if need be, and lock it; None where another process has it locked. Raises OSError."""
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(descriptor)
        except OSError as error:
            if error.errno in _BUSY:
                os.close(descriptor)
                return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), file.stat()):
                return descriptor
        os.close(descriptor)  # the one who had it locked has removed it meanwhile


def release(file: Path, descriptor: int) -> None:
    """Remove a locked file and let go of its lock."""
    if sys.platform == "win32":  # an open file cannot be removed
        os.close(descriptor)
        with suppress(OSError):
            file.unlink()
    else:
        file.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
