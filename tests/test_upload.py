"""Uploads: 200 hostile files give one line each, good ones come out upright, over white, grey and small."""

from __future__ import annotations

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from explorer.views.upload import MAX_BYTES, SIDE, UploadError, read_upload
from training.data.pictures import UnreadablePicture, read_picture


def _file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def _hostile() -> list[bytes]:
    rng = random.Random(0)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 40, 3), dtype=np.uint8))
    good = [_file(noise), _file(noise, "JPEG"), _file(noise.convert("CMYK"), "JPEG"), _file(noise.convert("P"))]
    files = [b"", b"\0" * 100, b"<svg xmlns='http://www.w3.org/2000/svg'/>", np.full(99, np.nan).tobytes()]
    files += [_file(noise, kind) for kind in ("GIF", "WEBP", "TIFF", "BMP")]
    files += [_header(w, h) for w, h in ((4001, 4000), (60_000, 60_000), (2**31 - 1, 2**31 - 1), (0, 5), (1, 20_000))]
    files += [b"\x89PNG" + b"\0" * (MAX_BYTES + 1)]
    while len(files) < 200:
        data = bytearray(rng.choice(good))
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        for _ in range(rng.randrange(1, 30)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        files.append(bytes(data))
    return files


def test_hostile_files_give_a_picture_or_one_line() -> None:
    refused = 0
    for data in _hostile():
        try:
            assert max(read_upload(data).pixels.shape) <= SIDE
        except UploadError as error:
            refused += 1
            assert str(error).endswith(".") and "\n" not in str(error) and len(str(error)) < 120
    assert refused > 50


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_keeps_black_and_white(mode: str) -> None:
    half = np.zeros((40, 40), dtype=np.uint8)
    half[:, 20:] = 255
    image = Image.fromarray(half)
    image = Image.fromarray(half.astype(np.uint16) * 257) if mode == "I;16" else image.convert(mode)
    pixels = read_upload(_file(image, "JPEG" if mode == "CMYK" else "PNG")).pixels
    assert pixels[:, :16].max() < 12 and pixels[:, 24:].min() > 243


def test_transparent_is_white_and_a_turned_photo_upright() -> None:
    assert read_upload(_file(Image.new("RGBA", (9, 9), (0, 0, 0, 0)))).pixels.min() == 255
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_upload(_file(Image.new("L", (30, 10)), "JPEG", exif=exif)).pixels.shape == (30, 10)


def test_long_thin_and_large_pictures_are_reduced() -> None:
    for size in ((1, 20_000), (20_000, 1), (4000, 4000)):
        assert max(read_upload(_file(Image.new("L", size))).pixels.shape) <= SIDE


@pytest.mark.parametrize(("width", "height"), [(1, 16_000_000), (16_000_000, 1), (1, 65_536)])
def test_a_picture_of_many_short_rows_is_refused_by_its_header(width: int, height: int) -> None:
    chunk = b"IDAT" + zlib.compress(bytes(height * (width + 1)))
    data = _header(width, height) + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with pytest.raises(UploadError, match=f"{width:,} × {height:,} pixels; at most 65,535 a side"):
        read_upload(data)
    with pytest.raises(UnreadablePicture, match="a side above 65,535"):
        read_picture(io.BytesIO(data), 1, (28, 28))
