"""`npz:FILE` and `safetensors:FILE`: layouts, labels, and hostile files."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from training.data.datasets import load_dataset
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
        ({"images": GREY.astype(np.int32)}, "is of type int32"),
        ({"images": GREY.astype(np.float32)}, "has values from 0 to 255"),
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
