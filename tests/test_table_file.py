"""`csv:FILE` and `parquet:FILE`: pixels in columns, pictures in rows, labels, splits, and files that are none."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from training.data.datasets import load_dataset
from training.data.image_data import ImageData
from training.errors import UserError

GENERATOR = np.random.default_rng(0)
PIXELS = GENERATOR.integers(0, 256, (60, 25))
LABELS = np.arange(60) % 3


def _csv(path: Path, header: Sequence[str] | None, rows: Sequence[Sequence[object]], delimiter: str = ",") -> str:
    lines = [delimiter.join(map(str, row)) for row in ([header] if header else []) + list(rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return f"csv:{path}"


def _check(data: ImageData, classes: tuple[str, ...] = ("0", "1", "2")) -> None:
    """Every image has its own pixels in their places, and its own label."""
    assert data.classes == classes
    assert data.image_shape == (1, 5, 5)
    for part in (data.train, data.validation, data.test):
        for image, label in zip(part.images, part.labels, strict=True):
            (place,) = np.flatnonzero((image.reshape(25) == PIXELS).all(axis=1))
            assert label == LABELS[place]


def test_csv_files_with_and_without_names(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    names = [f"pixel{i}" for i in range(25)]
    _check(load_dataset(_csv(file, ["label", *names], np.c_[LABELS, PIXELS]), tmp_path))
    _check(load_dataset(_csv(file, [*names, "class"], np.c_[PIXELS, LABELS], ";"), tmp_path))
    _check(load_dataset(_csv(file, None, np.c_[LABELS, PIXELS]), tmp_path))
    words = [[f"{i}", "abc"[label], *row] for i, (label, row) in enumerate(zip(LABELS, PIXELS, strict=True))]
    shuffled = ["id", "kind", *reversed([f"{i}x{j}" for i in range(1, 6) for j in range(1, 6)])]
    rows = [[*row[:2], *row[:1:-1]] for row in words]
    _check(load_dataset(_csv(file, shuffled, rows), tmp_path), ("a", "b", "c"))


def test_the_label_is_last_where_the_first_column_never_changes(tmp_path: Path) -> None:
    pixels = PIXELS.copy()
    pixels[:, 0] = 0
    data = load_dataset(_csv(tmp_path / "a.csv", None, np.c_[pixels, LABELS]), tmp_path)
    assert data.classes == ("0", "1", "2")
    assert not data.train.images[:, 0, 0, 0].any()


def test_pixels_in_one_text_and_a_column_for_the_split(tmp_path: Path) -> None:
    usage = ["Training", "Training", "PublicTest", "PrivateTest"]
    rows = [
        [label, " ".join(map(str, row)), usage[i % 4]]
        for i, (label, row) in enumerate(zip(LABELS, PIXELS, strict=True))
    ]
    data = load_dataset(_csv(tmp_path / "a.csv", ["emotion", "pixels", "Usage"], rows), tmp_path)
    _check(data)
    assert {image.tobytes() for image in data.test.images} == {row.astype(np.uint8).tobytes() for row in PIXELS[3::4]}
    assert tuple(map(len, (data.train, data.validation, data.test))) == (30, 15, 15)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a CSV file that can be read"),
        (b"label,p0\n1,2,3\n4\n", "not a CSV file that can be read"),
        (b"a,b\n1,2\n", "no columns of pixels, only a, b"),
        (b"\xff\xfe\x00\x01" * 50, "a.csv"),
        (b",".join(b"p%d" % i for i in range(30)) + b"\n" + b",".join([b"1"] * 30), "has shape"),
        (b"label,pixels\n1,1 2 x\n", "holds other texts than numbers"),
        (b"label,pixels\n1,1 2\n1,1 2 3\n", "has 2 to 3 numbers a row"),
    ],
)
def test_what_is_no_table_of_images_is_refused_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UserError, match=message) as refused:
        load_dataset(f"csv:{tmp_path / 'a.csv'}", tmp_path)
    assert "\n" not in str(refused.value)


# ---- Parquet


def _pictures(count: int, mode: str = "L") -> list[bytes]:
    files = []
    for _ in range(count):
        file = io.BytesIO()
        Image.fromarray(GENERATOR.integers(0, 256, (8, 8, 3), np.uint8)).convert(mode).save(file, "png")
        files.append(file.getvalue())
    return files


def _hugging_face(files: list[bytes]) -> pa.Table:
    """As its `datasets` writes image sets."""
    features = {"label": {"names": ["cat", "dog", "emu"], "_type": "ClassLabel"}, "image": {"_type": "Image"}}
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    schema = pa.schema(
        [("image", image), ("label", pa.int64())],
        {"huggingface": json.dumps({"info": {"features": features}})},
    )
    images = [{"bytes": file, "path": f"{i}.png"} for i, file in enumerate(files)]
    return pa.table({"image": images, "label": (np.arange(len(files)) % 3).tolist()}, schema)


def test_pictures_of_a_hugging_face_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = _pictures(60)
    files[7] = b"no picture"
    pq.write_table(_hugging_face(files), tmp_path / "a.parquet")
    data = load_dataset(f"parquet:{tmp_path / 'a.parquet'}", tmp_path / "data")
    assert data.classes == ("cat", "dog", "emu")
    assert "a.parquet, row 7: not a picture" in capsys.readouterr().err
    assert len(data.train) + len(data.validation) + len(data.test) == 59
    pixels = {np.asarray(Image.open(io.BytesIO(f))).tobytes(): i for i, f in enumerate(files) if f != b"no picture"}
    for image, label in zip(data.train.images, data.train.labels, strict=True):
        assert pixels[image.tobytes()] % 3 == label
    assert isinstance(data.train.images, np.memmap)
    assert load_dataset(f"parquet:{tmp_path / 'a.parquet'}", tmp_path / "data", (4, 6)).image_shape == (1, 4, 6)


def test_other_columns_of_tables_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = _hugging_face(_pictures(60))
    features = {"size": {"names": ["small", "large"], "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    table = table.append_column("size", pa.array(np.arange(60) % 2))
    table = table.append_column("age", pa.array([None if i % 7 == 0 else i / 2 for i in range(60)]))
    pq.write_table(table.replace_schema_metadata(metadata), tmp_path / "a.parquet")
    columns = load_dataset(f"parquet:{tmp_path / 'a.parquet'}", tmp_path / "data").train.columns
    assert columns["size"].categories == ("small", "large")
    ages = columns["age"].values
    assert 0 < np.isnan(ages).sum() < 10
    row = np.round(2 * ages[~np.isnan(ages)]).astype(int)
    np.testing.assert_array_equal(columns["size"].values[~np.isnan(ages)], row % 2)

    rows = [[label, i / 4, "ab"[i % 2], *row] for i, (label, row) in enumerate(zip(LABELS, PIXELS, strict=True))]
    data = load_dataset(
        _csv(tmp_path / "a.csv", ["label", "age", "kind", *(f"p{i}" for i in range(25))], rows), tmp_path
    )
    _check(data)
    assert "kept as columns: age, kind" in capsys.readouterr().err
    place = (4 * data.gallery.columns["age"].values).astype(int)
    np.testing.assert_array_equal(data.gallery.images.reshape(-1, 25), PIXELS[place])
    np.testing.assert_array_equal(data.gallery.columns["kind"].values, place % 2)


def test_a_folder_of_parquet_files_has_its_split(tmp_path: Path) -> None:
    (tmp_path / "set" / "data").mkdir(parents=True)
    train, test = _pictures(40, "RGB"), _pictures(21, "RGB")
    pq.write_table(_hugging_face(train), tmp_path / "set" / "data" / "train-00000-of-00001.parquet")
    pq.write_table(_hugging_face(test), tmp_path / "set" / "data" / "test-00000-of-00001-ab12.parquet")
    data = load_dataset(f"parquet:{tmp_path / 'set'}", tmp_path / "data")
    held = {np.asarray(Image.open(io.BytesIO(file))).transpose(2, 0, 1).tobytes() for file in test}
    assert {image.tobytes() for image in data.test.images} == held
    assert (len(data.train), len(data.validation), data.image_shape) == (36, 4, (3, 8, 8))


def test_a_parquet_file_of_pixels(tmp_path: Path) -> None:
    columns = {f"p{i}": PIXELS[:, i] for i in range(25)}
    pq.write_table(pa.table({"digit": LABELS, **columns}), tmp_path / "a.parquet")
    _check(load_dataset(f"parquet:{tmp_path / 'a.parquet'}", tmp_path))


def test_damaged_parquet_files_raise_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(_hugging_face(_pictures(24)), file)
    whole = file.read_bytes()
    refused = 0
    for trial in range(60):
        broken = bytearray(whole)
        broken[GENERATOR.integers(len(whole))] ^= 1 << int(GENERATOR.integers(8))
        file.write_bytes(broken if trial else whole[:-9])
        try:
            load_dataset(f"parquet:{file}", tmp_path / "data")
        except UserError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 5
