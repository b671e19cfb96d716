"""`folder:PATH`: labels, splits, ranges, the cache, and training without holding the pictures in memory."""

import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import checkpoint
from training.data.datasets import load_dataset
from training.data.image_data import Split
from training.data.natural_order import natural_key
from training.errors import UserError
from training.options import FitOptions
from training.run import evaluate, fit


def _fill(folder: Path, count: int, size: tuple[int, int] = (8, 8), mode: str = "L", seed: int = 0) -> None:
    """Pictures of noise."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    for index in range(count):
        pixels = generator.integers(0, 256, (*size, 3), np.uint8)
        Image.fromarray(pixels).convert(mode).save(folder / f"{index:03}.png")


def test_sub_folders_are_labels_and_the_split_is_fixed(tmp_path: Path) -> None:
    for seed, name in enumerate(("cat", "dog")):
        _fill(tmp_path / "pets" / name, 60, (6, 10), "RGB", seed)
    _fill(tmp_path / "pets" / "dog" / "small", 20, (6, 10), "RGB", 7)
    (tmp_path / "pets" / ".hidden").mkdir()
    (tmp_path / "pets" / ".hidden" / "x.png").write_text("passed over")
    name = f"folder:{tmp_path / 'pets'}"
    data = load_dataset(name, tmp_path / "data")
    assert data.classes == ("cat", "dog")
    assert data.image_shape == (3, 6, 10)  # their own
    assert tuple(map(len, (data.train, data.validation, data.test, data.gallery))) == (112, 14, 14, 28)
    labels = np.concatenate([part.labels for part in (data.train, data.validation, data.test)])
    assert np.bincount(labels).tolist() == [60, 80]
    assert isinstance(data.train.images, np.memmap)
    original = {np.asarray(Image.open(f)).transpose(2, 0, 1).tobytes() for f in (tmp_path / "pets" / "cat").iterdir()}
    cats = data.train.take(np.flatnonzero(data.train.labels == 0))
    assert {image.tobytes() for image in cats} <= original
    again = load_dataset(name, tmp_path / "data")
    assert np.array_equal(data.train.images, again.train.images)
    smaller = load_dataset(name, tmp_path / "data", (12, 5))
    assert smaller.image_shape == (3, 12, 5)


def _grey(
    folder: Path, count: int, high: int = 256, dtype: type = np.uint8, extension: str = "png"
) -> list[np.ndarray]:
    """Grey pictures with values below `high`, whose highest is reached."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(zlib.crc32(os.fsencode(folder)))
    arrays = [generator.integers(0, high, (8, 8)).astype(dtype) for _ in range(count)]
    for index, array in enumerate(arrays):
        array[0, 0] = high - 1
        Image.fromarray(array).save(folder / f"{index}.{extension}")
    return arrays


def _images(split: Split) -> set[bytes]:
    return {image.tobytes() for image in split.images}


@pytest.mark.parametrize(
    ("train", "test", "validation"),
    [
        ("train/{}", "test/{}", "val/{}"),
        ("Training/{}", "TESTING/{}", "Validation/{}"),
        ("train/{}", "test/{}", ""),
        ("training_set/training_set/{}", "test_set/test_set/{}", "dev_set/{}"),
        ("images/train/{}", "images/test/{}", "images/valid/{}"),
        ("{}/train", "{}/test", "{}/val"),
    ],
)
def test_folders_of_a_split_are_the_split(tmp_path: Path, train: str, test: str, validation: str) -> None:
    root = tmp_path / "pets"
    held, others = set(), set()
    for kind in ("cat", "dog"):
        _grey(root / train.format(kind), 20)
        held |= {array.tobytes() for array in _grey(root / test.format(kind), 7)}
        if validation:
            others |= {array.tobytes() for array in _grey(root / validation.format(kind), 6)}
    data = load_dataset(f"folder:{root}", tmp_path / "data")
    assert data.classes == ("cat", "dog")
    assert _images(data.test) == held
    assert data.split["test"] == "the 14 test pictures"
    assert not _images(data.train) & (held | others)
    assert _images(data.validation) == others if validation else len(data.train) + len(data.validation) == 40


