"""The data sets there are, by name, and those that a person names: a folder of pictures, a file of arrays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from training.data import celeba, factors, small_sets, torchvision_sets, ujipen
from training.data.array_file import load_hdf5, load_npz, load_safetensors
from training.data.csv_file import load_csv
from training.data.image_data import ImageData, Listing, Split
from training.data.image_folder import load_folder
from training.data.own_images import expanded
from training.data.parquet_file import load_parquet
from training.data.zip_file import load_zip
from training.errors import UserError

__all__ = ["LISTINGS", "ImageData", "Split", "check_name", "list_datasets", "load_dataset"]

LISTINGS: dict[str, Listing] = {
    listing.name: listing
    for listing in (*torchvision_sets.SETS, *small_sets.SETS, *factors.SETS, *ujipen.SETS, *celeba.SETS)
}
FILES: dict[str, Callable[[str], ImageData]] = {
    "npz": load_npz,
    "safetensors": load_safetensors,
    "h5": load_hdf5,
    "csv": load_csv,
}
PICTURES = {"folder": load_folder, "zip": load_zip, "parquet": load_parquet}  # of any size
ARRAY = "an array of images, and labels if there are any"
OWN = {
    "folder:PATH": "pictures of any size and kind, sub-folders as labels or split if there are any",
    "zip:FILE": "the same in an archive, which is unpacked once into DIR/zips",
    "npz:FILE": ARRAY,
    "safetensors:FILE": ARRAY,
    "h5:FILE": ARRAY,
    "csv:FILE": "a column for each pixel, and one of labels if there is one",
    "parquet:FILE": "pictures of any size and kind in a table, and labels if there are any",
}


def check_name(name: str) -> None:
    """Raise UserError for a name that can be no data set's."""
    kind, colon, place = name.partition(":")
    if name not in LISTINGS and not (colon and place and kind in (*PICTURES, *FILES)):
        raise UserError(f"--dataset {name}: not one of {', '.join([*LISTINGS, *OWN])}")


def load_dataset(name: str, data_dir: Path, image_size: tuple[int, int] | None = None) -> ImageData:
    """Load a data set by name, its pictures made `image_size` (H, W) where they are of any size.

    Raises UserError when its files are missing, damaged or out of reach, or for a size where there is one already.
    """
    check_name(name)
    data_dir = expanded(data_dir)
    kind, _, place = name.partition(":")
    if kind in PICTURES:
        return PICTURES[kind](place, data_dir, image_size)
    if name == "celeba":
        return celeba.load_celeba(data_dir, image_size)
    if image_size:
        raise UserError(f"--image-size: the images of {name} have a size; leave it out")
    return FILES[kind](place) if kind in FILES else LISTINGS[name].load(data_dir)


def list_datasets(data_dir: Path) -> str:
    """A line for each data set: its name, whether it is on this machine, its size, licence and source."""
    data_dir = expanded(data_dir)
    rows = [("name", "here", "size", "licence", "source")]
    for listing in LISTINGS.values():
        here = "yes" if listing.is_here(data_dir) else "no"
        rows.append((listing.name, here, listing.size, listing.licence, listing.source))
    rows += [(name, "", what, "", "your own") for name, what in OWN.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)
