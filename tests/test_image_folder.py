"""`folder:PATH`: pictures of every kind and state, labels, the cache, and training without holding them in memory."""

import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from training import checkpoint
from training.data import pictures
from training.data.datasets import load_dataset
from training.data.image_data import Split
from training.data.natural_order import natural_key
from training.data.pictures import UnreadablePicture, look, read_picture
from training.errors import UserError
from training.options import FitOptions
from training.run import evaluate, fit

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


def _fill(folder: Path, count: int, size: tuple[int, int] = (8, 8), mode: str = "L", seed: int = 0) -> None:
    """Pictures of noise."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    for index in range(count):
        pixels = generator.integers(0, 256, (*size, 3), np.uint8)
        Image.fromarray(pixels).convert(mode).save(folder / f"{index:03}.png")


# ---- one picture


def test_the_camera_s_turn_is_undone(tmp_path: Path) -> None:
    upright = Image.new("RGB", (16, 32), RED)
    upright.paste(GREEN, (0, 16, 16, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its left side
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.png", exif=exif)
    assert look(tmp_path / "a.png").size == (32, 16)
    pixels = read_picture(tmp_path / "a.png", 3, (32, 16))
    assert pixels[:, 4, 8].tolist() == list(RED)
    assert pixels[:, 28, 8].tolist() == list(GREEN)


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 4, 8))
    clear.save(tmp_path / "a.png")
    clear.convert("P").save(tmp_path / "b.gif", transparency=clear.convert("P").getpixel((7, 0)))
    Image.new("LA", (8, 8), (0, 128)).save(tmp_path / "c.png")
    pixels = read_picture(tmp_path / "a.png", 3, (8, 8))
    assert pixels[:, 4, 0].tolist() == list(RED)
    assert pixels[:, 4, 7].tolist() == list(WHITE)
    assert read_picture(tmp_path / "b.gif", 3, (8, 8))[:, 4, 7].tolist() == list(WHITE)
    assert read_picture(tmp_path / "c.png", 1, (8, 8))[0, 0, 0] == pytest.approx(127, abs=1)
    assert look(tmp_path / "c.png").grey
    assert not look(tmp_path / "a.png").grey


def test_palettes_sixteen_bits_and_moving_pictures_are_read(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), RED).convert("P").save(tmp_path / "palette.png")
    assert read_picture(tmp_path / "palette.png", 3, (4, 4))[:, 0, 0].tolist() == list(RED)
    deep = np.full((8, 8), 65535, np.uint16)
    deep[:4] = 32896  # 128 * 257
    Image.fromarray(deep).save(tmp_path / "deep.png")
    Image.fromarray(deep).save(tmp_path / "deep.tif")
    for name in ("deep.png", "deep.tif"):
        assert look(tmp_path / name).grey
        assert np.unique(read_picture(tmp_path / name, 1, (8, 8))).tolist() == [128, 255]
    frames = [Image.new("RGB", (8, 8), color) for color in (GREEN, RED)]
    for name in ("moving.gif", "moving.png", "moving.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], lossless=True)
        assert read_picture(tmp_path / name, 3, (8, 8))[:, 0, 0].tolist() == list(GREEN)
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "print.jpg")
    assert read_picture(tmp_path / "print.jpg", 3, (8, 8))[0, 0, 0] > 200


def test_resizing_keeps_the_middle_the_ratio_and_the_mean(tmp_path: Path) -> None:
    wide = Image.new("RGB", (60, 20), WHITE)
    wide.paste(RED, (20, 0, 40, 20))
    wide.save(tmp_path / "wide.png")
    square = read_picture(tmp_path / "wide.png", 3, (10, 10))
    assert (square[0] == 255).all() and square[1:, :, 2:8].max() <= 1
    assert read_picture(tmp_path / "wide.png", 3, (10, 30)).shape == (3, 10, 30)
    stripes = np.zeros((256, 256), np.uint8)
    stripes[::2] = 255  # too fine for the small image: must become grey, not stripes of its own
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    small = read_picture(tmp_path / "stripes.png", 1, (20, 20))
    assert np.abs(small[0, 2:-2].astype(int) - 128).max() < 12
    photo = Image.fromarray(stripes).convert("RGB").resize((2000, 2000))
    photo.save(tmp_path / "photo.jpg")
    assert np.abs(read_picture(tmp_path / "photo.jpg", 3, (16, 16)).astype(int).mean() - 128) < 6


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "huge", "bomb", "float", "script"])
def test_what_cannot_be_used_is_refused_with_its_reason(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.png"
    reason = {
        "empty": "empty file",
        "text": "not a picture",
        "cut": "truncated",
        "huge": "40 x 40 pixels, more than 1,000",
        "bomb": "more than",
        "float": "32 bits a pixel",
        "script": "not a picture",
    }[kind]
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)).save(file)
    if kind == "empty":
        file.write_bytes(b"")
    elif kind == "text":
        file.write_text("no picture")
    elif kind == "cut":
        file.write_bytes(file.read_bytes()[:2000])
    elif kind == "huge":
        monkeypatch.setattr(pictures, "MAX_PIXELS", 1_000)
    elif kind == "bomb":  # 65,500 x 65,500 pixels in a few kilobytes
        Image.new("1", (1, 1)).save(file)
        data = bytearray(file.read_bytes())
        data[16:24] = (65_500).to_bytes(4, "big") * 2
        data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
        file.write_bytes(data)
    elif kind == "float":
        Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "a.tif")
        file = tmp_path / "a.tif"
    elif kind == "script":  # Pillow would start Ghostscript
        file.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(UnreadablePicture, match=reason):
        read_picture(file, 3, (8, 8))


def test_a_thousand_damaged_pictures_raise_nothing_else(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    whole = []
    for kind in ("png", "jpg", "gif", "tif", "webp", "bmp", "jp2", *(["avif"] if features.check("avif") else [])):
        file = tmp_path / f"a.{kind}"
        Image.fromarray(generator.integers(0, 256, (12, 12, 3), np.uint8)).save(file)
        whole.append((file, file.read_bytes()))
    refused = 0
    for _ in range(1000):
        file, data = whole[generator.integers(len(whole))]
        broken = bytearray(data)
        for place in generator.integers(0, len(data), 3):
            broken[place] = generator.integers(256)
        file.write_bytes(broken[: generator.integers(1, len(data) + 1)])
        try:
            assert read_picture(file, 3, (8, 8)).shape == (3, 8, 8)
        except UnreadablePicture as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 100


# ---- a folder of them


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


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow cannot read AVIF")
def test_avif_pictures_are_read(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), RED).save(tmp_path / "a.avif")
    assert look(tmp_path / "a.avif").size == (16, 16)
    assert read_picture(tmp_path / "a.avif", 3, (8, 8))[0].min() > 245
    Image.new("RGB", (16, 16), RED).save(tmp_path / "a.jp2")
    assert read_picture(tmp_path / "a.jp2", 3, (8, 8))[0].min() > 245


@pytest.mark.parametrize(
    ("beginning", "what"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "an AVIF picture"),
        (b"\xff\x0a\x00", "a JPEG XL picture"),
        (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
        (b"v/1\x01\x02", "an OpenEXR picture"),
        (b"\0" * 128 + b"DICM", "a DICOM picture"),
        (b"8BPS\0\1", "a Photoshop picture"),
        (b"\x93NUMPY\1\0", "a NumPy array"),
        (b"\0\0\0\x18ftypisom", "a film"),
    ],
)
def test_kinds_that_cannot_be_read_are_named(tmp_path: Path, beginning: bytes, what: str) -> None:
    (tmp_path / "a").write_bytes(beginning + b"\0" * 200)
    with pytest.raises(UnreadablePicture, match=what):
        look(tmp_path / "a")


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
