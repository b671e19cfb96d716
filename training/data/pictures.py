"""One picture file, of whatever kind and size, made an image of a data set."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from training.data.picture_kinds import SNIFFED, what_it_is
from training.errors import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image as ImageFile

# Those of pictures; not EPS and the like, for which Pillow would start other programs.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM", "TGA", "ICO")
MAX_PIXELS = 64_000_000  # 256 MB as RGBA
MAX_SIDE = 65_535  # each row takes memory of its own, however short it is
GREY_MODES = ("1", "L", "LA", "I;16", "I;16L", "I;16B")
SIXTEEN_BITS = ("I;16", "I;16L", "I;16B")
UNKNOWN_RANGE = ("I", "F")
PLAIN_MODES = ("L", "LA", "RGB", "RGBA")  # whose values are brightness, as those of a palette are not


FULL = {8: 255.0, 16: 65535.0}  # white, by bits
Source = Path | BinaryIO


class UnreadablePicture(ValueError):
    """A file is no picture that can be used; the message says why."""


@dataclass(frozen=True)
class Look:
    """What a file's header says: whether its pixels are grey, its height and width as it is to be seen, its bits.

    `bits`: 8 or 16 for each value of brightness; 0 for black and white alone, and for a palette.
    """

    grey: bool
    size: tuple[int, int]
    bits: int


def look(source: Source) -> Look:
    """A picture's header, quickly; raises UnreadablePicture."""
    with _opened(source) as image:
        turned = image.getexif().get(0x0112, 1) >= 5  # the camera lay on its side
        size = (image.width, image.height) if turned else (image.height, image.width)
        bits = 16 if _is_deep(image) else 8 if image.mode in PLAIN_MODES else 0
        return Look(image.mode in GREY_MODES or _is_deep(image), size, bits)


def highest_value(source: Source) -> int:
    """The highest brightness of a picture of 8 or 16 bits, 0 to 255 or 65,535; raises UnreadablePicture."""
    with _opened(source) as image:
        if _is_deep(image):
            return int(np.asarray(image).max())
        bands = image.split()[: len(image.getbands()) - image.mode.endswith("A")]
        return max(int(np.asarray(band).max()) for band in bands)


def read_picture(
    source: Source, channels: int, size: tuple[int, int], whites: Mapping[int, float] | None = None
) -> NDArray[np.uint8]:
    """The picture as uint8 (channels, H, W), channels 1 or 3, for `size` (H, W); raises UnreadablePicture.

    Turned as its camera says, laid on white where it is transparent, 16 bits made 8, the first image of several; cut
    to the ratio of `size` around its middle, then resized by a filter that neither blurs nor aliases (Lanczos).
    `whites`: which value is white in pictures of 8 and 16 bits, if it is not the highest that there is room for.
    """
    from PIL import Image, ImageOps

    height, width = size
    with _opened(source) as image:
        image.draft(None, (2 * max(size), 2 * max(size)))  # a JPEG file need not be decoded in full to be made small
        image.load()
        upright = ImageOps.exif_transpose(image)
        eight_bits = _in_eight_bits(upright, _is_deep(image), {**FULL, **(whites or {})})
        if eight_bits.has_transparency_data:
            eight_bits = eight_bits.convert("RGBA")
            paper = Image.new("RGBA", eight_bits.size, "white")
            eight_bits = Image.alpha_composite(paper, eight_bits)
        plain = eight_bits.convert("L" if channels == 1 else "RGB")
        small = ImageOps.fit(plain, (width, height), Image.Resampling.LANCZOS)
        pixels: NDArray[np.uint8] = np.asarray(small).reshape(height, width, channels).transpose(2, 0, 1)
        return pixels


def _is_deep(image: ImageFile) -> bool:
    """Whether it is of 16 bits; a PGM file of those is told by its 32, which Pillow fills in proportion."""
    return image.mode in SIXTEEN_BITS or (image.mode == "I" and image.format == "PPM")


def _in_eight_bits(image: ImageFile, deep: bool, whites: Mapping[int, float]) -> ImageFile:
    from PIL import Image

    if deep:
        scaled = np.clip(np.asarray(image) * (255 / whites[16]), 0, 255)
        return Image.fromarray(np.round(scaled).astype(np.uint8))
    if image.mode not in PLAIN_MODES or whites[8] == FULL[8]:
        return image
    table = [min(255, round(value * 255 / whites[8])) for value in range(256)]
    of_last = range(256) if image.mode.endswith("A") else table
    return image.point([*table * (len(image.getbands()) - 1), *of_last])


@contextmanager
def _opened(source: Source) -> Iterator[ImageFile]:
    from PIL import Image, UnidentifiedImageError

    Image.init()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a damaged file makes Pillow say; its size is checked below
            with Image.open(source, formats=[kind for kind in FORMATS if kind in Image.OPEN]) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise UnreadablePicture(f"{image.width:,} x {image.height:,} pixels, more than {MAX_PIXELS:,}")
                if max(image.size) > MAX_SIDE:
                    raise UnreadablePicture(f"{image.width:,} x {image.height:,} pixels, a side above {MAX_SIDE:,}")
                if image.mode in UNKNOWN_RANGE and not _is_deep(image):
                    raise UnreadablePicture("32 bits a pixel: no telling which value is white")
                yield image
    except UnreadablePicture:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePicture(what_it_is(_first_bytes(source))) from error
    except Image.DecompressionBombError as error:
        raise UnreadablePicture(f"more than {MAX_PIXELS:,} pixels") from error
    except Exception as error:  # a damaged or hostile file can make a decoder raise anything
        raise UnreadablePicture(one_line(error, 100)) from error


def _first_bytes(source: Source) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(SNIFFED)
    source.seek(0)
    return source.read(SNIFFED)
