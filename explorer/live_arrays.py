"""What a run in the making publishes, as the Train page takes it: its held-out images, its newest frame or step."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.numpy import save as format_safetensors

from explorer import live_run, loader
from explorer.views.file_metadata import metadata_of
from explorer.views.network import MAX_WEIGHTS, NotInBrowser, arrays_of
from explorer.views.palette import class_colors, value_colors
from training import live_files
from training.data.binarize import has_grey
from training.model.spec import ModelSpec
from training.tensor_files import parse_tensors


def beginning(workplace: Path) -> bytes | None:
    """A safetensors file of what does not change while a run is trained; None before its first frame.

    `label` (N,), `index` (N,), `images` (6, C, H, W); metadata `decoder` is that of a decoder (explorer/loader.py) as
    JSON, `classes`, `colors` and `value_colors` are lists.
    """
    file = workplace / live_files.LIVE / live_files.START
    frame = live_files.newest_frame(workplace)
    status = live_run.read_status(workplace)
    if frame is None or status is None or not file.exists():
        return None
    data = file.read_bytes()
    spec = ModelSpec.from_json(json.loads(metadata_of(data)["spec"]))
    weights, start = parse_tensors(file, frame[1]), parse_tensors(file, data)
    metadata = loader.model_metadata(spec)
    if spec.likelihood == "bernoulli" and has_grey(start["images"]):  # those of a run that makes them binary are so
        metadata["cross_entropy"] = "true"
    arrays = arrays_of(weights, "decoder")
    try:
        if not arrays:
            raise NotInBrowser(f"its decoder has more than the {MAX_WEIGHTS:,} weights that the browser runs")
        metadata["layers"] = json.dumps(loader.model_layers(spec, arrays, "decoder"))
    except NotInBrowser as error:
        metadata["server"] = str(error)
    classes = [str(name) for name in status["dataset"]["classes"]]
    colors = {"colors": class_colors(len(classes)), "value_colors": value_colors()}
    said = {"decoder": metadata, "classes": classes, **colors}
    return format_safetensors(start, {name: json.dumps(value) for name, value in said.items()})
