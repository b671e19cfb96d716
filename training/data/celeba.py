"""CelebA through torchvision: its official splits, cut to the faces and made smaller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.data.download import one_line_errors
from training.data.image_data import MAX_HELD_OUT, ImageData, Listing, with_gallery
from training.data.picture_cache import Parts, Picture, load_pictures

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
    folder = data_dir / "celeba" / "img_align_celeba"
    parts: Parts = {
        {"valid": "validation"}.get(part, part): _pictures(folder, sets[part], most) for part, most in PARTS.items()
    }
    height, width = size or SIZE
    split = load_pictures(data_dir / "folders" / f"celeba-{height}x{width}", parts, (height, width))
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


def _pictures(folder: Path, source: Any, most: int | None) -> list[Picture]:
    smiling = source.attr[:, ATTRIBUTE].tolist()
    return [Picture(folder / name, label) for name, label in zip(source.filename, smiling, strict=True)][:most]


def _is_here(data_dir: Path) -> bool:
    return (data_dir / "celeba" / "img_align_celeba").is_dir()


SETS = (
    Listing("celeba", "202,599 images, 178x218 made 64x64, colour, 2 classes", SOURCE, LICENCE, _is_here, load_celeba),
)