def test_pictures_outside_of_the_split_are_told_and_never_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("train", "test"):
        _grey(tmp_path / "a" / part / "cat", 15)
        _grey(tmp_path / "a" / part / "dog", 15)
    masks = {array.tobytes() for array in _grey(tmp_path / "a" / "masks", 9)}
    data = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    assert data.classes == ("cat", "dog")
    assert not masks & (_images(data.train) | _images(data.validation) | _images(data.test))
    assert "9 pictures are left out, as they lie outside of the folders of its split" in capsys.readouterr().err


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    for kind in ("bus", "train"):
        _grey(tmp_path / "a" / kind, 20)
    assert load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data").classes == ("bus", "train")


def test_classes_are_of_readable_pictures_in_natural_order(tmp_path: Path) -> None:
    for number in range(12):
        _grey(tmp_path / "a" / str(number), 4)
    (tmp_path / "a" / "labels.csv").write_text("name,label")
    (tmp_path / "a" / "annotations").mkdir()
    (tmp_path / "a" / "annotations" / "0.xml").write_text("<annotation/>")
    data = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    assert data.classes == tuple(map(str, range(12)))
    assert set(data.gallery.labels.tolist()) == set(data.train.labels.tolist()) == set(range(12))


def test_a_table_beside_the_pictures_gives_labels_and_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a"
    pictures = _grey(folder / "pictures", 40)
    names = sorted((folder / "pictures").iterdir(), key=lambda file: natural_key(file.name))
    rows = [f"pictures/{file.name},{k / 4},{'ab'[k % 2]},{k % 3}" for k, file in enumerate(names) if k != 7]
    (folder / "labels.csv").write_text("\n".join(["file,age,kind,label", *rows, "pictures/gone.png,1,a,0"]))
    data = load_dataset(f"folder:{folder}", tmp_path / "data")
    told = capsys.readouterr().err
    assert "kept as columns: age, kind" in told and "labels.csv" not in told
    assert data.classes[:3] == ("0", "1", "2")
    place = {array.tobytes(): k for k, array in enumerate(pictures)}
    for split in (data.train, data.validation, data.test, data.gallery):
        for i, image in enumerate(split.images):
            k = place[image.tobytes()]
            age, kind = split.columns["age"].values[i], split.columns["kind"].values[i]
            assert (split.labels[i], kind) == ((3, -1) if k == 7 else (k % 3, k % 2)) or split.labels[i] == -1
            assert np.isnan(age) if k == 7 else age == k / 4


def test_folders_are_the_labels_where_a_table_has_some_too(tmp_path: Path) -> None:
    for kind in ("cat", "dog"):
        _grey(tmp_path / "a" / kind, 15)
    rows = [f"{file.stem},{file.parent.name}-like" for file in sorted((tmp_path / "a").glob("*/*.png"))]
    (tmp_path / "a" / "labels.csv").write_text("\n".join(["id,label", *rows]))
    data = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    assert data.classes == ("cat", "dog")


def test_names_with_numbers_are_in_natural_order(tmp_path: Path) -> None:
    names = ["img2.png", "img10.png", "Img1.png", "a.png", "B.png"]
    assert sorted(names, key=natural_key) == ["a.png", "B.png", "Img1.png", "img2.png", "img10.png"]
    assert natural_key("9" * 5000) < natural_key("1" + "0" * 5000)


def test_rare_classes_are_held_out_or_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        _grey(tmp_path / "a" / f"rare {number}", 2)
    _grey(tmp_path / "a" / "common", 20)
    _grey(tmp_path / "a" / "single", 1)
    (tmp_path / "a" / "rare 3" / "2.png").write_bytes((tmp_path / "a" / "rare 3" / "0.png").read_bytes()[:90])
    data = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    assert data.classes == ("common", *(f"rare {number}" for number in range(30)))
    assert set(data.gallery.labels.tolist()) == set(range(31))
    assert set(data.train.labels.tolist()) == set(range(-1, 31))
    assert "there are too few to hold one out: single" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("high", "dtype", "extension", "noted"),
    [
        (2, np.uint8, "png", "white is 1 in those of 8 bits"),
        (16, np.uint8, "png", "white is 15 in those of 8 bits"),
        (4096, np.uint16, "png", "white is 4095 in those of 16 bits"),
        (4096, np.uint16, "tif", "white is 4095 in those of 16 bits"),
        (65536, np.uint16, "png", ""),
        (65536, np.uint16, "pgm", ""),
        (256, np.uint8, "png", ""),
        (200, np.uint8, "png", ""),
    ],
)
def test_every_range_of_pictures_fills_black_to_white(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], high: int, dtype: type, extension: str, noted: str
) -> None:
    arrays = _grey(tmp_path / "a", 30, high, dtype, extension)
    white = 255 if high == 200 else high - 1
    expected = {np.round(array * (255 / white)).astype(np.uint8).tobytes() for array in arrays}
    for _ in range(2):  # from the cache, too
        data = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
        assert _images(data.train) | _images(data.validation) | _images(data.test) == expected
        told = capsys.readouterr().err
        assert noted in told and ("taken as white" in told) == bool(noted)


