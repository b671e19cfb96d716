"""One picture file, of whatever kind and size, made an image of a data set."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.errors import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image as ImageFile

# Those of pictures; not EPS and the like, for which Pillow would start other programs.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA", "ICO")
MAX_PIXELS = 64_000_000  # 256 MB as RGBA
GREY_MODES = ("1", "L", "LA", "I;16", "I;16L", "I;16B")
SIXTEEN_BITS = ("I;16", "I;16L", "I;16B")
UNKNOWN_RANGE = ("I", "F")


class UnreadablePicture(ValueError):
    """A file is no picture that can be used; the message says why."""


@dataclass(frozen=True)
class Look:
    """What a file's header says: whether its pixels are grey, its height and width as it is to be seen."""

    grey: bool
    size: tuple[int, int]


def look(path: Path) -> Look:
    """A picture's header, quickly; raises UnreadablePicture."""
    with _opened(path) as image:
        turned = image.getexif().get(0x0112, 1) >= 5  # the camera lay on its side
        return Look(image.mode in GREY_MODES, (image.width, image.height) if turned else (image.height, image.width))


def read_picture(path: Path, channels: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture as uint8 (channels, H, W), channels 1 or 3, for `size` (H, W); raises UnreadablePicture.

    Turned as its camera says, laid on white where it is transparent, 16 bits made 8, the first image of several; cut
    to the ratio of `size` around its middle, then resized by a filter that neither blurs nor aliases (Lanczos).
    """
    from PIL import Image, ImageOps

    height, width = size
    with _opened(path) as image:
        image.draft(None, (2 * max(size), 2 * max(size)))  # a JPEG file need not be decoded in full to be made small
        image.load()
        eight_bits = _in_eight_bits(ImageOps.exif_transpose(image))
        if eight_bits.has_transparency_data:
            eight_bits = eight_bits.convert("RGBA")
            paper = Image.new("RGBA", eight_bits.size, "white")
            eight_bits = Image.alpha_composite(paper, eight_bits)
        plain = eight_bits.convert("L" if channels == 1 else "RGB")
        small = ImageOps.fit(plain, (width, height), Image.Resampling.LANCZOS)
        pixels: NDArray[np.uint8] = np.asarray(small).reshape(height, width, channels).transpose(2, 0, 1)
        return pixels


def _in_eight_bits(image: ImageFile) -> ImageFile:
    from PIL import Image

    if image.mode not in SIXTEEN_BITS:
        return image
    return Image.fromarray(np.round(np.asarray(image) / 257).astype(np.uint8))


@contextmanager
def _opened(path: Path) -> Iterator[ImageFile]:
    from PIL import Image, UnidentifiedImageError

    Image.init()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a damaged file makes Pillow say; its size is checked below
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise UnreadablePicture(f"{image.width:,} x {image.height:,} pixels, more than {MAX_PIXELS:,}")
                if image.mode in UNKNOWN_RANGE:
                    raise UnreadablePicture("32 bits a pixel: no telling which value is white")
                yield image
    except UnreadablePicture:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePicture("empty file" if path.stat().st_size == 0 else "not a picture") from error
    except Image.DecompressionBombError as error:
        raise UnreadablePicture(f"more than {MAX_PIXELS:,} pixels") from error
    except Exception as error:  # a damaged or hostile file can make a decoder raise anything
        raise UnreadablePicture(one_line(error, 100)) from error
