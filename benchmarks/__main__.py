"""`python -m benchmarks`: measure everything and write benchmarks/results.md, the figures that the README quotes."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import tyro

RESULTS = Path(__file__).parent / "results.md"


@dataclass(frozen=True)
class Options:
    """Measure, print and write the speed figures."""

    data_dir: Path = Path("data")
    """Folder with MNIST/raw, for the training benchmarks."""
    only: Literal["all", "training", "folder", "evidence", "explorer"] = "all"
    """Part to measure; a part alone is printed, not written."""


def main() -> None:
    """Run the benchmarks that the options name."""
    options = tyro.cli(Options, prog="python -m benchmarks")
    tables: dict[str, dict[str, float]] = {}
    if options.only in ("all", "training"):
        from benchmarks import training_speed

        tables["training throughput, batch 128, 784-400-20-400-784"] = training_speed.throughput(options.data_dir)
        tables["time to talk-ready: test -ELBO <= 155 nats, D = 2"] = training_speed.talk_ready(options.data_dir)
    if options.only in ("all", "folder"):
        from benchmarks.training_folder import training_folder

        tables["training from a folder of 100,000 colour pictures, 64x64"] = training_folder()
    if options.only in ("all", "evidence"):
        from benchmarks.evidence_speed import evidence_speed

        tables["log p(x) by integration, the shipped ELBO run, D = 2"] = evidence_speed(options.data_dir)
    if options.only in ("all", "explorer"):
        from benchmarks import explorer_speed

        tables |= explorer_speed.explorer()
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "streamlit", "plotly", "playwright"))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {packages}"
    lines = [f"Measured on {date.today().isoformat()} by `make bench`: {machine}, headless Chromium.", ""]
    for title, figures in tables.items():
        lines += [f"## {title[0].upper()}{title[1:]}", "", "| figure | value |", "|---|---|"]
        lines += [f"| {name} | {value:.4g} |" for name, value in figures.items()] + [""]
    text = "\n".join(lines)
    print(text)
    if options.only == "all":
        RESULTS.write_text("# Speed figures\n\n" + text)


if __name__ == "__main__":
    main()