def test_black_and_white_and_dark_colours(tmp_path: Path) -> None:
    for index in range(30):
        bits = np.random.default_rng(index).integers(0, 2, (8, 8)).astype(bool)
        (tmp_path / "bits").mkdir(exist_ok=True)
        (tmp_path / "dark").mkdir(exist_ok=True)
        Image.fromarray(bits).save(tmp_path / "bits" / f"{index}.png")
        dark = Image.fromarray(np.stack([bits, ~bits, bits], axis=-1).astype(np.uint8) * 5)
        dark.putalpha(255)
        dark.save(tmp_path / "dark" / f"{index}.png")
    for name in ("bits", "dark"):
        images = load_dataset(f"folder:{tmp_path / name}", tmp_path / "data").train.images
        assert np.unique(images).tolist() == [0, 255]


def test_home_and_strange_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for kind in (b"caf\xe9", b"a\nb"):
        _grey(Path(os.fsdecode(os.fsencode(tmp_path) + b"/own/" + kind)), 12)
    data = load_dataset("folder:~/own", Path("~/data"))
    assert data.name == "folder:~/own"
    assert data.classes == ("a\\nb", "caf\\udce9")
    assert list((tmp_path / "data" / "folders").iterdir())


def test_the_cache_is_used_and_made_anew_when_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(tmp_path / "a", 30)
    first = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    (cache,) = (tmp_path / "data" / "folders").iterdir()
    before = (cache / "train.npy").stat().st_mtime_ns
    with monkeypatch.context() as patch:
        patch.setattr("training.data.picture_cache.read_picture", None)
        load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    Image.new("L", (8, 8), 255).save(tmp_path / "a" / "030.png")
    second = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    assert len(second.train) == len(first.train) + 1
    assert (cache / "train.npy").stat().st_mtime_ns != before
    assert [path.name for path in (tmp_path / "data" / "folders").iterdir()] == [cache.name]
    (cache / "train.npy").write_bytes((cache / "train.npy").read_bytes()[:-5])
    with pytest.raises(UserError, match=r"train.npy: damaged; delete .* and run again"):
        load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")


def test_unreadable_files_are_told_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _fill(tmp_path / "a", 40)
    (tmp_path / "a" / "empty.png").write_bytes(b"")
    (tmp_path / "a" / "cut.png").write_bytes((tmp_path / "a" / "000.png").read_bytes()[:100])
    (tmp_path / "a" / "notes.txt").write_text("not a picture")
    for _ in range(2):
        data = load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
        told = capsys.readouterr().err
        assert "note: 3 files are left out, as they cannot be used" in told
        assert "empty.png: empty file" in told and "notes.txt: not a picture" in told and "cut.png: " in told
    assert len(data.train) + len(data.validation) + len(data.test) == 40
    for index in range(30):
        (tmp_path / "a" / f"more{index}.txt").write_text("")
    load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    told = capsys.readouterr().err
    (cache,) = (tmp_path / "data" / "folders").iterdir()
    assert f"33 files are left out, as they cannot be used; all are listed in {cache / 'skipped.txt'}" in told
    assert len((cache / "skipped.txt").read_text().splitlines()) == 33
    assert len(told.split("note:")[1].splitlines()) == 11


