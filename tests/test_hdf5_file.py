"""`h5:FILE`: images, labels and factors in HDF5, the array that is named, and what the file holds."""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from training.data.datasets import load_dataset
from training.errors import UserError

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 6, 6, 3), np.uint8)


def _file(path: Path, **arrays: np.ndarray) -> str:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name.replace("__", "/")] = array
    return f"h5:{path}"


def test_images_with_factors_as_3dshapes_has_them(tmp_path: Path) -> None:
    k = np.arange(40)
    factors = np.stack([k % 10 / 10, k % 7 / 10, k % 3 / 10, 0.75 + k % 8 / 16, k % 4, k % 15 - 7.0], axis=1)
    data = load_dataset(_file(tmp_path / "3dshapes.h5", images=IMAGES, labels=factors), tmp_path)
    assert data.classes == ("image",)
    assert data.image_shape == (3, 6, 6)
    names = ["floor hue", "wall hue", "object hue", "scale", "shape", "orientation"]
    assert list(data.gallery.columns) == names
    for image, shape, scale in zip(
        data.gallery.images,
        data.gallery.columns["shape"].values,
        data.gallery.columns["scale"].values,
        strict=True,
    ):
        (place,) = np.flatnonzero((image.transpose(1, 2, 0) == IMAGES).all(axis=(1, 2, 3)))
        assert (shape, scale) == (place % 4, pytest.approx(0.75 + place % 8 / 16))


def test_the_array_of_images_is_asked_for_and_can_be_named(tmp_path: Path) -> None:
    name = _file(tmp_path / "a.h5", faces__crops=IMAGES, label=np.arange(40) % 2)
    with pytest.raises(UserError, match=r"only faces/crops \(40, 6, 6, 3\) uint8, label .*; say which: h5:.*#NAME"):
        load_dataset(name, tmp_path)
    data = load_dataset(f"{name}#faces/crops", tmp_path)
    assert (data.image_shape, data.classes) == ((3, 6, 6), ("0", "1"))
    with pytest.raises(UserError, match="no array 'faces', only faces/crops, label"):
        load_dataset(f"{name}#faces", tmp_path)
    np.savez(tmp_path / "a.npz", pictures=IMAGES, images=np.zeros((3, 3)))
    assert load_dataset(f"npz:{tmp_path / 'a.npz'}#pictures", tmp_path).image_shape == (3, 6, 6)


def test_what_is_damaged_or_elsewhere_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    with pytest.raises(UserError, match="not an HDF5 file that can be read") as refused:
        load_dataset(f"h5:{tmp_path / 'a.h5'}", tmp_path)
    assert "\n" not in str(refused.value)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["images"] = h5py.ExternalLink(str(tmp_path / "c.h5"), "/images")
        file.create_dataset("huge", (10**9, 64, 64), "u1", chunks=(1, 64, 64))
    _file(tmp_path / "c.h5", images=IMAGES)
    with pytest.raises(UserError, match=r"no array 'images', only huge"):
        load_dataset(f"h5:{tmp_path / 'b.h5'}", tmp_path)
    with pytest.raises(UserError, match=r"4,096,000,000,000 bytes when unpacked, more than 8,000,000,000"):
        load_dataset(f"h5:{tmp_path / 'b.h5'}#huge", tmp_path)


def test_a_missing_package_is_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = _file(tmp_path / "a.h5", images=IMAGES)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UserError, match="not installed: pip install h5py"):
        load_dataset(name, tmp_path)
