"""A file that opens any run: of a run it gives its pages all that a file with the run inside gives them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from explorer.export.contents import contents
from explorer.export.places import chosen_pages
from explorer.export.runs import runs_in
from explorer.export.viewer import viewer
from explorer.views.pages import TOUR
from tests.javascript import JavaScript
from tests.server import ROOT

MODULE = ROOT / "tests" / "web" / "folder_on_disk.js"
PAGES = [page for page in chosen_pages(None) if page is not TOUR]
VERSION = re.compile(r"\?v=\w+")
# What a file says for the machine that it was written on, and answers of a server that neither has.
APART = {"compare": ("missing",), "prior": ("fitted",), "probability": ("answers",)}


def _plain(value: Any) -> Any:
    """As JSON, with addresses that do not change with the version."""
    return json.loads(VERSION.sub("?v=", json.dumps(value)))


def _shared(page: str, payload: dict[str, Any]) -> Any:
    return _plain({name: value for name, value in payload.items() if name not in APART.get(page, ())})


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks here at how small the arrays of the files get."""
    monkeypatch.setattr("explorer.export.contents.compact", lambda packed: packed)


def _is_the_file_s(paths: list[Path], javascript: JavaScript) -> None:
    dataset = paths[0].parent.name
    inside = contents(runs_in(paths), PAGES, images=True)
    expected: dict[str, Any] = inside.data["pages"]
    choices = {
        name: [list(page["sets"][dataset]["payload"]["runs"])[:1]]
        + [key.split(",") for key in page["sets"][dataset]["others"]]
        for name, page in expected.items()
    }
    least = {name: page["rules"].get("runs", {}).get("runs", [1])[0] for name, page in expected.items()}
    for name, page in expected.items():
        choices[name][0] = page["sets"][dataset]["runs"][: least[name]]
    asked = {"template": viewer(PAGES).data, "paths": [str(path) for path in paths], "choices": choices}
    found = javascript.evaluate(
        f'async (asked) => (await import("{MODULE.as_uri()}")).shownOf(asked)',
        _plain(asked) | {"paths": asked["paths"]},
    )
    assert found["places"] == _plain(inside.data["places"])
    assert set(found["absent"]) == {*inside.data["absent"]}
    assert _plain(sorted(found["addresses"])) == _plain(sorted(inside.arrays))
    assert found["pages"].keys() == expected.keys()
    for name, page in expected.items():
        held, own = page["sets"][dataset], found["pages"][name]["sets"][dataset]
        for part in ("parameters", "defaults", "runs", "shapes"):
            assert own[part] == _plain(held[part]), f"{name}: {part}"
        for part in ("rules", "expected"):
            assert found["pages"][name][part] == _plain(page[part]), f"{name}: {part}"
        for chosen, payload in zip(choices[name], found["payloads"][name][dataset], strict=True):
            base = {**held["payload"], **held["others"].get(",".join(chosen), {})}
            assert _shared(name, payload) == _shared(name, base), f"{name}: {chosen}"


@pytest.mark.parametrize(
    "runs",
    [
        ["elbo"],
        ["autoencoder", "elbo", "elbo-16d", "kl"],
        ["elbo-binary", "elbo-conditional", "elbo-full-covariance", "elbo-mixture-prior", "elbo-score-function"],
        ["beta-0", "beta-2", "beta-kl"],
    ],
    ids=lambda runs: runs[0],
)
def test_runs_of_mnist_are_shown_as_a_file_of_them_shows_them(runs: list[str], javascript: JavaScript) -> None:
    _is_the_file_s([ROOT / "checkpoints" / "mnist" / run for run in runs], javascript)


@pytest.mark.parametrize("dataset", ["fashion-mnist", "factors"])
def test_runs_of_another_data_set_are_too(dataset: str, javascript: JavaScript) -> None:
    _is_the_file_s(sorted(file.parent for file in ROOT.glob(f"checkpoints/{dataset}/*/config.json"))[:4], javascript)


def test_runs_that_were_just_trained_are_too(trained: Path, javascript: JavaScript) -> None:
    _is_the_file_s([trained / "digits" / run for run in ("conv", "elbo", "kl")], javascript)
