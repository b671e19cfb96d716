"""CelebA through torchvision: its official splits, cut to the faces and made smaller."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.data.download import one_line_errors
from training.data.image_data import MAX_HELD_OUT, ImageData, Listing, Split, with_gallery
from training.data.picture_cache import files_as_pictures, load_pictures
from training.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SOURCE = "CelebA, Z. Liu, P. Luo, X. Wang, X. Tang, The Chinese University of Hong Kong"
LICENCE = "other: non-commercial research only"
CLASSES = ("not smiling", "smiling")
ATTRIBUTE = 31  # Smiling, of the 40
SIZE = (64, 64)
PARTS = {"train": None, "valid": MAX_HELD_OUT, "test": MAX_HELD_OUT}  # at most so many of each


def load_celeba(data_dir: Path, size: tuple[int, int] | None = None) -> ImageData:
    """Faces as colour images of `size` (H, W), 64 x 64 if not given; raises UserError.

    torchvision downloads it, by gdown; or its files are in `data_dir`/celeba.
    """
    from torchvision.datasets import CelebA

    hint = f"put its files in {data_dir / 'celeba'} as torchvision keeps them, or use --dataset mnist5k"
    with one_line_errors(f"CelebA is not in {data_dir}", hint):
        sets = {part: CelebA(str(data_dir), split=part, download=not _is_here(data_dir)) for part in PARTS}
    paths: list[Path] = []
    labels: list[int] = []
    places: dict[str, range] = {}
    for part, most in PARTS.items():
        source = sets[part]
        names = source.filename[:most]
        places[{"valid": "validation"}.get(part, part)] = range(len(paths), len(paths) + len(names))
        paths += [data_dir / "celeba" / "img_align_celeba" / name for name in names]
        labels += source.attr[: len(names), ATTRIBUTE].tolist()
    height, width = size or SIZE
    cache = data_dir / "folders" / f"celeba-{height}x{width}"
    divide = partial(_divided, places)
    _, cached = load_pictures(cache, files_as_pictures(paths, list(map(len, places.values()))), (height, width), divide)
    split = {part: Split(found.images, np.array(labels, np.int64)[found.index]) for part, found in cached.items()}
    return with_gallery(
        split,
        {
            "train": f"the {len(split['train']):,} training images",
            "validation": f"the first {len(split['validation']):,} validation images",
            "test": f"the first {len(split['test']):,} test images",
        },
        name="celeba",
        classes=CLASSES,
        source=SOURCE,
        licence=LICENCE,
        shareable=False,
    )


def _divided(places: dict[str, range], readable: NDArray[np.int64], image_bytes: int) -> dict[str, NDArray[np.int64]]:
    """The official parts, of the pictures that can be read."""
    parts = {part: readable[(readable >= there.start) & (readable < there.stop)] for part, there in places.items()}
    for part, chosen in parts.items():
        if not len(chosen):
            raise UserError(f"CelebA: none of the {len(places[part]):,} {part} pictures can be read")
    return parts


def _is_here(data_dir: Path) -> bool:
    return (data_dir / "celeba" / "img_align_celeba").is_dir()


SETS = (
    Listing("celeba", "202,599 images, 178x218 made 64x64, colour, 2 classes", SOURCE, LICENCE, _is_here, load_celeba),
)
