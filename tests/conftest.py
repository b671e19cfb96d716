"""Shared fixtures: small trained runs, the app served on a free port, and a browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import chromium
from training.options import FitOptions
from training.run import fit

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoints folder with quickly trained runs of the 8x8 digits: the four presets, and D = 3 convolutions."""
    root = tmp_path_factory.mktemp("checkpoints")
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
    return root


@pytest.fixture
def checkpoints(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained runs that a test may damage."""
    return Path(shutil.copytree(trained, tmp_path / "checkpoints"))


@contextmanager
def serve(checkpoints: Path | None = None, *options: str) -> Iterator[str]:
    """The explorer in a process of its own; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "explorer/app.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", *options]
    env = dict(os.environ)
    env.pop("EXPLORER_CHECKPOINTS", None)
    if checkpoints is not None:
        env["EXPLORER_CHECKPOINTS"] = str(checkpoints)
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process)
            yield address
        finally:
            process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the explorer did not start"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the explorer did not answer within a minute")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium_browser = chromium.launch(playwright)
        yield chromium_browser
        chromium_browser.close()


@pytest.fixture(scope="session")
def shipped_app() -> Iterator[str]:
    """The explorer on the shipped checkpoints."""
    with serve() as address:
        yield address
