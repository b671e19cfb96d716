"""One picture file: every kind and state of it, read as it will be used or refused with its reason."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from training.data import pictures
from training.data.pictures import UnreadablePicture, look, read_picture

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


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
