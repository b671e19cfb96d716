"""The Gradients page: what it says is what was measured, for every kind of run."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from explorer import estimators, loader
from explorer.views import estimators as words
from explorer.views.metric_sentences import GREY_PIXELS
from tests.app_address import app_address
from tests.contents import damaged, replace_config
from tests.opener import Open, wait_for_address
from tests.server import ROOT
from training import checkpoint

SHIPPED = ROOT / "checkpoints"
QUICK = {"images": "4", "draws": "1024"}
PLACE = "gradients?images=4&draws=1024"


def _script() -> None:
    from explorer.screens import gradients

    gradients.page()


def _run(monkeypatch: pytest.MonkeyPatch, checkpoints: Path, **params: str) -> AppTest:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    app = AppTest.from_function(_script, default_timeout=120)
    for name, value in {**QUICK, **params}.items():
        app.query_params[name] = value
    return app.run()


def _words(app: AppTest) -> str:
    return "\n".join([*(html.proto.body for html in app.get("html")), *(text.value for text in app.markdown)])


def _figures(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def _points(figure: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {trace["name"]: trace for trace in figure["data"] if trace["mode"] == "markers"}


def _array(stored: Any) -> np.ndarray[Any, Any]:
    """Numbers as plotly writes them: a list, or base64 of a typed array."""
    return np.frombuffer(base64.b64decode(stored["bdata"]), stored["dtype"]) if "bdata" in stored else np.array(stored)


def test_opens_on_the_full_elbo_and_shows_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _run(monkeypatch, SHIPPED)
    assert not app.exception
    assert not app.toast
    run = loader.catalog().datasets["mnist"]["elbo"]
    found = measured = estimators.measured(estimators.batch(run, 4, 0), 1024)
    points = _points(_figures(app)[0])
    assert list(points) == [
        "reparameterization",
        "score function",
        "score function, less the batch's mean",
        "score function, less E_q[f]",
        "score function, with the KL drawn too",
        "the same, less E_q[f]",
    ]
    for trace, curve in zip(points.values(), found.curves.values(), strict=True):
        np.testing.assert_allclose(_array(trace["x"]), 2.0 ** np.arange(9))
        np.testing.assert_allclose(_array(trace["y"]), curve[:, 1])
        np.testing.assert_allclose(_array(trace["error_y"]["array"]), curve[:, 3] - curve[:, 1])
    worth = found.curves["none"][0, 1] / found.curves["reparameterization"][0, 1]
    found = re.search(r"is worth ([\d,.]+) draws", _words(app))
    assert found
    assert float(found[1].replace(",", "")) == pytest.approx(worth, rel=0.005)
    alike = [cosine >= words.ALIKE for cosine, _, _ in measured.agreement.values()]
    assert _words(app).count("agree: ") == sum(alike)
    assert _words(app).count("too noisy to tell: ") == len(alike) - sum(alike)
    assert app_address(app) == {"dataset": "mnist", "run": "elbo", **QUICK}


def test_reparameterization_has_the_least_noise_in_the_shipped_run() -> None:
    run = loader.catalog().datasets["mnist"]["elbo"]
    found = estimators.measured(estimators.batch(run, 4, 0), 1024)
    ones = {name: curve[0] for name, curve in found.curves.items()}
    assert ones["reparameterization"][3] < ones["expected"][2] < ones["mean"][2] < ones["none"][2]
    assert all(difference < 4 * error for _, difference, error in found.agreement.values())


def test_a_link_restores_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    link = {"dataset": "mnist", "run": "kl", **QUICK, "seed": "7", "of": "encoder"}
    app = _run(monkeypatch, SHIPPED, **link)
    assert not app.exception
    assert not app.toast
    assert app.number_input(key="seed").value == 7
    assert [app.selectbox(key=key).value for key in ("images", "draws", "of")] == ["4", "1024", "encoder"]
    assert app_address(app) == link


def test_a_seed_picks_another_batch_and_the_address_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _run(monkeypatch, SHIPPED)
    before = _points(_figures(app)[0])["reparameterization"]["y"]
    app.number_input(key="seed").set_value(3).run()
    assert not app.exception
    assert app_address(app)["seed"] == "3"
    assert _points(_figures(app)[0])["reparameterization"]["y"] != before


@pytest.mark.parametrize("params", [{"images": "5"}, {"draws": "0"}, {"seed": "-1"}, {"of": "x"}])
def test_nonsense_in_a_link_gives_a_note_and_the_default(
    monkeypatch: pytest.MonkeyPatch, trained: Path, params: dict[str, str]
) -> None:
    app = _run(monkeypatch, trained, run="autoencoder", **params)
    assert not app.exception
    assert app.toast[0].value.startswith(next(iter(params)) + "=")


def test_a_deterministic_code_says_why_there_is_nothing_to_compare(
    monkeypatch: pytest.MonkeyPatch, trained: Path
) -> None:
    app = _run(monkeypatch, trained, run="autoencoder")
    assert not app.exception
    assert "no q(z|x) to draw from" in _words(app)
    assert len(_figures(app)) == 1  # the problem whose answer is known


def test_convolutions_three_dimensions_and_no_gallery(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    app = _run(monkeypatch, checkpoints, run="conv")
    assert not app.exception
    assert len(_points(_figures(app)[0])) == 6
    assert "no gallery.safetensors" in app.caption[0].value
    assert "4 decoded images" in app.get("image")[0].proto.imgs[0].caption
    assert "gradient-variance --out checkpoints/digits/gradient-variance.json" in _words(app)
    assert "--gradient score-function --baseline learned --out checkpoints/digits/" in _words(app)


def test_the_noise_of_tighter_bounds_is_measured_when_asked(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    app = _run(monkeypatch, checkpoints, run="elbo", draws="1024", images="4")
    before = len(_figures(app))
    assert "From K = 1 to 64" not in _words(app)
    app.button(key="measure-signal").click().run(timeout=120)
    assert not app.exception
    assert len(_figures(app)) == before + 1
    assert "From K = 1 to 64 by the decoder the signal-to-noise ratio" in _words(app)


def test_a_pair_of_runs_shows_its_learning_curves(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    other = shutil.copytree(checkpoints / "digits" / "elbo", checkpoints / "digits" / "noisy")
    config = json.loads((other / "config.json").read_text())
    config["training"] |= {"gradient": "score-function", "baseline": "mean"}
    replace_config(other, config)
    app = _run(monkeypatch, checkpoints, run="elbo")
    assert not app.exception
    history = checkpoint.load_history(other)
    elbo = [-record["validation_reconstruction"] - record["validation_kl"] for record in history]
    for figure, field in zip(_figures(app)[-2:], ("epoch", "seconds"), strict=True):
        assert [trace["name"] for trace in figure["data"]] == ["Full ELBO", "noisy"]
        for trace in figure["data"]:
            np.testing.assert_allclose(_array(trace["x"]), [record[field] for record in history])
            np.testing.assert_allclose(_array(trace["y"]), elbo)
    assert GREY_PIXELS in app.caption[-1].value


def test_a_damaged_measurement_is_named_and_the_rest_is_shown(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    (checkpoints / "digits" / "gradient-variance.json").write_text("{}")
    app = _run(monkeypatch, checkpoints, run="autoencoder")
    assert not app.exception
    assert "gradient-variance.json: " in app.warning[0].value


def test_after_a_damaged_run_another_one_opens(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    file = checkpoints / "digits" / "elbo" / "model.safetensors"
    file.write_bytes(damaged(file.read_bytes()))
    app = _run(monkeypatch, checkpoints, run="elbo", of="encoder")
    assert "model.safetensors: damaged" in app.warning[0].value
    assert "elbo: no longer there" in app.toast[0].value
    assert not app.exception
    assert app_address(app)["run"] != "elbo"
    assert app_address(app)["of"] == "encoder"


# ---- in the browser


def _stands_the_same_before_the_toy_is_there(page: Page) -> None:
    """The batch's switches may be laid out first: they must have their place from the start, or all jumps."""
    tops = page.evaluate(
        """() => {
          const top = () => document.querySelector(".st-key-batch").getBoundingClientRect().top;
          const toy = document.querySelector(".st-key-live-gradients").closest("[data-testid=stLayoutWrapper]");
          const [before, next] = [top(), toy.nextSibling];
          toy.remove();
          const without = top();
          next.before(toy);
          return [before, without];
        }"""
    )
    assert tops[0] == tops[1]


def test_the_keyboard_reaches_the_seed_and_changes_it(open_page: Open) -> None:
    page = open_page(PLACE)
    _stands_the_same_before_the_toy_is_there(page)
    seed = page.get_by_label("Seed")
    expect(seed).to_be_editable()  # Streamlit may fetch it after the page's own part is ready
    for _ in range(40):
        page.keyboard.press("Tab")
        if seed.evaluate("seed => seed === document.activeElement"):
            break
    expect(seed).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("5")
    expect(seed).to_have_value("5")
    page.keyboard.press("Enter")
    wait_for_address(page, seed="5")


def test_a_tap_chooses_another_run_on_a_phone(open_page: Open) -> None:
    page = open_page(PLACE, "phone")
    _stands_the_same_before_the_toy_is_there(page)
    before = page.locator("header.native").first.inner_text()
    page.get_by_role("radio", name="KL only").or_(page.get_by_role("button", name="KL only")).first.tap()
    wait_for_address(page, run="kl")
    expect(page.locator("header.native").first).not_to_have_text(before)
