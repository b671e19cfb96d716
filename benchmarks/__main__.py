"""`python -m benchmarks`: measure everything and write benchmarks/results.md, whose tables the README quotes."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from benchmarks.measure import Measure, tables
from training.command_line import wrong_options
from training.program import ended, parsed

PROG = "python -m benchmarks"
RESULTS = Path(__file__).parent / "results.md"


@dataclass(frozen=True)
class Options:
    """Measure, print and write speeds."""

    data_dir: Path = Path("data")
    """Folder with MNIST/raw, for the training benchmarks."""
    only: Literal["all", "training", "live", "folder", "evidence", "explorer"] = "all"
    """Part to measure; a part alone is printed, not written."""


def main() -> int:
    """Run the benchmarks that the options name."""
    options = parsed(Options, PROG, lambda words: wrong_options(words, Options, PROG, f"{PROG} --help"))
    before = os.getloadavg()[0]
    measures: list[Measure] = []
    if options.only in ("all", "training"):
        from benchmarks.training_speed import training_speed

        measures += training_speed(options.data_dir)
    if options.only in ("all", "live"):
        from benchmarks.live_speed import live_speed

        measures += live_speed()
    if options.only in ("all", "folder"):
        from benchmarks.training_folder import training_folder

        measures.append(training_folder())
    if options.only in ("all", "evidence"):
        from benchmarks.evidence_speed import evidence_speed

        measures += evidence_speed(options.data_dir)
    if options.only in ("all", "explorer"):
        from benchmarks.explorer_speed import explorer

        measures += explorer()
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "streamlit", "plotly", "playwright"))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {packages}"
    load = f"load average {before:.1f} before the first measurement"
    head = f"Measured on {date.today().isoformat()} by `make bench`: {machine}, headless Chromium; {load}.\n\n"
    text = head + tables(measures)
    print(text)
    if options.only == "all":
        RESULTS.write_text("# Speed\n\n" + text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(ended(main))
