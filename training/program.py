"""A program from its command line to its exit status: errors a person can mend are one line on standard error."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from typing import Any

import tyro

from training.command_line import in_one_line
from training.errors import UserError, line_of


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
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        if (line := line_of(error)) is None:
            raise
        print(f"error: {line}", file=sys.stderr)
        return 2 if isinstance(error, UserError) else 1
