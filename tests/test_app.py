"""The page as Streamlit runs it: its widgets, its address, and every bad link and folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app_address import app_address, payload_of
from tests.contents import damaged
from tests.patience import PATIENCE_S
from tests.server import ROOT
from training.measure.definitions import DEFINITIONS, DEFINITIONS_OF_CONTEXT

SHIPPED = ROOT / "checkpoints"


def _open(monkeypatch: pytest.MonkeyPatch, checkpoints: Path, **params: str) -> AppTest:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=PATIENCE_S)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def test_opens_on_the_full_elbo_of_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _open(monkeypatch, SHIPPED)
    assert not app.exception
    assert app.selectbox(key="dataset").value == "mnist"
    payload = payload_of(app)
    assert [payload["state"][name] for name in ("color_by", "background", "points")] == ["label", "nothing", "auto"]
    assert payload["state"]["run"] == "elbo"
    assert list(payload["runs"]) == [
        "autoencoder",
        "reconstruction",
        "kl",
        "elbo",
        "elbo-full-covariance",
        "elbo-score-function",
        "elbo-16d",
        "elbo-conditional",
        "elbo-binary",
        "elbo-mixture-prior",
    ]
    assert [run["title"] for run in payload["runs"].values()] == [
        "Autoencoder",
        "Reconstruction only",
        "KL only",
        "Full ELBO",
        "ELBO, full covariance",
        "ELBO, score function",
        "ELBO, 16-D",
        "ELBO, conditional",
        "ELBO, binary",
        "ELBO, mixture",
    ]
    assert payload["gallery"]
    assert app_address(app) == {"dataset": "mnist", "run": "elbo"}
    figures = payload["runs"]["elbo"]["metrics"]
    stored = json.loads((SHIPPED / "mnist" / "elbo" / "metrics.json").read_text())
    assert figures == {name: stored[name] for name in (*DEFINITIONS, *DEFINITIONS_OF_CONTEXT)}


def test_a_link_restores_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    link = {"dataset": "mnist", "run": "kl", "z": "0.5,-1.2", "image": "17", "color_by": "kl", "background": "prior"}
    app = _open(monkeypatch, SHIPPED, **link)
    assert not app.exception
    assert not app.toast
    payload = payload_of(app)
    state = {"dataset": "mnist", "run": "kl", "z": [0.5, -1.2], "image": 17, "color_by": "kl", "background": "prior"}
    own = {
        "projection": "pca",
        "axes": None,
        "points": "auto",
        "at": None,
        "set": None,
        "hide": None,
        "lines": [],
        "lens": "on",
        "marks": "auto",
        "tray": "auto",
        "view": None,
        "draws": 0,
        "epoch": None,
        "walk": 0,
    }
    own["given"] = None
    assert payload["state"] == state | own
    assert app_address(app) == link


def test_widgets_move_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _open(monkeypatch, SHIPPED, color_by="reconstruction")
    app.button_group(key="run").set_value("autoencoder").run()
    assert not app.exception
    assert app_address(app) == {"dataset": "mnist", "run": "autoencoder", "color_by": "reconstruction"}


def test_an_address_that_comes_along_later_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _open(monkeypatch, SHIPPED, run="kl", z="1.5,-0.25")
    before = payload_of(app)
    app.query_params["run"] = "autoencoder"  # an old one, as may come with any run; or a newer one, of another z
    app.query_params["z"] = "0.5,0.5"
    app.run()
    assert payload_of(app) == before
    app.button_group(key="run").set_value("elbo").run()
    assert app_address(app) == {"dataset": "mnist", "run": "elbo", "z": "1.5,-0.25"}


@pytest.mark.parametrize(
    "params",
    [
        {"dataset": "nothing"},
        {"run": "../../../etc/passwd"},
        {"run": "<script>alert(1)</script>"},
        {"z": "nan,1"},
        {"z": "1,2,3"},
        {"image": "-1"},
        {"image": "5000"},
        {"color_by": "__import__('os')"},
        {"background": ""},
    ],
)
def test_nonsense_in_a_link_gives_a_note_and_the_default(
    monkeypatch: pytest.MonkeyPatch, params: dict[str, str]
) -> None:
    app = _open(monkeypatch, SHIPPED, **params)
    assert not app.exception
    assert len(app.toast) == 1
    assert app.toast[0].value.startswith(next(iter(params)) + "=")
    payload = payload_of(app)
    assert payload["state"]["run"] == "elbo"
    assert (payload["state"]["z"], payload["state"]["image"]) == (None, None)
    assert app_address(app) == {"dataset": "mnist", "run": "elbo"}


def test_the_data_set_switch_keeps_the_run_if_it_can(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    shutil.copytree(checkpoints / "digits", checkpoints / "other")
    shutil.rmtree(checkpoints / "other" / "kl")
    app = _open(monkeypatch, checkpoints, dataset="digits", run="kl", z="1,1", image="3")
    app.selectbox(key="dataset").select("other").run()
    assert not app.exception
    assert payload_of(app)["state"]["run"] == "elbo"
    assert app_address(app) == {"dataset": "other", "run": "elbo"}


def test_many_runs_become_a_list(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    for number in range(7):
        shutil.copytree(checkpoints / "digits" / "elbo", checkpoints / "digits" / f"seed-{number}")
    app = _open(monkeypatch, checkpoints, run="seed-3")
    assert not app.exception
    assert app.selectbox(key="run").value == "seed-3"


@pytest.mark.parametrize("folder", ["absent", "empty", "file"])
def test_no_checkpoints_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str) -> None:
    if folder == "empty":
        (tmp_path / folder).mkdir()
    if folder == "file":
        (tmp_path / folder).write_text("not a folder")
    app = _open(monkeypatch, tmp_path / folder)
    assert not app.exception
    assert "No run to explore yet" in app.title[0].value
    assert "python -m training fit" in app.code[0].value


def test_a_broken_run_is_named_and_the_others_open(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    (checkpoints / "digits" / "kl" / "config.json").write_text("{")
    app = _open(monkeypatch, checkpoints)
    assert not app.exception
    assert "kl/config.json: not valid JSON" in app.warning[0].value
    assert "kl" not in payload_of(app)["runs"]


@pytest.mark.parametrize("name", ["latents", "model"])
def test_a_damaged_file_of_the_chosen_run_is_named(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path, name: str
) -> None:
    file = checkpoints / "digits" / "elbo" / f"{name}.safetensors"
    file.write_bytes(damaged(file.read_bytes()))
    app = _open(monkeypatch, checkpoints, run="elbo")
    assert not app.exception
    assert f"{name}.safetensors: damaged" in app.warning[0].value
    assert "elbo: no longer there, hidden, or it cannot be read; showing" in app.toast[0].value
    payload = payload_of(app)
    assert "elbo" not in payload["runs"]
    assert payload["state"]["run"] in payload["runs"]


@pytest.mark.parametrize("page", ["explore", "compare", "metrics", "tour"])
@pytest.mark.parametrize("gone", ["digits/elbo", "digits"])
def test_a_run_that_is_deleted_while_it_is_shown_gives_way_to_another(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path, page: str, gone: str
) -> None:
    shutil.copytree(checkpoints / "digits", checkpoints / "other")
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    app = AppTest.from_string(
        f"from explorer.screens import screen\nscreen({page!r}).page()", default_timeout=PATIENCE_S
    )
    for name, value in {"dataset": "digits", "run": "elbo", "runs": "kl,elbo"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    shutil.rmtree(checkpoints / gone)
    app.run()
    assert not app.exception
    assert app_address(app)["dataset"] == ("other" if gone == "digits" else "digits")
    assert "elbo" not in (app_address(app).get("run"), *app_address(app).get("runs", "").split(",")) or gone == "digits"
    assert page == "tour" or "no longer there" in app.toast[0].value


def test_only_broken_runs_say_so_and_how_to_make_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mnist" / "a").mkdir(parents=True)
    app = _open(monkeypatch, tmp_path)
    assert not app.exception
    assert "a/config.json: missing" in app.warning[0].value
    assert "No run to explore yet" in app.title[0].value


def test_a_run_in_training_is_left_alone(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    (checkpoints / "digits" / "new").mkdir()
    (checkpoints / "digits" / "new" / "history.jsonl").write_text("")
    app = _open(monkeypatch, checkpoints)
    assert not app.exception
    assert not app.warning
    assert "new" not in payload_of(app)["runs"]


def test_without_a_gallery_the_page_says_so_and_works(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    app = _open(monkeypatch, checkpoints)
    assert not app.exception
    assert payload_of(app)["gallery"] is None
    assert "no gallery.safetensors" in app.caption[0].value


def test_the_first_page_imports_nothing_that_it_can_do_without(checkpoints: Path) -> None:
    import os
    import subprocess
    import sys

    code = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        "at = AppTest.from_file('explorer/app.py', default_timeout=60).run(); assert not at.exception; "
        "assert at.get('bidi_component'); "
        "needless = ('torch', 'umap', 'sklearn', 'plotly.express', 'pandas', 'pyarrow', "
        "'explorer.screens.metrics', 'explorer.export.contents'); "
        "sys.exit(', '.join(m for m in needless if m in sys.modules) or None)"
    )
    env = {**os.environ, "EXPLORER_CHECKPOINTS": str(checkpoints)}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, env=env, check=True)
