"""`make soak`: the figures of reliability that take minutes, into docs/reliability.md; bounded, on this machine alone.

The other rows are tests that pass or fail; the document names them.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import platform
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
from PIL import Image

from benchmarks.sessions import Times, many, one_after_the_other
from explorer import addresses, loader
from explorer.views.upload import MAX_BYTES, UploadError, read_upload
from training import checkpoint
from training.checkpoint import CheckpointError
from training.command_line import wrong_options
from training.options import check_positive, check_whole
from training.program import ended, parsed

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "checkpoints" / "mnist" / "elbo"
DOCUMENT = ROOT / "docs" / "reliability.md"
QUERY = "dataset=mnist&run=elbo"
PROG = "python -m benchmarks.soak"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


@dataclass(frozen=True)
class Options:
    """Measure reliability and write the table of docs/reliability.md."""

    damages: int = 1000
    """Bit flips, and as many truncations, of a checkpoint's files."""
    pictures: int = 1000
    """Mutated pictures given to the upload."""
    sessions: int = 50
    """Sessions at once."""
    seconds: float = 60
    """How long they last."""
    cycles: int = 1000
    """Times that a session connects, runs and closes."""
    save: bool = True
    """Write the document; else only print."""

    def __post_init__(self) -> None:
        check_whole(self, ("damages", "pictures", "sessions", "cycles"), 1, 1_000_000)
        check_positive(self, "seconds")


@dataclass(frozen=True)
class Figure:
    """A row of the table: its number in the list of tests, what was done, what came out, what was to come out."""

    row: int
    what: str
    found: str
    target: str
    reached: bool


def damages(count: int) -> Figure:
    """Row 2."""
    generator = random.Random(2)
    unseen, unnamed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        run = Path(shutil.copytree(RUN, Path(folder, "mnist", "elbo")))
        shutil.copy(RUN.parent / checkpoint.GALLERY, run.parent)
        names = sorted(file.name for file in run.iterdir() if file.suffix in (".json", ".jsonl", ".safetensors"))
        for number in range(2 * count):
            file = run / generator.choice(names)
            good = file.read_bytes()
            bad = bytearray(good)
            if number % 2:
                bad[generator.randrange(len(bad))] ^= 1 << generator.randrange(8)
            else:
                del bad[generator.randrange(len(bad)) :]
            file.write_bytes(bad)
            try:
                for read in (checkpoint.load_metrics, checkpoint.load_history, checkpoint.load_latents):
                    read(run)
                checkpoint.load_trajectory(run)
                checkpoint.load_weights(run)
                unseen += 1
            except CheckpointError as error:
                unnamed += file.name not in str(error)
            file.write_bytes(good)
    found = f"{2 * count - unseen:,} refused, {unseen} unseen, {unnamed} without the file's name"
    what = f"{count:,} bit flips and {count:,} truncations of a run's files"
    return Figure(2, what, found, "all refused, the file named", unseen == unnamed == 0)


def pictures(count: int) -> Figure:
    """Row 9."""
    generator = random.Random(9)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (600, 400, 3), dtype=np.uint8))
    whole = []
    for kind in ("PNG", "JPEG"):
        file = io.BytesIO()
        noise.save(file, kind)
        whole.append(file.getvalue())
    bombs = [_header(width, height) for width, height in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (1, 16_000_000))]
    bombs.append(b"\x89PNG" + bytes(MAX_BYTES + 1))
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is what there is now
    slowest, wrong, before = 0.0, 0, _rss_mb(os.getpid())
    for number in range(count):
        data = bytearray(generator.choice(whole) if number >= len(bombs) else bombs[number])
        if number >= len(bombs):
            for _ in range(generator.randrange(1, 30)):
                data[generator.randrange(len(data))] = generator.randrange(256)
        began = time.monotonic()
        try:
            read_upload(bytes(data))
        except UploadError as error:
            wrong += "\n" in str(error)
        slowest = max(slowest, time.monotonic() - began)
    grown = _rss_mb(os.getpid(), "VmHWM") - before
    found = f"the slowest {1000 * slowest:.0f} ms, memory + {grown:.0f} MB, {wrong} unclear messages"
    target = "each <= 1 s, memory + <= 64 MB, a clear message"
    return Figure(9, f"{count:,} mutated pictures and bombs", found, target, slowest <= 1 and grown <= 64 and not wrong)


