"""`python -m benchmarks.timed_server run ...`: Streamlit, writing how long each script run takes to $SCRIPT_TIMES.

A run is timed as Streamlit's script thread sees it: the script itself and the garbage collection after it.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.web.cli import main

_run_script = ScriptRunner._run_script


def _timed(self: ScriptRunner, rerun_data: Any) -> None:
    start = time.perf_counter()
    try:
        _run_script(self, rerun_data)
    finally:
        with open(os.environ["SCRIPT_TIMES"], "a", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"{1000 * (time.perf_counter() - start):.2f}\n")


if __name__ == "__main__":
    ScriptRunner._run_script = _timed  # type: ignore[method-assign]
    sys.exit(main())
