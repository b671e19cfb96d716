"""The map of the mathematics, docs/mathematics.md: made by its script, and every function and test in it is there."""

from __future__ import annotations

import ast
import re

import pytest

from docs import make_mathematics
from docs.make_mathematics import FURTHER, NUMBERED, Check
from tests.server import ROOT

CHECKS = [check for checks in (*NUMBERED.values(), *(one.checks for one in FURTHER)) for check in checks]


def missing(place: str) -> str | None:
    """Why there is no function or test `file::name`, `file::Class.name` for a method; None if there is."""
    name, _, inside = place.partition("::")
    file = ROOT / name
    if not file.is_file():
        return f"{name} is not there"
    text = file.read_text(encoding="utf-8")
    there = _in_python(text, inside) if file.suffix == ".py" else _in_javascript(text, inside)
    return None if there else f"{name} has no {inside}"


def _in_python(text: str, inside: str) -> bool:
    body = ast.parse(text).body
    for part in inside.split("."):
        found = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part]
        if not found:
            return False
        body = found[0].body
    return True


def _in_javascript(text: str, inside: str) -> bool:
    if f'Deno.test("{inside}"' in text:
        return True
    owner, _, method = inside.rpartition(".")
    if not owner:
        return bool(re.search(rf"^export (async )?function\*? {re.escape(inside)}\(", text, re.MULTILINE))
    body = re.search(rf"^export class {owner}\b.*?^\}}", text, re.MULTILINE | re.DOTALL)
    return bool(body and re.search(rf"^  (async )?\*?{method}\(.*\{{$", body[0], re.MULTILINE))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.function} {check.test}")
def test_every_function_and_test_is_there_and_the_one_is_in_the_other(check: Check) -> None:
    assert missing(check.function) is None
    assert missing(check.test) is None
    asked = (ROOT / check.test.partition("::")[0]).read_text(encoding="utf-8")
    name = re.split(r"::|\.", check.function)[-1]
    assert re.search(rf"\b{name}\b", asked), f"{check.test} never names {name}"


def test_what_is_not_there_is_found() -> None:
    assert missing("training/objective.py::Terms.elbo") is None
    assert missing("training/nowhere.py::elbo") == "training/nowhere.py is not there"
    assert missing("training/objective.py::Terms.elbow") == "training/objective.py has no Terms.elbow"
    assert missing("explorer/web/maths/prior.js::StandardPrior.logNothing") is not None
    assert missing("explorer/web/maths/elbo.js::term") is not None


def test_the_page_is_what_its_script_makes() -> None:
    assert make_mathematics.PAGE.read_text(encoding="utf-8") == make_mathematics.page()
