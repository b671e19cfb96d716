"""The explorer, or any Streamlit script, in a process of its own on a free port."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parent.parent
EXPLORER = ROOT / "explorer" / "app.py"


@contextmanager
def serve(
    checkpoints: Path, script: Path = EXPLORER, module: str = "streamlit", environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Start `script` on a checkpoints folder by `python -m <module>` and yield its address once it answers.

    Within `reused`, the explorer is served by a process that an earlier call has left, if there is one; not with
    options of Streamlit, STREAMLIT_..., which it reads when it starts.
    """
    variables = {"EXPLORER_CHECKPOINTS": str(checkpoints), **(environment or {})}
    at_start = any(name.startswith("STREAMLIT_") for name in variables)
    if _idle is not None and (script, module) == (EXPLORER, "streamlit") and not at_start:
        process, address = _idle.pop() if _idle else _start(EXPLORER, "tests.hosted", {})
        try:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(variables).encode() + b"\n")
            process.stdin.flush()
            assert process.stdout.readline() == b"done\n", "the app has ended"
            yield address
        finally:
            _idle.append((process, address))
        return
    process, address = _start(script, module, variables)
    try:
        yield address
    finally:
        _end(process)


@contextmanager
def restartable(checkpoints: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """The explorer in a process of its own: its address, and what ends it and starts it again there."""
    variables = {"EXPLORER_CHECKPOINTS": str(checkpoints)}
    process, address = _start(EXPLORER, "streamlit", variables)

    def restart() -> None:
        nonlocal process
        _end(process)
        process, _ = _start(EXPLORER, "streamlit", variables, int(address.rpartition(":")[2]))

    try:
        yield address, restart
    finally:
        _end(process)


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[str]:
    """What `command` and a port start on 127.0.0.1, in `folder` and knowing nothing of this checkout: its address."""
    told = {name: value for name, value in os.environ.items() if not name.startswith(("EXPLORER_", "PYTHONPATH"))}
    headless = {"STREAMLIT_SERVER_HEADLESS": "true"}
    process, address = _launch(command, _free_port(), folder, {**told, **headless}, subprocess.DEVNULL)
    try:
        yield address
    finally:
        _end(process)


_Server = tuple[subprocess.Popen[bytes], str]
_idle: list[_Server] | None = None


@contextmanager
def reused() -> Iterator[None]:
    """Within it, `serve` keeps the explorer's processes for its next calls."""
    global _idle
    _idle = []
    try:
        yield
    finally:
        for process, _ in _idle:
            _end(process)
        _idle = None


def _start(script: Path, module: str, variables: Mapping[str, str], port: int = 0) -> _Server:
    command = [sys.executable, "-m", module, "run", str(script), "--server.headless=true"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    talk = subprocess.PIPE if module == "tests.hosted" else subprocess.DEVNULL
    options = ["--server.address=127.0.0.1", "--server.port"]
    return _launch([*command, *options], port or _free_port(), ROOT, env, talk)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _launch(command: list[str], port: int, folder: Path, env: Mapping[str, str], talk: int) -> _Server:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, str(port)], cwd=folder, env=env, stdin=talk, stdout=talk, stderr=quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
    except BaseException:
        _end(process)
        raise
    return process, address


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with process:  # its pipes close
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310
                return
        except urllib.error.HTTPError:  # it lies below a base path, and answers
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the app did not answer within {PATIENCE_S} s")
