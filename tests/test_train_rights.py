"""Who may train, and what can be asked for: whoever has no right, and each bad name, is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer import job_queue, jobs, spare_trainer, training_choices, training_limits, training_rights
from explorer.routes import guard
from explorer.routes.table import routes
from training import live_files
from training.errors import UserError
from training.options import FitOptions
from training.run import fit

HOME = {"host": "localhost:8501", "origin": "http://localhost:8501", "content-type": guard.BODY_TYPE}
ASKS = ("plan", "start", "control", "resume", "delete", "restore", "warm")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkpoints folder."""
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.delenv(training_rights.VARIABLE, raising=False)
    monkeypatch.delenv(training_choices.DATA_DIR, raising=False)
    return tmp_path / "checkpoints"


@pytest.fixture
def client(root: Path) -> Iterator[TestClient]:
    """The routes, asked from this machine."""
    with TestClient(Starlette(routes=routes()), client=("127.0.0.1", 5000)) as found:
        yield found


def _headers(client: TestClient, **more: str) -> dict[str, str]:
    return {**HOME, guard.HEADER: client.get("/token", headers=HOME).text, **more}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("said", ["off", "local", "everyone"])
def test_a_visitor_without_the_right_is_refused_in_one_line(
    client: TestClient, root: Path, monkeypatch: pytest.MonkeyPatch, ask: str, said: str
) -> None:
    monkeypatch.setenv(training_rights.VARIABLE, said)
    through_proxy = _headers(client, **{"x-forwarded-for": "10.1.2.3"})
    answer = client.post(f"/training/{ask}?job=digits/run", content=b'{"dataset": "digits"}', headers=through_proxy)
    assert answer.status_code == 403
    assert answer.text and "\n" not in answer.text
    assert client.get("/training/jobs", headers=through_proxy).json() == {"jobs": []}
    assert not root.exists()


def test_anyone_may_where_the_owner_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(training_rights.VARIABLE, "anyone")
    answer = client.post("/training/plan", content=b"{}", headers=_headers(client, **{"x-forwarded-for": "10.1.2.3"}))
    assert answer.status_code == 200


@pytest.mark.parametrize("headers", [{guard.HEADER: "guessed"}, {"origin": "https://evil.example"}, {"x": "no token"}])
def test_a_request_of_another_site_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    sent = {**(HOME if "x" in headers else _headers(client)), **headers}
    for ask in ASKS:
        assert client.post(f"/training/{ask}", content=b"{}", headers=sent).status_code == 403
    assert client.get("/training/jobs", headers=sent).status_code == 403


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ({"name": "../evil"}, "name:"),
        ({"name": "Elbo"}, "name:"),
        ({"name": "a" * 41}, "name:"),
        ({"name": "a/b"}, "name:"),
        ({"name": ".hidden"}, "name:"),
        ({"name": 3}, "name:"),
        ({"name": "taken"}, "already a run taken"),
        ({"dataset": "imagenet"}, "dataset:"),
        ({"dataset": "folder:/etc"}, "EXPLORER_DATA_DIR"),
        ({"dataset": ["digits"]}, "dataset:"),
        ({"dataset": "digits\n--out"}, "dataset:"),
        ({"network": "--resume"}, "network:"),
        ({"beta": -1}, "beta:"),
        ({"beta": "nan"}, "beta:"),
        ({"beta": 1e9}, "beta:"),
        ({"beta": True}, "beta:"),
        ({"latent_dim": 0}, "latent dim:"),
        ({"latent_dim": 65}, "latent dim:"),
        ({"latent_dim": 2.5}, "latent dim:"),
        ({"epochs": 501}, "epochs:"),
        ({"epochs": None}, "epochs:"),
        ({"seed": -1}, "seed:"),
        ({"seed": "0; rm"}, "seed:"),
    ],
)
def test_what_cannot_be_had_is_refused_in_one_line(
    client: TestClient, root: Path, form: dict[str, Any], line: str
) -> None:
    (root / "digits" / "taken").mkdir(parents=True)
    content = json.dumps({"dataset": "digits", **form}).encode()
    for ask in ("plan", "start"):
        answer = client.post(f"/training/{ask}", content=content, headers=_headers(client))
        assert (answer.status_code, "\n" in answer.text) == (422, False)
        assert line in answer.text
    assert [path.name for path in (root / "digits").iterdir()] == ["taken"]
    assert not (root / job_queue.FOLDER).exists()


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'"x"', b"x" * 10_001])
def test_a_body_that_is_no_form_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/training/start", content=body, headers=_headers(client))
    assert answer.status_code in (413, 422)
    assert "\n" not in answer.text


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("folder:../secret", "without .."),
        ("folder:cats/../../secret", "without .."),
        ("folder:/etc", "without .."),
        ("folder:link", "leads out"),
        ("npz:link/a.npz", "leads out"),
        ("folder:.", "leads out"),
        ("folder:none", "no such folder"),
        ("npz:cats", "no such file"),
        ("tar:a.tar", "none that the page offers"),
        ("zip:a.zip", "no such file"),
    ],
)
def test_paths_are_looked_up_below_one_folder_alone(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, line: str
) -> None:
    own, secret = tmp_path / "own", tmp_path / "secret"
    for folder in (own / "cats", secret):
        folder.mkdir(parents=True)
    (secret / "a.npz").touch()
    (own / "link").symlink_to(secret)
    (own / "pets.zip").touch()
    monkeypatch.setenv(training_choices.DATA_DIR, str(own))
    with pytest.raises(UserError, match=line):
        training_choices.plan({"dataset": place}, {})
    offered = [entry["name"] for entry in training_choices.offered()]
    assert [name for name in offered if name.startswith(("folder:", "zip:"))] == ["folder:cats", "zip:pets.zip"]
    packed = training_choices.plan({"dataset": "zip:pets.zip"}, {})
    assert packed.out == root / "pets" / "elbo-2d" and packed.words[-2:] == ("--image-size", "32")
    found = training_choices.plan({"dataset": "folder:cats"}, {})
    assert found.out == root / "cats" / "elbo-2d"
    assert f"folder:{own / 'cats'}" in found.words


