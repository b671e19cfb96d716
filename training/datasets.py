"""The data sets there are, by name."""

from __future__ import annotations

from pathlib import Path

from training import small_sets, torchvision_sets, ujipen
from training.errors import UserError
from training.image_data import ImageData, Listing, Split

__all__ = ["LISTINGS", "ImageData", "Split", "check_name", "load_dataset"]

LISTINGS: dict[str, Listing] = {
    listing.name: listing for listing in (*torchvision_sets.SETS, *small_sets.SETS, *ujipen.SETS)
}


def check_name(name: str) -> None:
    """Raise UserError for a name that is no data set's."""
    if name not in LISTINGS:
        raise UserError(f"--dataset {name}: not one of {', '.join(LISTINGS)}")


def load_dataset(name: str, data_dir: Path) -> ImageData:
    """Load a data set by name; raises UserError when its files are missing, truncated or out of reach."""
    check_name(name)
    return LISTINGS[name].load(data_dir)
