"""The page Table: its table, links, downloads and curves, as Streamlit runs it and in a real browser."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from explorer.screens import plotly_page
from explorer.screens.plotly_page import HEIGHTS
from explorer.views.metric_sentences import GREY_PIXELS
from tests.app_address import app_address
from tests.contents import contents_of
from tests.opener import Open, opener, wait_for_address, wait_until_ready, wait_until_still
from tests.patience import PATIENCE_S
from tests.server import ROOT, serve
from training import checkpoint
from training.diagnosis import diagnose

SHIPPED = ROOT / "checkpoints"
SCRIPT = "from explorer.screens import metrics\nmetrics.page()\n"


def _open(monkeypatch: pytest.MonkeyPatch, checkpoints: Path, **params: str) -> AppTest:
    monkeypatch.setenv("EXPLORER_CHECKPOINTS", str(checkpoints))
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE_S)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def _table(app: AppTest) -> str:
    body = next(str(html.proto.body) for html in app.get("html") if "<table>" in html.proto.body)
    return body[body.index("<table>") :]


def test_opens_on_all_runs_and_names_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _open(monkeypatch, SHIPPED)
    assert not app.exception
    configs = {path.parent.name: json.loads(path.read_text()) for path in (SHIPPED / "mnist").glob("*/config.json")}
    folders = [name for name, config in configs.items() if not config["training"].get("family")]  # the dial's
    assert sorted(app.multiselect(key="runs").value) == sorted(folders)
    stored = json.loads((SHIPPED / "mnist" / "kl" / "metrics.json").read_text())
    assert f"{stored['reconstruction']:.2f}" in _table(app)
    figures = [json.loads(chart.proto.spec)["layout"]["height"] for chart in app.get("plotly_chart")]
    assert figures == [HEIGHTS[key] for key in ("option-chart", "learning", "gaps", "dimensions")], "they would jump"
    assert GREY_PIXELS in [caption.value for caption in app.caption]


def test_figures_leave_the_table_a_head_start_when_the_page_is_opened_and_not_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(plotly_page, "time", SimpleNamespace(sleep=waits.append))
    app = _open(monkeypatch, SHIPPED, dataset="mnist", runs="elbo,kl")
    assert waits == [plotly_page.HEAD_START_S]
    app.selectbox(key="axis").select("log").run()
    assert waits == [plotly_page.HEAD_START_S]
    assert not app.exception


def test_a_link_restores_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    link = {"dataset": "mnist", "runs": "kl,elbo", "sort": "elbo", "term": "kl", "split": "both", "axis": "log"}
    app = _open(monkeypatch, SHIPPED, **link)
    assert not app.exception and not app.toast
    assert GREY_PIXELS not in [caption.value for caption in app.caption], "a KL is one"
    assert app_address(app) == link
    table = _table(app)
    assert table.index("Full ELBO") < table.index("KL only"), "best first"
    assert "Autoencoder" not in table
    app.selectbox(key="sort").select("kl").run()
    table = _table(app)
    assert table.index("KL only") < table.index("Full ELBO")


def test_forty_runs_and_older_ones_without_the_new_metrics(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    for number in range(40):
        shutil.copytree(checkpoints / "digits" / "elbo", checkpoints / "digits" / f"seed-{number}")
    app = _open(monkeypatch, checkpoints, sort="log_evidence")
    assert not app.exception
    assert _table(app).count('scope="row"') == 45
    assert app.caption[0].value.startswith("45 runs of 45 lack")
    app = _open(monkeypatch, checkpoints, runs="autoencoder", split="train", term="loss")
    assert not app.exception


def test_a_run_with_a_damaged_history_is_named_and_the_table_stays(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    (checkpoints / "digits" / "kl" / "history.jsonl").write_text("")
    app = _open(monkeypatch, checkpoints)
    assert not app.exception
    assert "history.jsonl: damaged" in app.warning[0].value
    assert "KL only" in _table(app)


def _drawn(page: Page) -> None:
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_downloads_hold_what_the_table_shows_and_a_column_s_head_orders_it(open_page: Open) -> None:
    page = open_page("metrics?runs=elbo,kl,reconstruction")
    _drawn(page)
    with page.expect_download() as caught:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(caught.value.path().read_text().splitlines()))
    assert caught.value.suggested_filename == "metrics-mnist.csv"
    stored = json.loads((SHIPPED / "mnist" / "elbo" / "metrics.json").read_text())
    assert float(rows[0]["elbo [nats]"]) == stored["elbo"]
    with page.expect_download() as caught:
        page.get_by_role("button", name="Markdown").click()
    assert (
        f"| Full ELBO | reconstruction + β KL | 120 | **−{-stored['elbo']:.2f}** |" in caught.value.path().read_text()
    )
    wait_for_address(page, dataset="mnist")  # what hears the button is there
    region = page.get_by_role("region", name="Figures of the runs")
    region.get_by_role("button", name="Order by KL", exact=True).focus()
    page.keyboard.press("Enter")
    wait_for_address(page, sort="kl")
    expect(region.get_by_role("row").nth(1)).to_contain_text("KL only")
    expect(region.locator("[aria-sort=ascending]")).to_contain_text("KL")
    back = region.get_by_role("button", name="Order as chosen")
    expect(back).to_be_focused()  # it has kept the focus
    back.click()
    expect(region.get_by_role("row").nth(1)).to_contain_text("Full ELBO")


def test_on_a_phone_keys_scroll_and_order_the_table_and_definitions_open_by_touch(open_page: Open) -> None:
    page = open_page("metrics", size="phone")
    expect(page.locator(".js-plotly-plot .plot-container")).to_have_count(4)  # they close an open list
    region = page.get_by_role("region", name="Figures of the runs")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.figures').scrollLeft > 0")
    assert page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth"), (
        "only the table scrolls sideways"
    )
    page.get_by_role("combobox", name="Order by").focus()
    page.keyboard.type("KL")
    expect(page.get_by_role("option").first).to_have_text("KL")
    page.keyboard.press("Enter")
    wait_for_address(page, sort="kl")
    expect(region.get_by_role("row").nth(1)).to_contain_text("KL only")
    page.get_by_text("What each figure is").tap()
    expect(page.get_by_role("cell", name="E_q[-log p(x|z)]").first).to_be_visible()
    expect(page.locator(".definitions").get_by_role("button", name="(Eq. 30)").first).to_be_visible()


def test_quickly_trained_runs_of_every_kind_open(browser: Browser, checkpoints: Path) -> None:
    (checkpoints / "digits" / "gallery.safetensors").unlink()
    with serve(checkpoints) as address, opener(browser, address) as open_it:
        page = open_it("metrics")
        _drawn(page)
        expect(page.get_by_role("rowheader", name="conv")).to_be_visible()


@pytest.fixture
def seeds(checkpoints: Path) -> Path:
    """The trained runs and, of two betas, three seeds each."""
    for beta in (1.0, 4.0):
        for seed in (1, 2, 3):
            run = Path(
                shutil.copytree(checkpoints / "digits" / "elbo", checkpoints / "digits" / f"beta-{beta:g}-s{seed}")
            )
            contents = vars(contents_of(run))
            contents["training"] |= {"beta": beta, "seed": seed}
            contents["metrics"]["elbo"] -= beta + seed
            checkpoint.write_checkpoint(run, checkpoint.Contents(**contents))
    return checkpoints


def test_options_filter_order_and_group_the_runs(monkeypatch: pytest.MonkeyPatch, seeds: Path) -> None:
    link = {"dataset": "digits", "only": "beta:4,beta:1", "sort": "option:beta", "seeds": "together"}
    app = _open(monkeypatch, seeds, **link)
    assert not app.exception and not app.toast
    assert link.items() <= app_address(app).items()
    table = _table(app)
    assert table.count("3 seeds</button>") == table.count("4 seeds</button>") == 1 and "±" in table
    app.selectbox(key="seeds").select("apart").run()
    assert _table(app).count('scope="row"') == 8, "conv is an ELBO, too"
    app.multiselect(key="only").set_value(["beta:4", "seed:0"]).run()
    assert not app.exception
    assert any("None of the runs chosen has all of these options" in html.proto.body for html in app.get("html"))


def test_what_no_run_has_is_said_and_left_out(monkeypatch: pytest.MonkeyPatch, seeds: Path) -> None:
    app = _open(monkeypatch, seeds, only="beta:17,seed:2", sort="option:nonsense", dataset="digits")
    assert not app.exception
    assert [toast.value.split(":")[0] for toast in app.toast] == ["sort=option?nonsense", "only=beta?17"]
    assert _table(app).count('scope="row"') == 2


def test_nothing_moves_while_the_page_opens_and_the_head_stays_in_sight(open_page: Open) -> None:
    shifts = """window.shifts = [];
      const where = ({ node, previousRect: { y }, currentRect }) => [node?.className, y, currentRect.toJSON()];
      new PerformanceObserver((list) => {
        for (const { value, sources } of list.getEntries()) window.shifts.push([value, sources.map(where)]);
      }).observe({ type: "layout-shift", buffered: true })"""
    for size in ("desktop", "phone"):
        page = open_page("metrics", size, before=lambda page: page.add_init_script(shifts))
        wait_until_ready(page)
        wait_until_still(page)
        found = page.evaluate("window.shifts")
        assert sum(value for value, _ in found) <= 0.02, found
        parts = "[...document.querySelectorAll('.native > :is(h1, h1 + p)')].map((part) => part.getClientRects()[0])"
        is_beside = page.evaluate(f"(([title, text]) => text.left > title.right)({parts})")
        assert is_beside, "a line is left empty beside the title"
        page.evaluate("document.querySelector('.figures').scrollTo(200, 200)")
        head, region = (page.locator(name).first.bounding_box() for name in (".figures thead th", ".figures"))
        assert head and region and (head["x"], head["y"]) == pytest.approx((region["x"], region["y"]), abs=1)


def test_the_command_for_what_is_missing_runs_as_it_is_copied(
    monkeypatch: pytest.MonkeyPatch, checkpoints: Path
) -> None:
    root = checkpoints.rename(checkpoints.with_name("my runs; all"))
    run = (root / "digits" / "elbo").rename(root / "digits" / "it's $HOME")
    app = _open(monkeypatch, root, runs="it's $HOME")
    (command,) = app.code[0].value.splitlines()
    before = (run / "metrics.json").stat().st_mtime_ns
    # The figures that take minutes are left out.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["sh", "-c", f"{command} --quick"], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)
    assert (run / "metrics.json").stat().st_mtime_ns > before


def test_a_run_is_diagnosed_when_asked(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    app = _open(monkeypatch, checkpoints, runs="autoencoder,elbo")
    assert app.button(key="diagnose").disabled
    assert any("no prior" in caption.value for caption in app.caption)
    app.selectbox(key="diagnosed-run").select("elbo").run()
    assert any("training diagnose" in caption.value for caption in app.caption)
    app.button(key="diagnose").click().run(timeout=120)
    assert not app.exception
    (shown,) = [str(html.proto.body) for html in app.get("html") if 'class="findings"' in html.proto.body]
    worst_first = [
        escape(f"{one.title[0].upper()}{one.title[1:]}") for one in diagnose(checkpoints / "digits" / "elbo")
    ]
    places = [shown.index(f"<b>{title}</b>") for title in worst_first]
    assert places == sorted(places)
    assert "Try: " in shown
    assert shown.count('<figure role="img" aria-label="') == len(worst_first), "each has its picture"
    assert "data:image/png" in shown
    assert "data:image/svg" in shown
