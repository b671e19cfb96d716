"""Explore where there is no server: in a file, a viewer, a notebook's output: how large, how soon, how smooth."""

from __future__ import annotations

import contextlib
import io
import statistics
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from benchmarks.measure import Measure
from benchmarks.pages_speed import loaded, sweep
from explorer.export.__main__ import main as export
from explorer.widget import LatentPlane
from tests.server import ROOT, serve
from tests.static_host import static_host

MNIST = ROOT / "checkpoints" / "mnist"
NOTES = ("autoencoder", "reconstruction", "kl", "elbo")  # what the lecture notes compare
LOADS = 5


def hosts(browser: Browser) -> list[Measure]:
    """All speeds of `mnist/elbo` in each host; the peer is the same page of a server that is warm.

    The notebook is a page with nothing but the widget's output, as a saved one has it: what JupyterLab itself takes,
    and the kernel to make the output, is not in it.
    """
    with TemporaryDirectory() as folder:
        one = _exported(Path(folder) / "one.html", "elbo")
        four = _exported(Path(folder) / "four.html", *NOTES)
        viewer = _exported(Path(folder) / "viewer.html", "--viewer").as_uri()
        saved = Path(folder) / "notebook.html"
        saved.write_text(f'<!doctype html><meta charset="utf-8"><body style="margin: 0">{_output()}', encoding="utf-8")
        with serve(ROOT / "checkpoints") as address:
            served = f"{address}/?dataset=mnist&run=elbo"
            _usable(browser, served)
            rounds = [(_usable(browser, one.as_uri()), _usable(browser, served)) for _ in range(LOADS)]
        ours, peer = (statistics.median(times) for times in zip(*rounds, strict=True))
        opened = _median(lambda: _usable(browser, viewer, prepare=_choosing))
        with static_host(MNIST) as (host, _):
            fetching = f"{viewer}#run={host}/elbo"
            fetched = _median(lambda: _usable(browser, fetching))
            in_viewer = _dragged(browser, fetching)
        framed = _median(lambda: _usable(browser, saved.as_uri(), frame=1))
        in_file, in_frame = _dragged(browser, one.as_uri()), _dragged(browser, saved.as_uri(), frame=1)
        sizes = [file.stat().st_size / 1e6 for file in (one, four)]
    return [
        Measure("Start", "an exported file until its plane drags", ours, "s", "", "the page of a server", peer),
        Measure("Start", "a viewer, from a folder that is chosen until its plane drags", opened, "s"),
        Measure("Start", "a viewer with a run of a static host on this machine until its plane drags", fetched, "s"),
        Measure("Start", "a notebook's output, without the notebook, until its plane drags", framed, "s"),
        Measure("Start", "size of a file of one MNIST run", sizes[0], "MB", "<= 4"),
        Measure("Start", "size of a file of the four losses' runs", sizes[1], "MB", "<= 7"),
        Measure("Drag", "decoded images, in an exported file", in_file, "/s", ">= 55"),
        Measure("Drag", "decoded images, in a viewer", in_viewer, "/s", ">= 55"),
        Measure("Drag", "decoded images, in a notebook's output", in_frame, "/s", ">= 55"),
    ]


def _exported(file: Path, *runs: str) -> Path:
    with contextlib.redirect_stdout(io.StringIO()):
        asked = [run if run.startswith("--") else str(MNIST / run) for run in runs]
    assert export([*asked, "--out", str(file)]) == 0
    return file


def _output() -> str:
    """The HTML that a notebook keeps of a plane."""
    bundle, _ = LatentPlane(MNIST / "elbo")._repr_mimebundle_() or ({}, {})
    html: str = bundle["text/html"]
    return html


def _choosing(page: Page) -> Callable[[], object]:
    """What chooses the run's folder on a viewer that is there."""
    chooser = page.get_by_test_id("folder")
    chooser.wait_for(state="attached")
    return lambda: chooser.set_input_files(MNIST / "elbo")


def _usable(
    browser: Browser, address: str, frame: int = 0, prepare: Callable[[Page], Callable[[], object]] | None = None
) -> float:
    """Seconds to a plane that drags."""
    with loaded(browser, address, frame=frame, prepare=prepare) as (_, seconds):
        return seconds


def _median(measured: Callable[[], float]) -> float:
    return statistics.median(measured() for _ in range(LOADS))


def _dragged(browser: Browser, address: str, frame: int = 0) -> float:
    """Decoded images a second."""
    with loaded(browser, address, frame=frame) as (shown, _):
        return sweep(shown, "[data-testid=handle]", "[data-testid=decoded-image]")
