"""Command line: `python -m training fit|sweep|import|latents|evaluate|diagnose|fit-prior|seal|push|pull|...`."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

if not __package__:  # started by its place from any folder, as `python path/to/training`
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

INTERRUPTED = 130  # the exit status of a command that Ctrl-C ends


def _quit(_signal: int, _frame: FrameType | None) -> None:
    """Ctrl-C while modules are imported, some of which would make an error of their own of it."""
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, _quit)
    from training.commands import main

    sys.exit(main())
