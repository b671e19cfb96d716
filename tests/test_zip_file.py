"""`zip:FILE`: the same data set as the folder that was packed; what is no archive, or leads out of it, is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.data import zip_file
from training.data.datasets import load_dataset
from training.errors import UserError


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A folder of pictures of two classes, and pets.zip beside it."""
    random = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for number in range(15):
            pixels = random.integers(0, 256, (8, 8), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / label / f"{number}.png")
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for file in sorted((tmp_path / "pets").rglob("*.png")):
            archive.write(file, file.relative_to(tmp_path / "pets"))
        archive.writestr("__MACOSX/cat/._0.png", b"no picture")
    return tmp_path


def test_it_is_the_folder_that_was_packed(pets: Path) -> None:
    packed = load_dataset(f"zip:{pets / 'pets.zip'}", pets / "data", (8, 8))
    folder = load_dataset(f"folder:{pets / 'pets'}", pets / "data", (8, 8))
    assert packed.classes == folder.classes == ("cat", "dog")
    assert np.array_equal(np.asarray(packed.gallery.images), np.asarray(folder.gallery.images))
    assert np.array_equal(packed.gallery.labels, folder.gallery.labels)
    assert packed.source == "the file pets.zip"
    assert [path.name.startswith("pets-") for path in (pets / "data" / "zips").iterdir()] == [True]
    load_dataset(f"zip:{pets / 'pets.zip'}", pets / "data", (8, 8))  # unpacked once
    assert len(list((pets / "data" / "zips").iterdir())) == 1


def _leading_out(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../evil.png", b"x")


def _truncated(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", b"x" * 1000)
    file.write_bytes(file.read_bytes()[:-30])


def _few(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", b"x")


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (_leading_out, "leads out of the archive"),
        (lambda file: file.write_bytes(b"no archive"), "not a zip archive that can be read"),
        (_truncated, "not a zip archive that can be read"),
        (_few, "1 files in it, at least 20 pictures are needed"),
        (lambda _: None, "no such file"),
    ],
)
def test_what_is_no_archive_of_pictures_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], object], line: str
) -> None:
    file = tmp_path / "in" / "a.zip"
    file.parent.mkdir()
    make(file)
    with pytest.raises(UserError) as refused:
        load_dataset(f"zip:{file}", tmp_path / "data", (8, 8))
    assert line in str(refused.value) and str(refused.value).count("zip:/") <= 1 and "\n" not in str(refused.value)
    assert str(tmp_path / "data") not in str(refused.value)
    assert not list(tmp_path.rglob("evil.png"))
    assert not [path for path in tmp_path.glob("data/zips/*") if path.name.startswith(".")]


@pytest.mark.parametrize(("name", "most"), [("MOST_FILES", 5), ("MOST_BYTES", 500)])
def test_too_much_is_refused_before_anything_is_unpacked(
    pets: Path, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr(zip_file, name, most)
    with pytest.raises(UserError, match="are taken"):
        load_dataset(f"zip:{pets / 'pets.zip'}", pets / "data", (8, 8))
    assert not (pets / "data").exists()
