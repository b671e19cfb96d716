"""Training from a folder of 100,000 pictures: how much memory it takes at most."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.measure import Measure

PICTURES = 100_000
SIDE = 64
CLASSES = 10


def training_folder() -> Measure:
    """Peak memory of `python -m training fit`, one epoch, from colour pictures of 64x64 as they lie in a folder.

    As uint8 they are 1.2 GB, as float 4.9 GB.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        _write_pictures(root / "pictures")
        _fit(root)
        # of the largest process so far: those of other benchmarks are smaller
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        what = f"peak memory while training on a folder of {PICTURES:,} pictures"
        return Measure("Train", what, peak / 1e9, "GB", "<= 1.5")


def _write_pictures(folder: Path) -> None:
    """Soft patches of colour, so that there is something to learn."""
    generator = np.random.default_rng(0)
    for label in range(CLASSES):
        (folder / str(label)).mkdir(parents=True)
    for index in range(PICTURES):
        corners = Image.fromarray(generator.integers(0, 256, (3, 3, 3), np.uint8))
        small = corners.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        small.save(folder / str(index % CLASSES) / f"{index:06}.jpg")


def _fit(root: Path) -> None:
    places = ["--dataset", f"folder:{root / 'pictures'}", "--data-dir", str(root / "data"), "--out", str(root / "run")]
    options = ["--image-size", str(SIDE), "--hidden-dims", "128", "--epochs", "1"]
    subprocess.run(
        [sys.executable, "-m", "training", "fit", *places, *options],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