def bloated_header() -> Figure:
    """Row 10."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(shutil.copytree(RUN, Path(folder, "mnist", "elbo")))
        (run / "model.safetensors").write_bytes(struct.pack("<Q", 2_000_000) + b" " * 2_500_000)
        checkpoint.load_config(run)  # once, so that all is imported
        began = time.monotonic()
        try:
            checkpoint.load_weights(run)
            refused = False
        except CheckpointError:
            refused = True
        took = 1000 * (time.monotonic() - began)
    found = f"{'refused' if refused else 'read'} in {took:.1f} ms"
    return Figure(10, "a safetensors file with a header of 2 MB", found, "refused <= 50 ms", refused and took <= 50)


def sessions(options: Options) -> list[Figure]:
    """Rows 11, 12 and 20, of a server of its own."""
    figures = []
    with _server() as (address, pid):
        asyncio.run(many(address, 1, 2, QUERY))
        before = _rss_mb(pid)
        times = asyncio.run(many(address, options.sessions, options.seconds, QUERY))
        each = (_rss_mb(pid) - before) / max(1, options.sessions - 1)
        p95 = _p95(times)
        found = (
            f"p95 {1000 * p95:.0f} ms of {len(times.seconds):,} events, {times.errors} errors, {each:.2f} MB a session"
        )
        what = f"{options.sessions} sessions, an event each 2 s, for {options.seconds:.0f} s"
        good = p95 <= 0.25 and not times.errors and each <= 0.3
        figures.append(Figure(11, what, found, "p95 <= 250 ms, no error, <= 0.3 MB a session", good))

        asyncio.run(one_after_the_other(address, 50, QUERY))
        before = _rss_mb(pid)
        times = asyncio.run(one_after_the_other(address, options.cycles, QUERY))
        grown = _rss_mb(pid) - before
        found = f"memory + {grown:.1f} MB, {times.errors} errors"
        what = f"connect, run, close, {options.cycles:,} times"
        figures.append(Figure(12, what, found, "memory + <= 20 MB", grown <= 20 and not times.errors))

        alone = np.median([_ask(address, image) for image in range(100, 105)])
        for image in range(60):
            _leave(address, image)
        after = _ask(address, 110)
        found = f"alone {1000 * alone:.0f} ms, after 60 askers that left {1000 * after:.0f} ms"
        target = "others answered within 2 x alone"
        figures.append(
            Figure(20, "posteriors asked for by those that go away", found, target, bool(after <= 2 * alone))
        )
    return figures


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """The explorer on the shipped runs: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "explorer" / "app.py"), "--server.headless=true"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, f"--server.port={port}"], cwd=ROOT, stdout=quiet, stderr=quiet)
    address = f"http://localhost:{port}"
    try:
        while process.poll() is None:
            try:
                urlopen(f"{address}/_stcore/health", timeout=2).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.05)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def _ask(address: str, image: int) -> float:
    """Seconds until the posterior of an image has come, however often the server is too busy."""
    with urlopen(f"{address}/token", timeout=60) as answer:  # noqa: S310
        headers = {"X-Explorer-Token": answer.read().decode()}
    began = time.monotonic()
    while True:
        try:
            urlopen(Request(_posterior(address, image), headers=headers), timeout=60).read()  # noqa: S310
            return time.monotonic() - began
        except HTTPError as error:
            if error.code != 503:
                raise
            error.close()


def _leave(address: str, image: int) -> None:
    """Ask for the posterior of an image and go away."""
    with urlopen(f"{address}/token", timeout=60) as answer:  # noqa: S310
        token = answer.read().decode()
    where = urlsplit(_posterior(address, image))
    with socket.create_connection((where.hostname or "", where.port or 0)) as line:
        head = f"GET {where.path}?{where.query} HTTP/1.1\r\nHost: {where.netloc}\r\nX-Explorer-Token: {token}\r\n\r\n"
        line.sendall(head.encode())


def _posterior(address: str, image: int) -> str:
    run = loader.catalog().find("mnist", "elbo")
    assert run, "mnist/elbo ships"
    return f"{address}/{addresses.answer_url(run, 'posterior')}{image}"


def _header(width: int, height: int) -> bytes:
    """The beginning of a PNG of that size."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def _p95(times: Times) -> float:
    return float(np.percentile(times.seconds, 95)) if times.seconds else float("inf")


def _rss_mb(pid: int, line: str = "VmRSS") -> float:
    """Memory of a process in MB, as Linux tells it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition(f"{line}:")[2].split()[0]) / 1024


def table(figures: list[Figure]) -> str:
    """The figures in Markdown."""
    rows = [f"| {f.row} | {f.what} | {f.found} | {f.target}{'' if f.reached else ', missed'} |" for f in figures]
    where = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    load = f"load average {os.getloadavg()[0]:.1f} at the end"
    head = f"Measured on {date.today().isoformat()} by `make soak`: {where}, {load}."
    return "\n".join([head, "", "| row | what | found | target |", "|---|---|---|---|", *rows])


def main() -> int:
    """Measure, print, and write the document's table; 1 if a target is missed."""
    options = parsed(Options, PROG, lambda words: wrong_options(words, Options, PROG, f"{PROG} --help"))
    figures = [damages(options.damages), pictures(options.pictures), bloated_header()]
    figures += sessions(options)
    text = table(sorted(figures, key=lambda figure: figure.row))
    print(text)
    if options.save:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(ended(main))
