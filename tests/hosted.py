"""Runs Streamlit as `python -m streamlit` does, and takes new environment variables while it runs, for tests/server.py.

One line of JSON on standard input holds all that differ from those at the start; one line on standard output says that
they hold. The explorer looks for its checkpoints anew at each turn, and caches by path: so one process serves many
tests, each with a folder of its own.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import TextIO

from streamlit.web.cli import main


def _obey(answers: TextIO) -> None:
    at_start = dict(os.environ)
    for line in sys.stdin:
        os.environ.clear()
        os.environ.update({**at_start, **json.loads(line)})
        print("done", file=answers, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)  # whoever started it is gone


if __name__ == "__main__":
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what Streamlit says is no answer
    threading.Thread(target=_obey, args=(answers,), daemon=True).start()
    main(prog_name="streamlit")
