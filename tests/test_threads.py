"""How torch's threads wait for one another: at first in a spin, soon asleep, so that other programs get the cores."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

NAME = "GOMP_SPINCOUNT"


def _spins(imports: str, **environment: str) -> str:
    """How often a thread looks before it sleeps, as the thread library itself says."""
    own = {key: value for key, value in os.environ.items() if key not in (NAME, "OMP_WAIT_POLICY")}
    said = subprocess.run(
        [sys.executable, "-c", f"import {imports}"],
        env={**own, **environment, "OMP_DISPLAY_ENV": "VERBOSE"},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    found = re.search(rf"{NAME} = '(\w+)'", said)
    if not found:
        pytest.skip("torch's threads are another library's here")
    return found[1]


@pytest.mark.parametrize("imports", ["training, torch", "explorer.app, torch"])
def test_threads_sleep_soon(imports: str) -> None:
    assert _spins(imports) == "10000"


def test_what_the_user_wants_stays() -> None:
    assert _spins("training, torch", **{NAME: "77"}) == "77"
