"""What lies in the checkpoints folder: its folders, and whether anything in one has changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from training import atomic, checkpoint
from training.checkpoint import CheckpointError
from training.data.natural_order import natural_key
from training.errors import one_line

Signature = tuple[tuple[str, int, int, int], ...]
# What a reader may stumble on in a file that passed its checks.
FAULTS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, OSError, MemoryError, RecursionError)


@contextmanager
def refusals(where: Path) -> Iterator[None]:
    """Turn whatever is wrong with the files at `where` into a CheckpointError of one line that names them."""
    try:
        yield
    except CheckpointError:
        raise
    except FAULTS as error:
        raise CheckpointError(f"{where}: cannot be used ({one_line(error)})") from error


def folders_in(root: Path, problem: Callable[[str], None]) -> list[Path]:
    """The folders in a folder by name, hidden ones left out; links that lead nowhere are kept, to be told of.

    `problem` hears why a folder cannot be listed; one that is not there has none.
    """
    found = set()
    try:
        with os.scandir(root) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") and name.endswith(atomic.PREVIOUS):  # its successor comes in an instant
                    found.add(root / name[1:].removesuffix(atomic.PREVIOUS))
                elif not name.startswith(".") and _may_be_folder(entry):
                    found.add(root / name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        problem(f"{root}: cannot be read ({error.strerror})")
        return []
    return sorted(found, key=lambda folder: natural_key(folder.name))


def signature_of(folder: Path) -> Signature:
    """Changes whenever a file of the run or its gallery does."""
    found: list[tuple[str, int, int, int]] = []

    # For every file there is, at each rerun: `suppress` for each would take as long as the look itself.
    def look(name: str, stat: Callable[[], os.stat_result]) -> None:
        try:
            seen = stat()
        except OSError:
            return
        found.append((name, seen.st_mtime_ns, seen.st_size, seen.st_ino))

    with suppress(OSError), os.scandir(atomic.resolve(folder)) as entries:
        for entry in entries:
            look(entry.name, entry.stat)
    look(checkpoint.GALLERY, (folder.parent / checkpoint.GALLERY).stat)
    return tuple(sorted(found))


def shown_path(text: str) -> str:
    """A line that names files, fit to be sent on: bytes of a name that are no text are written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _may_be_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir() or (entry.is_symlink() and not Path(entry.path).exists())
    except OSError:  # a link to itself
        return True
