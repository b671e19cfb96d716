"""Text of a checkpoint stays text wherever it is shown: no image that a browser would fetch, no formula in a sheet."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from explorer.views import metrics_table
from explorer.views.metric_columns import Row
from explorer.views.plain_text import as_cell, as_text
from explorer.views.run_kind import RunKind
from tests.contents import contents_of, replace_config
from tests.opener import patient_page
from tests.server import serve
from training import checkpoint

NAME = "![x](http:example.invalid) *a* _b_ `c` $d$ :smile: :red[e] <b>f<b>"
KIND = RunKind("digits", "Bernoulli", 2, "diagonal", "reconstruction + 1 KL")
WORDS = {
    "kl/config.json: not valid JSON (line 1)": "kl/config.json: not valid JSON (line 1)",
    "![x](http://a.b)": r"!\[x\](http:" + "\N{WORD JOINER}" + "//a.b)",
    "# a\nheading": r"\# a heading",
    "1. one": r"1\. one",
    "my_run, *all*": r"my_run, \*all\*",
    ":material/delete:": ":\N{WORD JOINER}material/delete:",
}


@pytest.mark.parametrize(("text", "expected"), WORDS.items())
def test_marks_are_escaped_and_plain_words_are_left_alone(text: str, expected: str) -> None:
    assert as_text(text) == expected


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", " =1", "\t=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert as_cell(text) == f"'{text}"
    rows = [Row(text, text, KIND, {"elbo": -1.0, "kl": 1.0, "reconstruction": 1.0})]
    found = list(csv.reader(io.StringIO(metrics_table.to_csv(metrics_table.table(rows, "given", {}), text))))
    assert found[1][:3] == [f"'{text}", f"'{text}", "-1.0"]


def test_a_page_shows_the_text_and_fetches_nothing(checkpoints: Path, browser: Browser) -> None:
    root, asked = checkpoints, []

    def note(request: Request) -> None:
        asked.append(request.url)

    for name in ("elbo", "kl"):
        shutil.copytree(root / "digits" / name, root / "digits" / f"{NAME} {name}".replace("/", ""))
    broken = root / "digits" / f"{NAME} elbo"
    config = json.loads((broken / "config.json").read_bytes())
    replace_config(broken, {**config, "training": {**config["training"], "beta": NAME}})
    contents = contents_of(root / "digits" / f"{NAME} kl")
    network = {"name": "![y](http://example.invalid/y)", "accuracy": 0.5, "sha256": "0" * 64}
    figures = {"frechet_samples": 1.0, "frechet_images": 10, "feature_network": network}
    contents = type(contents)(**{**vars(contents), "metrics": {**contents.metrics, **figures}})
    checkpoint.write_checkpoint(root / "digits" / f"{NAME} kl", contents)
    with serve(root) as address:
        page = patient_page(browser)
        page.on("request", note)
        for place in ("metrics", "explore"):
            page.goto(f"{address}/{place}")
            page.locator("[data-ready=true]").first.wait_for()
            assert f"'{NAME[:20]}" in page.locator("[data-testid=stAlert]").inner_text().replace("\N{WORD JOINER}", "")
            if place == "metrics":
                page.get_by_text("What each figure is").click()
                page.get_by_text("![y](http:").wait_for()
            else:
                switch = page.locator("[data-testid=stButtonGroup]").inner_text().replace("\N{WORD JOINER}", "")
                assert f"{NAME} kl" in switch
            assert page.locator("img[src*=invalid], a[href*=invalid]").count() == 0
        page.close()
    assert [url for url in asked if "invalid" in url.split("/")[2]] == []
