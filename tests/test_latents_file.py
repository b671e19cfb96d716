"""Latents of people's own files: where coordinates, labels, columns and pictures are found, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from safetensors.numpy import save_file

from explorer.views.latents import plane_arrays
from training import checkpoint
from training.checkpoint import CheckpointError
from training.data import latents_file
from training.data.latents_file import read_latents
from training.errors import UserError
from training.latents import LatentsOptions, write_latents
from training.measure import projection

COUNT = 30
Z = np.random.default_rng(0).normal(size=(COUNT, 2)).astype(np.float32)
KIND = np.array(["ape", "cat", "dog"])[np.arange(COUNT) % 3]
AGE = np.arange(COUNT) / 4


def _csv(path: Path, names: str, *columns: np.ndarray, delimiter: str = ",") -> Path:
    rows = [delimiter.join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([names.replace(",", delimiter), *rows]), encoding="utf-8")
    return path


def _anndata(path: Path) -> Path:
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file["X"] = np.zeros((COUNT, 40))
        file["obsm/X_scVI"], file["obsm/X_umap"] = np.tile(Z, 3), Z
        file["obs/cell_type/codes"] = (np.arange(COUNT) % 3 - 1).astype(np.int8)
        file["obs/cell_type/categories"] = np.array(["B", "T"], text)
        file["obs/batch"] = np.arange(COUNT) % 2  # as older files hold categories
        file["obs/__categories/batch"] = np.array(["first", "second"], text)
        file["obs/age"] = AGE
        file["obs/_index"] = np.array([f"cell {k}" for k in range(1000, 1000 + COUNT)], text)
        file["obs/elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
        file["uns/z"] = np.zeros((5, 2))
    return path


def _write(kind: str, path: Path) -> Path:
    """The same latents, kinds and ages in a file of each format."""
    file = path / f"a.{kind}"
    match kind:
        case "npz":
            np.savez(file, embedding=Z, label=KIND, age=AGE, weights=np.zeros((3, 2)))
        case "safetensors":
            save_file({"mu": Z, "age": AGE, "label": (np.arange(COUNT) % 3).astype(np.int64)}, file)
        case "csv":
            _csv(file, "x,y,age,species,label", Z[:, 0], Z[:, 1], AGE, KIND, KIND)
        case "tsv":
            _csv(file, "umap_1,umap_2,age,label", Z[:, 0], Z[:, 1], AGE, KIND, delimiter="\t")
        case "parquet":
            pq.write_table(pa.table({"embedding": Z.tolist(), "label": KIND, "age": AGE}), file)
        case "h5":
            with h5py.File(file, "w") as opened:
                opened["model/latents"], opened["label"], opened["age"] = Z, KIND.astype("S"), AGE
    return file


@pytest.mark.parametrize("wanted", [None, "z"])
def test_one_column_of_numbers_is_one_dimension(tmp_path: Path, wanted: str | None) -> None:
    np.savez(tmp_path / "a.npz", z=Z[:, 0], weights=np.zeros((3, 2)), data=np.zeros((COUNT, 9)), age=AGE)
    for file in (tmp_path / "a.npz", _csv(tmp_path / "a.csv", "kind,z,age", KIND, Z[:, 0], AGE)):
        found = read_latents(file, wanted)
        np.testing.assert_allclose(found.mu, Z[:, :1], rtol=1e-6)
        assert (found.what, "age" in found.columns) == ("z", True)
    np.save(tmp_path / "a.npy", Z[:, 0])
    np.testing.assert_array_equal(read_latents(tmp_path / "a.npy").mu, Z[:, :1])
    line = write_latents(LatentsOptions(file=tmp_path / "a.npy", out=tmp_path / "points" / "line"))
    assert f"{COUNT} points in 1 dimension;" in line


def test_one_column_is_not_taken_where_several_belong_together(tmp_path: Path) -> None:
    file = _csv(tmp_path / "a.csv", "z,a1,a2", AGE, Z[:, 0], Z[:, 1])
    np.testing.assert_allclose(read_latents(file).mu, Z, rtol=1e-6)


@pytest.mark.parametrize("kind", ["npz", "safetensors", "csv", "tsv", "parquet", "h5"])
def test_every_format_gives_coordinates_labels_and_columns(tmp_path: Path, kind: str) -> None:
    found = read_latents(_write(kind, tmp_path))
    np.testing.assert_allclose(found.mu, Z, rtol=1e-6)
    names = ("0", "1", "2") if kind == "safetensors" else ("ape", "cat", "dog")
    assert found.labels.classes == names
    np.testing.assert_array_equal(found.labels.number, np.arange(COUNT) % 3)
    np.testing.assert_array_equal(found.columns["age"].values, AGE)
    assert found.columns["age"].categories is None
    if kind == "csv":
        assert found.columns["species"].categories == ("ape", "cat", "dog")
    assert found.paths is None


def test_an_array_alone_is_enough(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", Z.astype(np.float64))
    found = read_latents(tmp_path / "a.npy")
    np.testing.assert_array_equal(found.mu, Z)
    assert (found.columns, set(found.labels.number.tolist())) == ({}, {-1})


def test_anndata_has_coordinates_in_obsm_and_the_rest_in_obs(tmp_path: Path) -> None:
    file = _anndata(tmp_path / "a.h5ad")
    found = read_latents(file)
    np.testing.assert_array_equal(found.mu, Z)
    assert found.what == "obsm/X_umap"
    assert found.labels.classes == ("B", "T")
    np.testing.assert_array_equal(found.labels.number, np.arange(COUNT) % 3 - 1)
    assert list(found.columns) == ["age", "batch"] and found.columns["batch"].categories == ("first", "second")
    assert read_latents(file, latents="X_scVI").mu.shape == (COUNT, 6)
    assert read_latents(file, label="batch").labels.classes == ("first", "second")


def test_columns_may_be_named_one_by_one_or_by_what_they_have_in_common(tmp_path: Path) -> None:
    file = _csv(tmp_path / "a.csv", "f1,f2,g1,g2", Z[:, 0], Z[:, 1], AGE, AGE)
    np.testing.assert_allclose(read_latents(file, latents="f").mu, Z, rtol=1e-6)
    np.testing.assert_allclose(read_latents(file, latents="f2, g1").mu, np.stack([Z[:, 1], AGE], axis=1), rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"several could be the coordinates: f1 .* f2 .* g1 .*; say which with --latents"),
        ({"latents": "h"}, r"no coordinates 'h', only f1 \(30,\) float64"),
        ({"latents": "f", "label": "kind"}, "--label kind: no such column, only g1, g2"),
        ({"latents": "f", "label": "g1"}, "--label g1: neither whole numbers nor short texts"),
        ({"latents": "f", "images": "g1"}, "--images g1: holds no names of pictures"),
    ],
)
def test_what_cannot_be_found_is_asked_for_in_one_line(tmp_path: Path, options: dict[str, str], message: str) -> None:
    file = _csv(tmp_path / "a.csv", "f1,f2,g1,g2", Z[:, 0], Z[:, 1], AGE, AGE)
    with pytest.raises(UserError, match=message) as refused:
        read_latents(file, **options)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npy", b"\x93NUMPY\x01", "not a NumPy file that can be read"),
        ("a.h5", b"no HDF5", "not an HDF5 file that can be read"),
        ("a.parquet", b"PAR1", "not a Parquet file that can be read"),
        ("a.csv", b"", "not a CSV file that can be read"),
        ("a.csv", b"name\nx\ny\n", "no coordinates: name"),
        ("a.csv", b"x,y\nnan,1\n2,nan\n", "no row has coordinates that are all numbers"),
        ("a.pt", b"", r"none of \.npy, \.npz"),
    ],
)
def test_files_that_hold_no_latents_are_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as refused:
        read_latents(tmp_path / name)
    assert "\n" not in str(refused.value)


def test_a_missing_package_is_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _anndata(tmp_path / "a.h5ad")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UserError, match="h5py reads such files and is not installed: pip install h5py"):
        read_latents(file)


def test_rows_without_coordinates_are_left_out_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    z = Z.copy()
    z[4, 1] = np.nan
    np.savez(tmp_path / "a.npz", z=z, age=AGE)
    found = read_latents(tmp_path / "a.npz")
    np.testing.assert_array_equal(found.columns["age"].values, np.delete(AGE, 4))
    assert "1 of 30 rows have no coordinates and are left out" in capsys.readouterr().err


def test_more_than_a_page_can_load_is_thinned_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(latents_file, "MAX_VALUES", 20)
    np.savez(tmp_path / "a.npz", z=Z, age=AGE)
    found = read_latents(tmp_path / "a.npz")
    assert "10 of 30 rows are shown" in capsys.readouterr().err
    rows = (4 * found.columns["age"].values).astype(int)
    np.testing.assert_array_equal(found.mu, Z[rows])
    assert len(set(rows.tolist())) == 10


# ---- the run


def test_the_run_reads_back_and_has_no_model(tmp_path: Path) -> None:
    file, out = _anndata(tmp_path / "a.h5ad"), tmp_path / "checkpoints" / "cells" / "umap"
    line = write_latents(LatentsOptions(file=file, out=out))
    assert line.endswith("30 points in 2 dimensions; classes: 2, columns: 2, pictures: no")
    config = checkpoint.verify(out)
    assert config.dataset["classes"] == ["B", "T", "no label"]
    latents = checkpoint.load_latents(out)
    np.testing.assert_array_equal(latents["mu"], Z)
    assert set(latents) == {"mu", "label"}
    assert {"xy", "mu", "label"} <= set(plane_arrays(latents, checkpoint.spread(latents)))
    assert list(checkpoint.load_columns(out)) == ["age", "batch"]
    with pytest.raises(CheckpointError, match="latents alone, without a model"):
        checkpoint.load_model(out)
    with pytest.raises(UserError, match="holds a finished checkpoint"):
        write_latents(LatentsOptions(file=file, out=out))
    write_latents(LatentsOptions(file=file, out=out, overwrite=True))


def test_pictures_become_the_held_out_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = np.array([f"{k % 7}.png" for k in range(COUNT)])
    for k in range(6):  # the seventh is missing
        Image.new("L", (5, 4), 40 * k).save(tmp_path / f"{k}.png")
    file = _csv(tmp_path / "a.csv", "x,y,path", Z[:, 0], Z[:, 1], names)
    write_latents(LatentsOptions(file=file, out=tmp_path / "c" / "points" / "run"))
    assert "4 of 30 pictures cannot be read and are grey" in capsys.readouterr().err
    config = checkpoint.load_config(tmp_path / "c" / "points" / "run")
    assert config.model.image_shape == (1, 4, 5)
    file = tmp_path / "c" / "points" / "gallery.safetensors"
    gallery = checkpoint.load_gallery(file, config.dataset["gallery_sha256"])
    shades = [127 if k % 7 == 6 else 40 * (k % 7) for k in range(COUNT)]
    np.testing.assert_array_equal(gallery["images"][:, 0, 0, 0], shades)


def test_umap_of_many_points_keeps_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "MOST", 60)
    group = np.arange(200) % 2
    mu = (np.random.default_rng(1).normal(size=(200, 4)) + 20 * group[:, None]).astype(np.float32)
    umap = projection.umap_map(mu, 0)
    assert umap.shape == (200, 2) and np.isfinite(umap).all()
    distances = np.linalg.norm(umap[:, None] - umap[None], axis=2) + 1e9 * np.eye(200)
    assert (group[distances.argmin(axis=1)] == group).mean() > 0.95
