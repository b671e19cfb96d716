"""A selection as Parquet, asked for with what is no selection: one line and the status that says why."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from explorer import app
from explorer.api import open_run
from explorer.routes import guard
from explorer.routes.selection import MOST_BYTES

LOCAL = {"host": "localhost:8501", "origin": "http://localhost:8501", "content-type": guard.BODY_TYPE}


def _numbers(*images: int) -> bytes:
    return np.array(images, "<i4").tobytes()


@pytest.fixture
def root(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    return checkpoints


def _post(sent: bytes, run: str = "elbo") -> tuple[int, bytes]:
    client = TestClient(app.app, base_url="http://localhost:8501", client=("127.0.0.1", 5000))
    headers = {**LOCAL, guard.HEADER: client.get("/token").text}
    answer = client.post(f"/selections/digits/{run}", content=sent, headers=headers)
    return answer.status_code, answer.content


@pytest.mark.parametrize("images", [(), (3,), (5, 0, 5)])
def test_a_selection_is_its_rows_in_its_order(root: Path, images: tuple[int, ...]) -> None:
    status, content = _post(_numbers(*images))
    assert status == 200
    frame = open_run(root / "digits" / "elbo").frame()
    assert pd.read_parquet(io.BytesIO(content)).equals(frame.iloc[list(images)].reset_index())


@pytest.mark.parametrize(
    ("sent", "run", "status", "line"),
    [
        (_numbers(-1), "elbo", 400, "elbo has no such images"),
        (_numbers(0, 2**31 - 1), "elbo", 400, "elbo has no such images"),
        (b"abc", "elbo", 400, "elbo has no such images"),
        (_numbers(0), "gan", 404, "no such run"),
        (bytes(MOST_BYTES + 4), "elbo", 413, "a table has at most 2,000,000 images"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_is_no_selection_is_refused(sent: bytes, run: str, status: int, line: str) -> None:
    found, content = _post(sent, run)
    assert found == status
    assert line in content.decode()
    assert b"\n" not in content


def test_a_damaged_run_says_what_is_wrong_with_it(root: Path) -> None:
    file = root / "digits" / "elbo" / "latents.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    status, content = _post(_numbers(0))
    assert status == 409
    assert "latents.safetensors" in content.decode()
    assert b"\n" not in content
