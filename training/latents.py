"""`python -m training latents FILE`: a file of latents as a run without a decoder, for Explore and Compare."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tyro

from training import checkpoint
from training.columns import Columns
from training.data.image_data import MAX_GALLERY_BYTES, NO_LABEL, UNLABELLED
from training.data.labels import NONE
from training.data.latents_file import Latents, read_latents
from training.data.own_images import expanded, note, own_path
from training.data.pictures import UnreadablePicture, look, read_picture
from training.errors import UserError
from training.file_lock import held
from training.model.spec import ModelSpec
from training.options import size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 64  # pixels of a picture, unless another size is asked for or more would not fit a page
LEAST_SIDE = 8
CARD = """\
# Latents alone

{points}, from '{what}' of the file {file}. There is no model: the explorer shows them on
Explore and Compare.{columns}

    from training.checkpoint import load_columns, load_latents

    latents = load_latents("checkpoints/{folder}/{name}")  # mu ({count}, {dim}), label ({count},)
"""


@dataclass(frozen=True, kw_only=True)
class LatentsOptions:
    """Make a run without a decoder of a file of latents: .npy, .npz, .safetensors, .csv, .parquet, .h5 or .h5ad."""

    file: tyro.conf.Positional[Path]
    """Coordinates, a row for each point; other arrays or columns with a value for each are what points can show."""
    out: Path
    """Folder of the checkpoint to write, e.g. checkpoints/cells/scvi."""
    latents: str | None = None
    """Array, obsm key or columns with the coordinates (z, X_umap, "x,y"), if not found by its name."""
    label: str | None = None
    """Array or column with the classes, if not found by its name."""
    images: str | None = None
    """Column with the paths of pictures, from the file's folder on, if not found by its name."""
    image_size: tuple[int, ...] | None = None
    """Height and width, or one number for both, that the pictures are made."""
    overwrite: bool = False
    """Replace a finished checkpoint in --out."""
    seed: int = 0
    """Seed of PCA and UMAP."""

    def __post_init__(self) -> None:
        size_of(self.image_size)
        if not 0 <= self.seed < 2**32:
            raise UserError(f"--seed {self.seed}: must be from 0 to {2**32 - 1}")


def write_latents(options: LatentsOptions) -> str:
    """Write the run; returns a line on it. Raises UserError for a file that holds no latents."""
    with held(options.out):
        return _write(options)


def _write(options: LatentsOptions) -> str:
    out = options.out
    checkpoint.refuse_taken(out, options.overwrite)
    path = own_path(str(options.file))
    found = read_latents(path, options.latents, options.label, options.images)
    count, dim = found.mu.shape
    classes, label = _classes(found)
    latents: dict[str, NDArray[Any]] = {"mu": np.ascontiguousarray(found.mu), "label": label}
    if dim > 2:
        from training.measure.projection import pca_plane, umap_map

        latents |= {**pca_plane(found.mu, options.seed), "umap": umap_map(found.mu, options.seed)}
    images = _pictures(found.paths, path.parent, size_of(options.image_size)) if found.paths else None
    sha256 = _write_gallery(out.parent / checkpoint.GALLERY, images, label) if images is not None else None
    shape = (1, 1, 1) if images is None else images.shape[1:]
    recipe = {
        "objective": "latents",
        "file": path.name,
        "latents": found.what,
        "latent_dim": dim,
        "seed": options.seed,
    }
    checkpoint.write_checkpoint(
        out,
        checkpoint.Contents(
            dataset={
                "name": path.name,
                "classes": classes,
                "source": f"the file {path.name}",
                "licence": "unknown",
                "split": {"gallery": f"{count:,} rows of the file"},
                "gallery_sha256": sha256,
            },
            model=ModelSpec(shape, dim, "none", (), (), "silu", 0.0, "deterministic", "bernoulli"),
            training=recipe,
            versions={"python": platform.python_version(), "numpy": version("numpy")},
            weights={},
            latents=latents,
            trajectory={"epoch": np.zeros(0, np.int64), "mu": np.zeros((0, count, dim), np.float32)},
            history=[],
            metrics={"reconstruction": None, "kl": None, "elbo": None, "held_out_images": count},
            card=_card(options, found.columns, count, dim, found.what),
            columns=found.columns,
        ),
    )
    beside = (
        f"classes: {len(found.labels.classes)}, columns: {len(found.columns)}, pictures: {'yes' if sha256 else 'no'}"
    )
    return f"{out}: {_points(count, dim)}; {beside}"


def _classes(found: Latents) -> tuple[list[str], NDArray[np.int64]]:
    """Names of classes, the last one of points without a label if there are any, and the number of each point."""
    number = found.labels.number
    names = list(found.labels.classes)
    if (number == NONE).any():
        names.append(NO_LABEL if names else UNLABELLED)
    return names, np.where(number == NONE, len(names) - 1, number).astype(np.int64)


def _pictures(paths: list[str], folder: Path, size: tuple[int, int] | None) -> NDArray[np.uint8] | None:
    """(N, C, H, W), those that cannot be read mid-grey; None, and said, if none can be, or if they are too many."""
    files = [folder / expanded(Path(path)) for path in paths]
    looks, problems = {}, {}
    for place, file in enumerate(files):
        try:
            looks[place] = look(file)
        except (UnreadablePicture, OSError) as error:
            problems[place] = f"{file}: {error.strerror if isinstance(error, OSError) else error}"
    if not looks:
        note(str(folder), f"none of {len(files):,} pictures can be read, as {problems[0]}; points have no images")
        return None
    channels = 1 if all(one.grey for one in looks.values()) else 3
    sizes = {one.size for one in looks.values()}
    height, width = size or (sizes.pop() if len(sizes) == 1 and max(next(iter(sizes))) <= SIDE else (SIDE, SIDE))
    while len(files) * channels * height * width > MAX_GALLERY_BYTES and min(height, width) > LEAST_SIDE:
        height, width = max(LEAST_SIDE, height // 2), max(LEAST_SIDE, width // 2)
    if len(files) * channels * height * width > MAX_GALLERY_BYTES:
        note(str(folder), f"{len(files):,} pictures are more than a page can load; points have no images")
        return None
    images = np.full((len(files), channels, height, width), 127, np.uint8)
    for place in looks:
        try:
            images[place] = read_picture(files[place], channels, (height, width))
        except (UnreadablePicture, OSError) as error:
            problems[place] = f"{files[place]}: {error}"
    if problems:
        first = next(iter(problems.values()))
        note(str(folder), f"{len(problems):,} of {len(files):,} pictures cannot be read and are grey, as {first}")
    if size and (height, width) != size:
        note(str(folder), f"pictures are made {height} x {width}: more would not fit a page")
    return images


def _write_gallery(file: Path, images: NDArray[np.uint8], label: NDArray[np.int64]) -> str:
    data, sha256 = checkpoint.format_gallery(images, label)
    if not checkpoint.write_gallery(file, data):
        note(str(file), "holds other images or labels and stays as it is; to have these, name another folder in --out")
    return sha256


def _points(count: int, dim: int) -> str:
    return f"{count:,} point{'' if count == 1 else 's'} in {dim} dimension{'' if dim == 1 else 's'}"


def _card(options: LatentsOptions, columns: Columns, count: int, dim: int, what: str) -> str:
    names = f" Columns: {', '.join(columns)}." if columns else ""
    folder = options.out.resolve().parent.name
    return CARD.format(
        points=_points(count, dim),
        count=count,
        dim=dim,
        what=what,
        file=options.file.name,
        columns=names,
        folder=folder,
        name=options.out.name,
    )
