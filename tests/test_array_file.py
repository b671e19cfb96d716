"""`npz:FILE` and `safetensors:FILE`: layouts, ranges, labels, splits, and hostile files."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from training.data.datasets import load_dataset
from training.data.image_data import ImageData
from training.errors import UserError

GENERATOR = np.random.default_rng(0)
GREY = GENERATOR.integers(0, 256, (40, 6, 9), np.uint8)
COLOUR = GENERATOR.integers(0, 256, (40, 6, 9, 3), np.uint8)


def _pixels(data: object) -> set[bytes]:
    parts = (data.train, data.validation, data.test)  # type: ignore[attr-defined]
    return {image.tobytes() for part in parts for image in part.images}


def test_every_layout_and_type_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    for images, shape in (
        (GREY, (1, 6, 9)),
        (GREY[:, None], (1, 6, 9)),
        (GREY[..., None], (1, 6, 9)),
        (COLOUR, (3, 6, 9)),
        (COLOUR.transpose(0, 3, 1, 2), (3, 6, 9)),
        (GREY / 255, (1, 6, 9)),
        ((GREY / 255).astype(np.float32), (1, 6, 9)),
        (np.asfortranarray(GREY), (1, 6, 9)),
        (GREY > 99, (1, 6, 9)),
    ):
        np.savez_compressed(file, images=images, other=np.array([{"an": "object"}]))
        data = load_dataset(f"npz:{file}", tmp_path)
        assert data.image_shape == shape
        assert data.classes == ("image",)
        assert tuple(map(len, (data.train, data.validation, data.test, data.gallery))) == (32, 4, 4, 8)
        expected = 255 * images if images.dtype == bool else GREY if shape[0] == 1 else COLOUR.transpose(0, 3, 1, 2)
        assert _pixels(data) == {image.astype(np.uint8).tobytes() for image in expected}


def test_labels_become_classes_in_both_kinds_of_file(tmp_path: Path) -> None:
    numbers = np.repeat([30, 7], 20)
    np.savez(tmp_path / "a.npz", images=GREY, labels=numbers)
    np.savez(tmp_path / "b.npz", images=GREY, labels=np.where(numbers == 7, "seven", "thirty"))
    save_file({"images": GREY, "label": numbers.astype(np.int64)}, tmp_path / "c.safetensors")
    for name, classes in (
        ("npz:a.npz", ("7", "30")),
        ("npz:b.npz", ("seven", "thirty")),
        ("safetensors:c.safetensors", ("7", "30")),
    ):
        kind, _, file = name.partition(":")
        data = load_dataset(f"{kind}:{tmp_path / file}", tmp_path)
        assert data.classes == classes
        for image, label in zip(data.train.images, data.train.labels, strict=True):
            (place,) = np.flatnonzero((image[0] == GREY).all(axis=(1, 2)))
            assert label == (0 if numbers[place] == 7 else 1)


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _hostile(kind: str) -> bytes:
    whole = _npy(GREY)
    members: dict[str, bytes] = {
        "bigger": whole.replace(b"(40, 6, 9)", b"(90, 9, 9)"),
        "negative": whole.replace(b"(40, 6, 9)", b"(-4, 6, 9)"),
        "header": whole.replace(b"'descr'", b"__impor"),
        "magic": b"no array at all",
        "cut": whole[:-50],
        "version": whole.replace(b"\x93NUMPY\x01", b"\x93NUMPY\x09"),
        "empty": b"",
    }
    if kind == "archive":
        return b"PK\x03\x04 not really"
    if kind == "objects":
        buffer = io.BytesIO()
        np.savez(buffer, images=np.array([Bomb()] * 40, dtype=object))
        return buffer.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", members[kind])
    return buffer.getvalue()


class Bomb:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return open, ("/tmp/array-file-was-unpickled", "w")  # noqa: S108


@pytest.mark.parametrize(
    "kind", ["bigger", "negative", "header", "magic", "cut", "version", "empty", "archive", "objects"]
)
def test_hostile_npz_files_are_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "a.npz"
    file.write_bytes(_hostile(kind))
    with pytest.raises(UserError, match="not a NumPy archive that can be read") as refused:
        load_dataset(f"npz:{file}", tmp_path)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not Path("/tmp/array-file-was-unpickled").exists()  # noqa: S108


def test_damaged_bytes_of_an_npz_file_raise_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    np.savez_compressed(file, images=GREY, labels=np.arange(40))
    whole = file.read_bytes()
    refused = 0
    for _ in range(300):
        broken = bytearray(whole)
        broken[GENERATOR.integers(len(whole))] ^= 1 << int(GENERATOR.integers(8))
        file.write_bytes(broken)
        try:
            load_dataset(f"npz:{file}", tmp_path)
        except UserError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 200


@pytest.mark.parametrize("kind", ["bloated", "cut", "garbage", "empty"])
def test_hostile_safetensors_files_are_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "a.safetensors"
    save_file({"images": GREY}, file)
    whole = file.read_bytes()
    file.write_bytes(
        {
            "bloated": (2_000_000).to_bytes(8, "little") + b" " * 2_000_000,
            "cut": whole[:-1],
            "garbage": whole[:8] + b"x" * (len(whole) - 8),
            "empty": b"",
        }[kind]
    )
    with pytest.raises(UserError, match="not a safetensors file that can be read") as refused:
        load_dataset(f"safetensors:{file}", tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pixels": GREY}, "no array 'images', only pixels"),
        ({"images": GREY[:5]}, "5 images in it, at least 20"),
        ({"images": GREY[0]}, r"has shape \(6, 9\), expected"),
        ({"images": COLOUR[..., :2]}, r"has shape \(40, 6, 9, 2\)"),
        ({"images": GREY[:, :0]}, r"has shape \(40, 1, 0, 9\)"),
        ({"images": GREY.astype(np.complex64)}, "is of type complex64"),
        ({"images": GREY / 245.0}, r"has values from 0 to 1\.04081633, expected 0 to 1"),
        ({"images": GREY - 128.0}, "has values from -128 to 127"),
        ({"images": np.zeros_like(GREY)}, "has values from 0 to 0"),
        ({"x_train": GREY, "x_test": GREY[:, :3]}, "images of one size are needed"),
        ({"images": np.where(GREY[3, 2, 1] == GREY, np.nan, 0.5)}, "has values from nan to nan"),
        ({"images": GREY, "labels": np.arange(39)}, r"'labels' is of shape \(39,\)"),
        ({"images": GREY, "labels": np.arange(40) / 3}, "type float64"),
    ],
)
def test_arrays_that_are_no_images_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=message) as refused:
        load_dataset(f"npz:{tmp_path / 'a.npz'}", tmp_path)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for kind in ("npz", "safetensors"):
        with pytest.raises(UserError, match="nowhere: no such file"):
            load_dataset(f"{kind}:{tmp_path / 'nowhere'}", tmp_path)


def _load(tmp_path: Path, **arrays: np.ndarray) -> ImageData:
    np.savez(tmp_path / "a.npz", **arrays)
    return load_dataset(f"npz:{tmp_path / 'a.npz'}", tmp_path)


LABELS = np.arange(40) % 3


@pytest.mark.parametrize("name", ["images", "imgs", "X", "data", "arr_0"])
def test_zeros_and_ones_become_black_and_white_whatever_the_array_is_called(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _load(tmp_path, **{name: (GREY > 99).astype(np.uint8)})
    assert _pixels(data) == {(255 * image.astype(np.uint8)).tobytes() for image in GREY > 99}
    (line,) = capsys.readouterr().err.splitlines()
    assert f"'{name}' has values from 0 to 1: 0 is taken as black, 1 as white" in line


@pytest.mark.parametrize(
    "values",
    [
        GREY // 16,
        GREY.astype(np.int64),
        GREY.astype(np.float64),
        np.round(GREY * (4095 / 255)).astype(np.uint16),
        GREY / 127.5 - 1,
        GREY,
    ],
    ids=["0 to 15", "int64", "floats to 255", "12 bits", "-1 to 1", "uint8"],
)
def test_every_range_fills_black_to_white(tmp_path: Path, values: np.ndarray) -> None:
    step = 17 if values.max() == 15 else 1
    expected = {(values * step if step > 1 else GREY).astype(np.uint8)[i].tobytes() for i in range(40)}
    assert _pixels(_load(tmp_path, images=values)) == expected


@pytest.mark.parametrize(
    "values",
    [LABELS, LABELS.astype(np.float64), LABELS[:, None], np.eye(3)[LABELS], np.array(["0", "1", "2"])[LABELS]],
    ids=["ints", "floats", "column", "one-hot", "texts"],
)
@pytest.mark.parametrize("name", ["y", "targets", "label", "anything", "shape_label"])
def test_labels_of_every_name_and_kind_are_used(tmp_path: Path, name: str, values: np.ndarray) -> None:
    if name == "anything" and values.ndim == 2 and values.shape[1] > 1:
        pytest.skip("an array of another name is used only with one value for each image")
    data = _load(tmp_path, images=GREY, **{name: values})
    assert data.classes == ("0", "1", "2")
    for image, label in zip(data.train.images, data.train.labels, strict=True):
        (place,) = np.flatnonzero((image[0] == GREY).all(axis=(1, 2)))
        assert label == LABELS[place]


def test_what_is_kept_as_columns_and_what_is_not_used_are_named_in_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, age, sizes = np.arange(40), np.linspace(0, 1, 40), np.zeros((40, 2))
    sizes[:, 1] = number % 4
    data = _load(tmp_path, images=GREY, number=number, sizes=sizes, age=age, masks=GREY, k=np.arange(9))
    assert data.classes == ("image",)
    kept, unused = capsys.readouterr().err.splitlines()
    assert kept.endswith("kept as columns: number, sizes 1, sizes 2, age")
    assert unused.endswith("not used: masks (40, 6, 9) uint8, k (9,) int64")
    for split in (data.train, data.validation, data.test, data.gallery):
        for image, place in zip(split.images, split.columns["number"].values, strict=True):
            assert (image[0] == GREY[int(place)]).all()
        np.testing.assert_array_equal(split.columns["sizes 2"].values, split.columns["number"].values % 4)


def test_the_factors_of_dsprites_and_3dshapes_have_their_names(tmp_path: Path) -> None:
    k = np.arange(40)
    factors = np.stack([np.ones(40), k % 3 + 1.0, k % 6 / 5, k * 0.1, k % 5 / 4, k % 7 / 6], axis=1)
    steps = factors.astype(np.int64)
    data = _load(tmp_path, imgs=(GREY > 99), latents_values=factors, latents_classes=steps, metadata=np.array([{}]))
    assert list(data.gallery.columns) == ["shape", "scale", "orientation", "position x", "position y"]
    assert data.gallery.columns["shape"].categories == ("square", "ellipse", "heart")
    assert data.gallery.columns["scale"].categories is None
    factors[:, 4] = k % 4
    np.savez(tmp_path / "3dshapes.npz", images=COLOUR, labels=factors)
    columns = load_dataset(f"npz:{tmp_path / '3dshapes.npz'}", tmp_path).gallery.columns
    assert list(columns) == ["wall hue", "object hue", "scale", "shape", "orientation"]  # one floor only
    assert columns["shape"].categories == ("cube", "cylinder", "sphere", "pill")


def test_columns_of_parts_in_arrays_of_their_own_are_joined(tmp_path: Path) -> None:
    number = np.arange(40)
    arrays = {"x_train": GREY[:25], "x_test": GREY[25:], "size_train": number[:25], "size_test": number[25:]}
    data = _load(tmp_path, **arrays, weight_train=np.ones(25) / 3)
    assert list(data.test.columns) == ["size"]
    assert sorted(data.test.columns["size"].values.tolist()) == list(range(25, 40))


def test_minus_one_is_no_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for values in (np.where(LABELS == 2, -1, LABELS), np.where(LABELS == 2, np.nan, LABELS)):
        data = _load(tmp_path, images=GREY, labels=values)
        assert data.classes == ("0", "1", "no label")
        assert "13 of 40 images have no label" in capsys.readouterr().err
        assert len(data.labelled(data.train)) == int((data.train.labels < 2).sum())
    assert _load(tmp_path, images=GREY, labels=np.full(40, -1)).classes == ("image",)


def test_parts_in_arrays_of_their_own_are_the_split(tmp_path: Path) -> None:
    for train, test, label in (("x_train", "x_test", "y_"), ("train_images", "test_images", "")):
        names = (f"{label}train", f"{label}test") if label else ("train_labels", "test_labels")
        arrays = {train: GREY[:25], names[0]: LABELS[:25], test: GREY[25:], names[1]: LABELS[25:]}
        data = _load(tmp_path, **arrays)
        assert {image.tobytes() for image in data.test.images} == {image.tobytes() for image in GREY[25:]}
        assert (len(data.train), len(data.validation)) == (23, 2)
        assert data.classes == ("0", "1", "2")
        assert data.split["test"] == "the 15 test images"


def test_rounding_is_tolerated(tmp_path: Path) -> None:
    values = GREY / 255
    values[0, 0, 0], values[0, 0, 1] = 1.0000001, -1e-7
    assert _load(tmp_path, images=values).train.images.max() == 255


def test_named_numbers_and_bfloat16(tmp_path: Path) -> None:
    names = np.array(["cat", "dog", "emu"])
    assert _load(tmp_path, images=GREY, labels=LABELS, class_names=names).classes == ("cat", "dog", "emu")
    import torch
    from safetensors.torch import save_file as save_tensors

    save_tensors({"images": torch.from_numpy(GREY / 255).bfloat16()}, tmp_path / "b.safetensors")
    assert load_dataset(f"safetensors:{tmp_path / 'b.safetensors'}", tmp_path).image_shape == (1, 6, 9)


def test_rare_classes_are_held_out_or_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = np.array([*LABELS[:30], *np.repeat(np.arange(10, 14), 2), 20, 21])
    data = _load(tmp_path, images=GREY, labels=labels)
    assert data.classes == ("0", "1", "2", "10", "11", "12", "13")
    assert set(data.gallery.labels.tolist()) == set(range(7))
    assert set(data.train.labels.tolist()) == {-1, *range(7)}
    assert "trained on, but not among the classes" in (told := capsys.readouterr().err) and ": 20, 21" in told


def test_home_is_expanded_and_the_place_that_was_looked_at_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "a.npz", images=GREY)
    assert load_dataset("npz:~/a.npz", Path("~/data")).name == "npz:~/a.npz"
    with pytest.raises(UserError, match=f"b.npz: no such file; looked for {tmp_path}/b.npz"):
        load_dataset("npz:b.npz", tmp_path)
    with pytest.raises(UserError, match="no such person's folder"):
        load_dataset("npz:~nobody-of-this-name/a.npz", tmp_path)
