"""Shared fixtures: small trained runs, the app served on a free port, a browser, and its modules without one."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, expect, sync_playwright

from explorer import loader
from tests import chromium
from tests.javascript import JavaScript, javascript
from tests.opener import Open, opener
from tests.patience import PATIENCE_MS
from tests.server import ROOT, reused, serve
from training.options import FitOptions
from training.run import fit

hypothesis.settings.register_profile("unhurried", deadline=None)  # a busy machine pauses at times
hypothesis.settings.load_profile("unhurried")
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser; the long files come first, so that none is left over at the end.

    Those are the ones with tests in a browser, then the ones that start processes.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    in_browser = {item.path for item in items if item.get_closest_marker("browser")}
    starting = {item.path for item in items if {"subprocess", "multiprocessing"} & vars(item.module).keys()}
    items.sort(key=lambda item: (item.path not in in_browser, item.path not in starting))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoints folder with quickly trained runs of the 8x8 digits: the four presets, and D = 3 convolutions."""
    own = tmp_path_factory.getbasetemp()
    # Of all worker processes, one trains.
    root = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "checkpoints"
    with FileLock(f"{root}.lock"):
        if not root.exists():
            making = root.with_name("making")
            _train(making)
            making.rename(root)
    return root


def _train(root: Path) -> None:
    for objective in ("autoencoder", "reconstruction", "kl", "elbo"):
        fit(
            FitOptions(
                out=root / "digits" / objective, dataset="digits", objective=objective, epochs=3, hidden_dims=(32,)
            )
        )
    fit(
        FitOptions(
            out=root / "digits" / "conv",
            dataset="digits",
            epochs=2,
            architecture="conv",
            hidden_dims=(8, 8),
            latent_dim=3,
            likelihood="continuous-bernoulli",
            activation="relu",
        )
    )


@pytest.fixture
def checkpoints(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained runs that a test may damage."""
    return Path(shutil.copytree(trained, tmp_path / "checkpoints"))


@pytest.fixture(scope="session", name="javascript")
def _javascript() -> Iterator[JavaScript]:
    """The browser's modules, for what needs no page."""
    with javascript() as process:
        yield process


@pytest.fixture(scope="session")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, loader.Part], str]:
    """Address of a file with what the server sends of a run, by the run's folder and the part's name."""
    folder = tmp_path_factory.mktemp("run-files")

    def address(path: Path, part: loader.Part) -> str:
        file = folder / f"{len(list(folder.iterdir()))}-{part}.safetensors"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("EXPLORER_CHECKPOINTS", str(path.parent.parent))
            run = loader.catalog().find(path.parent.name, path.name)
        assert run, path
        file.write_bytes(gzip.decompress(loader.load(run, part)))
        return file.as_uri()

    return address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium_browser = chromium.launch(playwright)
        yield chromium_browser
        chromium_browser.close()


@pytest.fixture(scope="session", autouse=True)
def _servers() -> Iterator[None]:
    """The explorer's processes are kept from test to test."""
    with reused():
        yield


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's AppTest leaves its script as __main__, which a process that is spawned later would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def shipped_app(_servers: None) -> Iterator[str]:
    """The explorer on the shipped checkpoints."""
    with serve(ROOT / "checkpoints") as address:
        yield address


@pytest.fixture
def open_page(browser: Browser, shipped_app: str) -> Iterator[Open]:
    """Open a page of the explorer on the shipped checkpoints; the console must stay clean."""
    with opener(browser, shipped_app) as open_it:
        yield open_it