def test_the_owner_may_set_other_limits(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(training_limits.VARIABLE, "epochs=5, weights=1000000")
    assert training_limits.limits() == training_limits.Limits(epochs=5, weights=1_000_000)
    assert "5" in training_choices.plan({}, {}).words, "no more epochs than that, where none are said"
    with pytest.raises(UserError, match="epochs: expected a whole number from 1 to 5"):
        training_choices.plan({"epochs": 6}, {})
    assert spare_trainer.environment()["TRAINING_MOST_WEIGHTS"] == "1000000"


@pytest.mark.parametrize("said", ["epochs", "epochs=0", "epochs=-1", "epochs=x", "hours=3", "epochs=1e3"])
def test_limits_that_are_none_let_nothing_be_trained(root: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv(training_limits.VARIABLE, said)
    with pytest.raises(UserError, match="EXPLORER_TRAINING_LIMITS: expected some of") as refused:
        training_choices.plan({}, {})
    assert "\n" not in str(refused.value)


def test_a_network_of_more_weights_than_are_allowed_is_refused(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINING_MOST_WEIGHTS", "1000")
    with pytest.raises(UserError, match=r"weights together; at most 1,000 are taken here"):
        fit(FitOptions(out=tmp_path / "run", dataset="digits", epochs=1))


@pytest.mark.parametrize(
    ("beta", "name", "words"),
    [
        (0, "reconstruction-2d", ["--objective", "reconstruction"]),
        (1, "elbo-2d", []),
        (0.5, "beta-0-5-2d", ["--beta", "0.5"]),
        ("inf", "kl-2d", ["--objective", "kl"]),
    ],
)
def test_beta_says_the_objective(root: Path, beta: float | str, name: str, words: list[str]) -> None:
    found = training_choices.plan({"dataset": "digits", "beta": beta}, {})
    assert found.out == root / "digits" / name
    assert list(found.words[5 : 5 + len(words)]) == words
    taken = training_choices.plan({"dataset": "digits", "beta": beta}, {f"digits/{name}": None})
    assert taken.out.name == f"{name}-2"


def test_a_data_set_with_a_colon_in_its_name_has_a_folder(root: Path) -> None:
    assert training_choices.plan({"dataset": "ujipen:1"}, {}).out.parent == root / "ujipen-1"


def test_a_step_that_is_waited_for_is_sent_once_it_is_there(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = tmp_path / live_files.LIVE
    live.mkdir()
    (live / live_files.step_name(4)).write_bytes(b"the fourth")
    looks: list[str] = []

    def workplace(name: str) -> Path:
        looks.append(name)
        if len(looks) == 3:
            (live / live_files.step_name(5)).write_bytes(b"the fifth")
        return tmp_path

    monkeypatch.setattr(jobs, "workplace", workplace)
    headers = _headers(client)
    assert client.get("/training/step?job=a/b&after=4", headers=headers).status_code == 204
    assert client.get("/training/step?job=a/b&after=4&wait=0", headers=headers).status_code == 204
    assert len(looks) == 2
    answer = client.get("/training/step?job=a/b&after=4&wait=900000", headers=headers)
    assert (answer.status_code, answer.headers["X-Number"], answer.content) == (200, "5", b"the fifth")
    assert client.get("/training/step?job=a/b&after=5&wait=40", headers=headers).status_code == 204
    assert len(looks) > 4
