"""A process that has everything imported and warm, and then becomes one command: `python -m training.spare`.

It prints "ready", reads one line from standard input, a JSON list of the words after `python -m training`, and goes on
as that command. It ends, with 0, where no line comes: with the process that holds it in reserve.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from contextlib import redirect_stderr, suppress
from pathlib import Path

import torch

from training import commands, run  # noqa: F401  # what a run needs, once and for all
from training.aevb import Interrupted, Trainer, Watcher
from training.command_line import PROG
from training.data.datasets import load_dataset
from training.errors import UserError
from training.options import FitOptions
from training.program import ended

STEPS = 2  # what torch makes ready, it makes ready at the first


def main() -> int:
    """Wait for the command, and be it; returns its exit status."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # nothing is begun
    _warm()
    print("ready", flush=True)
    line = sys.stdin.readline()
    if not line.strip():
        return 0
    try:
        words = json.loads(line)
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError
    except ValueError:
        return ended(_refuse)
    sys.argv = [PROG, *words]
    return commands.main()


def _refuse() -> int:
    raise UserError("standard input: expected one line, a JSON list of the words of a command")


def _warm() -> None:
    """Two steps of a small run: they import what is left, and let torch set itself up."""
    trainer = Trainer(
        FitOptions(out=Path("unused"), dataset="digits"), load_dataset("digits", Path("unused")), torch.device("cpu")
    )
    with redirect_stderr(io.StringIO()), suppress(Interrupted):  # its progress is nobody's
        trainer.run(lambda _: None, Watcher(lambda: trainer.done == STEPS))


if __name__ == "__main__":
    sys.exit(main())
