"""The documents name files, commands, options and addresses that are there; pictures are what their scripts draw."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from docs import make_architecture, make_pictures
from tests.server import ROOT

DOCS = ROOT / "docs"
DOCUMENTS = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
_PATH = re.compile(r"`((?:training|explorer|tests|benchmarks|docs|checkpoints/mnist)/[\w./-]*|Makefile)`")
_LINK = re.compile(r"\]\((?!https?:)([\w./-]+)\)")


def missing(text: str, folder: Path) -> list[str]:
    """Paths that a document in `folder` names, from the root or in links, and that are not there."""
    named = [(name, ROOT / name) for name in _PATH.findall(text)]
    named += [(name, folder / name) for name in _LINK.findall(text)]
    return [name for name, path in named if not path.exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_documents_name_files_that_are_there(document: Path) -> None:
    assert missing(document.read_text(encoding="utf-8"), document.parent) == []


def test_a_path_that_is_not_there_is_found() -> None:
    text = "see `training/nowhere.py`, [this](nowhere.md) and `training/aevb.py`"
    assert missing(text, ROOT / "docs") == ["training/nowhere.py", "nowhere.md"]


def test_the_architecture_names_files_at_every_step() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\d\. (.+(?:\n   .+)*)", text, re.MULTILINE)
    assert len(steps) == 4 + 8 + 5 * 5
    assert len(_PATH.findall(text)) > 45


def test_the_picture_of_the_architecture_is_what_its_script_draws() -> None:
    assert make_architecture.PICTURE.read_text(encoding="utf-8") == make_architecture.picture()
    assert [name for name in make_architecture.ROOMS if not (ROOT / name).exists()] == []


def test_each_task_has_its_picture_and_each_picture_its_task() -> None:
    pictures = {file.stem: file for file in make_pictures.FOLDER.iterdir()}
    assert pictures.keys() == make_pictures.PICTURES.keys()
    for name, file in pictures.items():
        assert file.stat().st_size < 100_000
        assert f"](../pictures/{file.name})" in (DOCS / "tasks" / f"{name}.md").read_text(encoding="utf-8")


def test_the_site_leads_to_every_document() -> None:
    listed = re.findall(r"^ +- .+: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md"))


def test_the_readme_opens_with_an_animation_that_is_no_burden() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^!\[([^\]]{60,})\]\((docs/\S+)\)", text, re.MULTILINE)
    assert found
    assert text.index("## ") > found.start()
    file = ROOT / found[2]
    assert file.stat().st_size <= 3_000_000
    with Image.open(file) as image:
        assert image.size[0] == 960
        assert image.n_frames >= 50
