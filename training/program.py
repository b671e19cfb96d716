"""A program from its command line to its exit status: errors a person can mend are one line on standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from typing import Any

import tyro

from training.command_line import in_one_line
from training.errors import UserError, one_line, os_error


def parsed(kind: Any, prog: str, what_is_wrong: Callable[[Sequence[str]], str | None]) -> Any:
    """What the command line says, as a `kind`; raises UserError for one that cannot be read.

    `what_is_wrong` gives the reason from its words, or None where it sees none.
    """
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            return tyro.cli(kind, prog=prog)
    except SystemExit as left:
        if not left.code:
            raise
        # What an option's own check says, and what cannot be read, tyro prints in a box of several lines.
        reason: BaseException | None = left
        while reason:
            if isinstance(reason, UserError):
                raise reason from None
            reason = reason.__context__
        raise UserError(what_is_wrong(sys.argv[1:]) or in_one_line(said.getvalue())) from None


def ended(run: Callable[[], int]) -> int:
    """The exit status of a program that runs so: its own, 2 for a UserError, 1 for the system's, 130 for Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name need not be in this system's encoding
    try:
        return run()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {os_error(error)}; nothing that was whole is lost", file=sys.stderr)
        return 1
    except MemoryError as error:
        print(f"error: out of memory ({one_line(error)}); nothing that was whole is lost", file=sys.stderr)
        return 1
    except RuntimeError as error:  # as torch says it
        if "memory" not in str(error):
            raise
        print(f"error: out of memory ({one_line(error)}); nothing that was whole is lost", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
