"""`python -m training ...` without a process of its own, for tests of what a command says and not of the process."""

from __future__ import annotations

import io
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

import pytest

from training.commands import main


def training(*words: object) -> CompletedProcess[str]:
    """Run a command; a process would import torch anew, which takes longer than most commands."""
    before = signal.getsignal(signal.SIGINT)
    said, told = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(told):
        patch.setattr(sys, "argv", ["python -m training", *map(str, words)])
        try:
            status = main()
        finally:
            signal.signal(signal.SIGINT, before)
    return CompletedProcess(words, status, said.getvalue(), told.getvalue())