def test_sizes_and_colours(tmp_path: Path) -> None:
    _fill(tmp_path / "mixed", 15, (10, 10), "L")
    _fill(tmp_path / "mixed" / "colour", 15, (20, 9), "RGB")
    data = load_dataset(f"folder:{tmp_path / 'mixed'}", tmp_path / "data")
    assert data.image_shape == (3, 64, 64)
    assert data.classes == ("(beside the folders)", "colour")
    _fill(tmp_path / "large", 20, (200, 150), "L")
    assert load_dataset(f"folder:{tmp_path / 'large'}", tmp_path / "data").image_shape == (1, 64, 64)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder:nowhere", "not a folder"),
        ("folder:empty", "0 files in it, at least 20 pictures are needed"),
        ("folder:texts", "none of its .* files can be read as a picture"),
        ("folder:", "not one of mnist, "),
        ("pets", "not one of mnist, .*folder:PATH"),
    ],
)
def test_folders_that_are_none_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    for index in range(25):
        (tmp_path / "texts" / f"{index}.txt").write_text("text")
    with pytest.raises(UserError, match=message) as refused:
        load_dataset(name, tmp_path / "data")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "data").exists() or not list((tmp_path / "data" / "folders").iterdir())


def test_sizes_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for size in ((), (3,), (8, 8, 8), (600,), (8, 0)):
        with pytest.raises(UserError, match=r"--image-size .* numbers from 4 to 512"):
            FitOptions(out=tmp_path, dataset="folder:x", image_size=size)
    with pytest.raises(UserError, match="the images of digits have a size"):
        load_dataset("digits", tmp_path, (8, 8))


def test_a_run_on_a_folder_of_colour_without_labels(tmp_path: Path) -> None:
    _fill(tmp_path / "a", 60, (12, 16), "RGB")
    options = FitOptions(
        out=tmp_path / "a-runs" / "elbo",
        dataset=f"folder:{tmp_path / 'a'}",
        data_dir=tmp_path / "data",
        image_size=(8, 12),
        hidden_dims=(16,),
        epochs=2,
        batch_size=16,
    )
    metrics = fit(options)
    config = checkpoint.load_config(options.out)
    assert config.model.image_shape == (3, 8, 12)
    assert config.model.likelihood == "continuous-bernoulli"
    assert config.dataset["classes"] == ["image"]
    assert metrics["neighbour_accuracy"] is None
    gallery = checkpoint.load_gallery(options.out.parent / "gallery.safetensors", config.dataset["gallery_sha256"])
    assert gallery["images"].shape == (12, 3, 8, 12)
    again = evaluate(options.out, tmp_path / "data", quick=True)
    assert again["elbo"] == pytest.approx(metrics["elbo"], abs=1e-3)
    (tmp_path / "a" / "000.png").unlink()
    for index in range(10):
        Image.new("RGB", (8, 8)).save(tmp_path / "a" / f"new{index}.png")
    with pytest.raises(UserError, match="holds other images than those that the run was trained on"):
        evaluate(options.out, tmp_path / "data", quick=True)


def test_batches_come_from_the_file_and_are_what_they_were(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (50, 3, 4, 5), np.uint8)
    np.save(tmp_path / "a.npy", images)
    mapped = Split(np.load(tmp_path / "a.npy", mmap_mode="r"), np.zeros(50, np.int64))
    index = np.array([3, 49, 0, 3])
    taken = mapped.take(index)
    assert np.array_equal(taken, images[index])
    assert type(taken) is np.ndarray and taken.base is None and taken.flags.writeable
    assert np.array_equal(Split(images, np.zeros(50, np.int64)).take(index), images[index])


def test_a_kill_while_the_cache_is_written_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(tmp_path / "a", 30)
    calls = []

    def killed(*args: object) -> None:
        calls.append(args)
        if len(calls) == 10:
            raise KeyboardInterrupt
        return np.zeros((1, 8, 8), np.uint8)

    with monkeypatch.context() as patch:
        patch.setattr("training.data.picture_cache.read_picture", killed)
        with pytest.raises(KeyboardInterrupt):
            load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data")
    assert list((tmp_path / "data" / "folders").iterdir()) == []
    assert len(load_dataset(f"folder:{tmp_path / 'a'}", tmp_path / "data").train) == 24
