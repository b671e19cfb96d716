"""An uploaded picture made small and grey, for Reconstruct; nothing in it is trusted."""

from __future__ import annotations

import io
import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, UnidentifiedImageError

MAX_BYTES = 5 * 2**20
MAX_PIXELS = 16_000_000
MAX_SIDE = 65_535  # each row takes memory of its own, however short it is
SIDE = 512  # the longest side that the browser gets
FORMATS = {"PNG": "PNG", "JPEG": "JPEG", "MPO": "JPEG"}  # MPO: a JPEG with more pictures behind the first
# A progressive JPEG is decoded as a whole, once over for every scan in it.
MAX_COEFFICIENT_BYTES = 48_000_000
MAX_SCANNED_PIXELS = 12 * MAX_PIXELS
BAND = 16  # rows of the result at a time: the picture itself is the only large thing in memory
EXIF_ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Comments and colour profiles are of no use here, but could be packed to a thousandth of their size.
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 2**18


class UploadError(ValueError):
    """Why a file cannot be used, in one line for the person who sent it."""


@dataclass(frozen=True)
class Upload:
    """Grey pixels (H, W) uint8, no side longer than SIDE, and in words what was done to get there."""

    pixels: NDArray[np.uint8]
    steps: tuple[str, ...]


def read_upload(data: bytes) -> Upload:
    """The picture in a PNG or JPEG file: upright, over white where it is transparent, grey and small.

    Raises UploadError for anything else, for more than 5 MB or 16 megapixels, and for a damaged file.
    """
    if not data:
        raise UploadError("This file is empty: choose a PNG or JPEG picture.")
    if len(data) > MAX_BYTES:
        raise UploadError(too_large())
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            return _read(image, data)
    except UploadError:
        raise
    except Image.DecompressionBombError as error:
        raise UploadError(_too_many_pixels("far more")) from error
    except UnidentifiedImageError as error:
        raise UploadError("This file is no PNG or JPEG picture: save the picture as one of these.") from error
    except Exception as error:  # a file can be damaged in more ways than the decoders have names for
        raise UploadError("This file is damaged or cut short: save the picture again and upload that.") from error


def too_large() -> str:
    """The line on a file with too many bytes."""
    return f"This file is larger than {MAX_BYTES // 2**20} MB: make the picture smaller and upload that."


def _read(image: Image.Image, data: bytes) -> Upload:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UploadError(_too_many_pixels(f"{width * height / 1e6:.1f}"))
    if max(width, height) > MAX_SIDE:
        raise UploadError(f"This picture has {width:,} × {height:,} pixels; at most {MAX_SIDE:,} a side are read.")
    steps = [f"{FORMATS[str(image.format)]} of {width} × {height} pixels"]
    if image.info.get("progressive") or image.info.get("progression"):
        _check_progressive(image, data)
    orientation = None
    with suppress(Exception):  # a note that cannot be read is as good as none
        orientation = image.getexif().get(EXIF_ORIENTATION)
    image.draft("L", (SIDE, SIDE))
    image.load()
    transparent = image.has_transparency_data and not image.mode.startswith("I")
    grey = _shrunk(image, transparent)
    if transparent:
        steps.append("laid over white")
    if grey.size != (width, height):
        steps.append(f"reduced to {grey.width} × {grey.height}")
    if orientation in UPRIGHT:
        grey = grey.transpose(UPRIGHT[orientation])
        steps.append("turned upright")
    return Upload(np.asarray(grey, dtype=np.uint8), tuple(steps))


def _check_progressive(image: Image.Image, data: bytes) -> None:
    pixels = image.width * image.height
    samplings = [(layer[1], layer[2]) for layer in getattr(image, "layer", ())]
    across, down = (max((sampling[axis] for sampling in samplings), default=1) for axis in (0, 1))
    share = sum(h * v for h, v in samplings) / (across * down)
    scans = data.count(b"\xff\xda")
    if 2 * share * pixels > MAX_COEFFICIENT_BYTES or scans * pixels > MAX_SCANNED_PIXELS:
        raise UploadError("This progressive JPEG is too costly to open: save it as a plain JPEG or with fewer pixels.")


def _shrunk(image: Image.Image, transparent: bool) -> Image.Image:
    """Grey, with whole blocks of pixels averaged until the longest side fits."""
    factor = math.ceil(max(image.size) / SIDE)
    small = Image.new("L", (math.ceil(image.width / factor), math.ceil(image.height / factor)))
    for top in range(0, image.height, BAND * factor):
        band = image.crop((0, top, image.width, min(top + BAND * factor, image.height)))
        small.paste(_grey(band, transparent).reduce(factor), (0, top // factor))
    return small


def _grey(image: Image.Image, transparent: bool) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel
        return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if transparent:
        pixels = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", pixels.size, "white"), pixels).convert("L")
    return image.convert("L")


def _too_many_pixels(megapixels: str) -> str:
    return f"This picture has {megapixels} megapixels; at most {MAX_PIXELS // 10**6} are read: make it smaller."
