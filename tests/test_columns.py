"""Columns: their kinds by what they hold, their place beside images through every split, and in the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contents import contents_of
from training import checkpoint
from training.checkpoint import CheckpointError
from training.columns import (
    Column,
    category_column,
    column_of,
    columns_of_array,
    described,
    number_column,
    within_limits,
)
from training.data.image_data import ImageData, shuffled
from training.latents import LatentsOptions, write_latents
from training.sealed_json import sealed


@pytest.mark.parametrize(
    ("values", "categories", "stored"),
    [
        (np.array([0.5, 1.5, np.nan]), None, [0.5, 1.5, np.nan]),
        (np.array([0.5, np.inf, -np.inf]), None, [0.5, np.nan, np.nan]),
        (np.array([0.5, 1e300]), None, [0.5, np.nan]),
        (np.arange(12), None, list(range(12))),
        (np.array([[3], [1], [3]]), ("1", "3"), [1, 0, 1]),
        (np.array([-1.0, np.nan, 2.0]), ("-1", "2"), [0, -1, 1]),
        (np.array([True, False]), ("False", "True"), [1, 0]),
        (np.array(["cat", "", "ape", "cat"]), ("ape", "cat"), [1, -1, 0, 1]),
        (np.array(["c10", "c9"]), ("c9", "c10"), [1, 0]),
        (np.array([b"caf\xc3\xa9", b""]), ("café",), [0, -1]),
    ],
)
def test_a_column_is_numbers_or_categories_by_what_it_holds(
    values: np.ndarray, categories: tuple[str, ...] | None, stored: list[float]
) -> None:
    column = column_of(values)
    assert column is not None
    assert column.categories == categories
    assert column.values.dtype == (np.int32 if categories else np.float32)
    np.testing.assert_array_equal(column.values, np.array(stored, column.values.dtype))


@pytest.mark.parametrize(
    "values",
    [
        np.array([f"picture-{i % 201}.png" for i in range(402)]),
        np.array([f"picture-{i}.png" for i in range(30)]),
        np.array(["a" * 81, "b"]),
        np.array(["", ""]),
        np.array([np.nan, np.nan]),
        np.zeros((3, 2)),
        np.array([None, 1], object),
        np.array([1j, 2j]),
    ],
)
def test_what_tells_images_apart_or_nothing_is_no_column(values: np.ndarray) -> None:
    assert column_of(values) is None


def test_a_table_of_numbers_is_a_column_each() -> None:
    factors = np.stack([np.linspace(0, 1, 20), np.arange(20) % 3], axis=1)
    columns = columns_of_array("factors", factors)
    assert list(columns) == ["factors 1", "factors 2"]
    assert columns["factors 1"].categories is None
    assert columns["factors 2"].categories == ("0", "1", "2")
    assert list(columns_of_array("names", np.array(["a", "b"]))) == ["names"]
    assert columns_of_array("flat", np.zeros((20, 8, 8))) == {}


def test_columns_are_bounded_in_number_and_names() -> None:
    number = number_column(np.zeros(3))
    columns = within_limits({f"{'n' * 200}": number, **{f"column {k}": number for k in range(150)}})
    assert len(columns) == 100
    assert max(map(len, columns)) == 80
    wordy = category_column(np.zeros(3), [f"{k:080}" for k in range(200)])
    assert len(json.dumps(described(within_limits({f"column {k}": wordy for k in range(90)})))) < 450_000


def _numbered(count: int = 300) -> ImageData:
    """Images that show their number, which their columns say too."""
    number = np.arange(count)
    images = np.zeros((count, 1, 4, 4), np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = number % 256, number // 256
    columns = {"number": number_column(number), "odd": category_column(number % 2, ["no", "yes"])}
    return shuffled("numbered", images, number % 5, tuple("abcde"), 40, "drawn here", "none", columns)


def test_columns_stay_beside_their_images_in_every_split() -> None:
    data = _numbered().relabelled(("e", "d", "c", "b", "a"), np.arange(5)[::-1])
    for split in (data.train, data.validation, data.test, data.gallery):
        shown = split.images[:, 0, 0, 0] + 256 * split.images[:, 0, 0, 1].astype(int)
        np.testing.assert_array_equal(split.columns["number"].values, shown)
        np.testing.assert_array_equal(split.columns["odd"].values, shown % 2)
        np.testing.assert_array_equal(split.labels, 4 - shown % 5)
    assert len(data.gallery.columns["number"]) == len(data.gallery) == 80


COUNT = 500
COLUMNS = {
    "scale": Column(np.where(np.arange(COUNT) % 7, np.arange(COUNT), np.nan).astype(np.float32)),
    'a name / with "quotes" and ü': Column((np.arange(COUNT) % 3 - 1).astype(np.int32), ("square", "heart")),
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that carries columns, beside one that does not."""
    np.save(tmp_path / "a.npy", np.zeros((COUNT, 2)))
    path = tmp_path / "set" / "plain"
    write_latents(LatentsOptions(file=tmp_path / "a.npy", out=path))
    contents = vars(contents_of(path)) | {"columns": COLUMNS}
    checkpoint.write_checkpoint(path.with_name("run"), checkpoint.Contents(**contents))
    return path.with_name("run")


def test_columns_come_back_from_the_checkpoint(run: Path) -> None:
    checkpoint.verify(run)
    found = checkpoint.load_columns(run)
    assert list(found) == list(COLUMNS)
    for name, column in COLUMNS.items():
        np.testing.assert_array_equal(found[name].values, column.values)
        assert found[name].categories == column.categories
    assert checkpoint.load_columns(run.parent / "plain") == {}


def test_columns_survive_new_metrics(run: Path) -> None:
    checkpoint.rewrite_metrics(run, checkpoint.load_metrics(run), "card")
    assert list(checkpoint.load_columns(run)) == list(COLUMNS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["columns"].pop(), None),  # a column the less is no damage that can be seen
        (lambda c: c["columns"].append({"name": "more", "categories": None}), "tensor '2' is missing"),
        (lambda c: c["columns"].append(dict(c["columns"][0])), "a 'name' of its own"),
        (lambda c: c["columns"].append("scale"), "a 'name' of its own"),
        (lambda c: c["columns"][0].update(categories=["x"]), "tensor '0' is float32 .*, expected int32"),
        (lambda c: c["columns"][1].update(categories=["x"]), "tensor '1' must hold numbers from -1 to 0"),
        (lambda c: c["columns"][1].update(categories=[1, 2]), "'categories'"),
        (lambda c: c["files"].pop("columns.safetensors"), r"no SHA-256 of columns\.safetensors"),
    ],
)
def test_columns_that_break_the_contract_are_refused(
    run: Path, change: Callable[[dict[str, Any]], object], message: str | None
) -> None:
    config = json.loads((run / "config.json").read_text())
    change(config)
    (run / "config.json").write_bytes(sealed(config))
    if message is None:
        checkpoint.verify(run)
        return
    with pytest.raises(CheckpointError, match=message):
        checkpoint.verify(run)


def test_damaged_columns_are_refused(run: Path) -> None:
    file = run / checkpoint.COLUMNS
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"columns\.safetensors: damaged"):
        checkpoint.verify(run)
