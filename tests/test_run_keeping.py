"""Runs named, noted on, hidden, deleted and put back on the page Table, as Streamlit runs it and in a browser."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from explorer import loader, run_changes
from tests.opener import opener, wait_until_still
from tests.patience import PATIENCE_S
from tests.server import serve
from training.errors import UserError
from training.run_notes import RunNotes, load_notes, write_notes

SCRIPT = "from explorer.screens import metrics\nmetrics.page()\n"
HERE = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


def _open(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path, headers: dict[str, str], ip: str = "127.0.0.1"
) -> AppTest:
    """The page for a person whose connection comes from `ip` with these headers."""
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    found = SimpleNamespace(remote_ip=ip, headers=headers.items(), cookies={})
    monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: found)
    return AppTest.from_string(SCRIPT, default_timeout=PATIENCE_S).run()


def _field(app: AppTest, label: str) -> str:
    return next(str(field.key) for field in [*app.text_input, *app.text_area] if field.label == label)


def _save(app: AppTest, name: str, note: str = "") -> None:
    app.text_input(key=_field(app, "Name to show")).set_value(name)
    app.text_area(key=_field(app, "Note")).set_value(note)
    next(button for button in app.button if button.label == "Save").click().run()
    assert not app.exception


def _table(app: AppTest) -> str:
    body = next(str(html.proto.body) for html in app.get("html") if "<table>" in html.proto.body)
    return body[body.index("<table>") :]


def test_a_run_is_named_noted_on_and_named_by_its_folder_again(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    app = _open(monkeypatch, checkpoints, HERE)
    app.selectbox(key="kept-run").select("elbo").run()
    _save(app, "  <b>*Mine*</b>  :smile: ", "One\r\n\ttwo ")
    assert load_notes(checkpoints / "digits" / "elbo") == RunNotes("<b>*Mine*</b> :smile:", "One\n    two")
    assert "&lt;b&gt;*Mine*" in _table(app) and ">note<" in _table(app)
    assert "<b>*Mine*</b> :smile:" in app.multiselect(key="runs").options
    _save(app, "")
    assert "Full ELBO" in _table(app)
    _save(app, "right\u202eleft")
    assert "characters that cannot be seen" in app.toast[0].value


def test_another_tab_s_words_are_not_overwritten_unseen(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    app = _open(monkeypatch, checkpoints, HERE)
    app.selectbox(key="kept-run").select("elbo").run()
    write_notes(checkpoints / "digits" / "elbo", RunNotes("Theirs"), RunNotes())
    _save(app, "Mine")
    assert "stands there by now" in app.toast[0].value and "Theirs" in _table(app)
    assert app.text_input(key=_field(app, "Name to show")).value == "Mine"
    next(button for button in app.button if button.label == "Save").click().run()
    assert "Mine" in _table(app) and not app.exception


def test_a_hidden_run_is_in_no_picker_and_is_shown_again(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    app = _open(monkeypatch, checkpoints, HERE)
    app.selectbox(key="kept-run").select("kl").run()
    app.button(key="keep-hide").click().run()
    assert not app.exception
    assert "KL only" not in app.multiselect(key="runs").options and "KL only" not in _table(app)
    assert "KL only (hidden)" in app.selectbox(key="kept-run").options
    assert app.button(key="keep-hide").label == "Show again"
    app.button(key="keep-hide").click().run()
    assert "KL only" in app.multiselect(key="runs").options


def test_a_deleted_run_is_put_back(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    app = _open(monkeypatch, checkpoints, HERE)
    app.selectbox(key="kept-run").select("kl").run()
    app.button(key="keep-delete").click().run()
    assert not app.exception and "KL only" not in _table(app)
    assert not (checkpoints / "digits" / "kl").exists()
    app.button(key="keep-undo").click().run()
    assert not app.exception and (checkpoints / "digits" / "kl").exists()
    assert "KL only" in app.multiselect(key="runs").options


def test_the_last_run_stays(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    app = _open(monkeypatch, checkpoints, HERE)
    for _ in range(4):
        app.button(key="keep-delete").click().run()
    app.button(key="keep-hide").click().run()
    assert "the only run of its data set" in app.toast[0].value
    app.button(key="keep-delete").click().run()
    assert "the only run that is shown" in app.toast[0].value and not app.exception


@pytest.mark.parametrize(
    ("headers", "ip"),
    [({**HERE, "X-Forwarded-For": "10.1.2.3"}, "127.0.0.1"), (HERE, "10.1.2.3"), ({}, "127.0.0.1")],
)
def test_a_visitor_sees_no_buttons_and_can_do_nothing(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path, headers: dict[str, str], ip: str
) -> None:
    app = _open(monkeypatch, checkpoints, headers, ip)
    assert not app.exception and "Full ELBO" in _table(app)
    assert [button.key for button in app.button] == ["diagnose"], "which changes nothing"
    assert not app.text_input and [box.key for box in app.selectbox if box.key == "kept-run"] == []
    run = loader.catalog().find("digits", "elbo")
    assert run
    refused = pytest.raises(UserError, match="Only at the server's own machine")
    with refused:
        run_changes.describe(run, "a", "b", run.notes)
    with refused:
        run_changes.hide(run, True)
    with refused:
        run_changes.delete(run)
    assert load_notes(run.path) == RunNotes()


def test_in_a_browser_on_this_machine(browser: Browser, checkpoints: Path) -> None:
    with serve(checkpoints) as address, opener(browser, address.replace("127.0.0.1", "localhost")) as open_it:
        page = open_it("metrics?runs=elbo,kl")
        page.get_by_text("Name, note, hide or delete a run").click()
        wait_until_still(page)  # it opens slowly: what is pressed would have moved before it is let go
        page.get_by_label("Name to show").fill("Mine")
        page.get_by_role("button", name="Save").click()
        run = page.get_by_label("Figures of the runs").get_by_role("rowheader", name="Mine")
        expect(run).to_be_visible()
        page.get_by_role("button", name="Delete").click()
        expect(run).to_have_count(0)
        undo = page.locator(".st-key-keep-undo").get_by_role("button")
        undo.click()
        expect(undo).to_have_count(0)
        assert (checkpoints / "digits" / "elbo" / "notes.json").exists()
