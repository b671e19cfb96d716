"""What the runs of a data set share, for the door to checkpoints: the held-out images and the classifier, packed."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from safetensors.numpy import save as format_safetensors

from explorer.run_folders import Signature
from explorer.views.network import arrays_of, browser_layers
from training import checkpoint, classifier_folder
from training.checkpoint import CheckpointError
from training.model.architectures import classifier_layers

SharedPart = Literal["gallery", "classifier"]
CLASSIFIER = "classifier"


class Replaced(CheckpointError):
    """What was asked for has another version by now."""


@lru_cache(maxsize=8)
def pack_shared(folder: Path, part: SharedPart, version: str | None, signature: Signature) -> bytes:
    """A gzipped safetensors file for the browser, of a data set's `folder`; raises Replaced for another version."""
    if part == "gallery":
        file = folder / checkpoint.GALLERY
        sha256 = checkpoint.gallery_sha256(file)
        if version not in (None, sha256[:12]):
            raise Replaced(f"{file}: other images by now")
        return packed({"images": checkpoint.load_gallery(file, sha256)["images"]})
    record, arrays, layers = classifier(folder / CLASSIFIER, signature)
    if version not in (None, record["sha256"][:12]):
        raise Replaced(f"{folder / CLASSIFIER}: another classifier by now")
    return packed(arrays, {"layers": json.dumps(layers), "image_shape": json.dumps(record["image_shape"])}, level=0)


@lru_cache(maxsize=8)
def classifier(folder: Path, signature: Signature) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """Record, tensors and layers of a classifier."""
    record, weights = classifier_folder.load_classifier(folder)
    arrays = arrays_of(weights, "layers")
    shape, classes = tuple(record["image_shape"]), len(record["classes"])
    listed = classifier_layers(shape, classes, classifier_folder.channels(weights))
    layers = browser_layers(listed, arrays, "network", shape, (classes + 1,))
    return record, arrays, layers


def packed(arrays: dict[str, Any], metadata: dict[str, str] | None = None, level: int = 1) -> bytes:
    """A gzipped safetensors file."""
    # Weights and latents hardly compress; images do, five to one, even at the fastest level.
    return gzip.compress(format_safetensors(arrays, metadata), compresslevel=level)
