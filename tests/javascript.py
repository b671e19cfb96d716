"""Calls the browser's modules that need no page without a browser, for tests: in Deno, whose engine is Chromium's."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deno import find_deno_bin

from tests.server import ROOT

# Nothing is downloaded; only this project and the tests' own files are read.
OFFLINE = ("--no-remote", "--no-npm", "--cached-only", "--no-check")


def deno_environment() -> dict[str, str]:
    """Deno's caches stay in the build folder, and it does not ask for newer versions of itself."""
    return {**os.environ, "DENO_DIR": str(ROOT / "build" / "deno"), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}


class JavaScript:
    """A process of Deno that has the modules of explorer/web at /assets, as a page has."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def evaluate(self, source: str, argument: Any = None) -> Any:
        """What a JavaScript function gives for `argument`, or an expression's value; both pass as JSON.

        Modules once imported stay. An error in it becomes an AssertionError with its stack.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"source": source, "argument": argument}, allow_nan=False) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "deno has ended"
        answer = json.loads(line, object_hook=_number)
        assert "error" not in answer, answer["error"]
        return answer["value"]


def _number(found: dict[str, Any]) -> Any:
    return float(found["number"]) if found.keys() == {"number"} else found


@contextmanager
def javascript() -> Iterator[JavaScript]:
    """Start Deno, and end it afterwards."""
    script = Path(__file__).parent / "web" / "evaluate.js"
    command = [find_deno_bin(), "run", *OFFLINE, "--allow-read", str(script)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=deno_environment(), stdin=pipe, stdout=pipe, text=True, encoding="utf-8"
    ) as process:
        yield JavaScript(process)
        assert process.stdin
        process.stdin.close()
