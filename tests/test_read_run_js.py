"""The browser's reader of checkpoint folders against Python's: the same arrays to the last bit, the same refusals."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from safetensors.numpy import load

from explorer import loader
from explorer.views.file_metadata import metadata_of
from tests.contents import (
    WRONG,
    changed_config,
    damaged,
    places,
    replace_file,
    replace_tensors,
    resealed,
    with_value,
)
from tests.javascript import JavaScript
from tests.server import ROOT
from training import checkpoint
from training.checkpoint import CheckpointError

KINDS = {"float32": "Float32Array", "int32": "Int32Array", "uint8": "Uint8Array"}
JSON_TEXTS = ("layers", "image_shape", "prior")
MODULE = ROOT / "tests" / "web" / "folder_on_disk.js"
SHIPPED = sorted(file.parent for file in ROOT.glob("checkpoints/*/*/config.json"))


def _call(name: str) -> str:
    return f'async (path) => (await import("{MODULE.as_uri()}")).{name}(path)'


def _told(packed: bytes) -> dict[str, Any]:
    """What tests/web/folder_on_disk.js says of a file that Python packs."""
    content = gzip.decompress(packed)
    metadata = {name: _value(name, text) for name, text in metadata_of(content).items()}
    arrays = load(content).items()
    digests = {
        name: [KINDS[array.dtype.name], list(array.shape), hashlib.sha256(array.tobytes()).hexdigest()]
        for name, array in arrays
    }
    return {"metadata": metadata, "tensors": digests}


def _value(name: str, text: str) -> Any:
    return json.loads(text) if name in JSON_TEXTS else float(text) if name == "log_sigma" else text


def _expected(run: loader.Run) -> dict[str, Any]:
    parts = {part: _told(loader.load(run, part)) for part in get_args(loader.Part)}
    for place in range(len(run.config.columns)):
        parts[f"column {place}"] = _told(loader.load_column(run, place))
    folder = run.path.parent
    for part, there in (("gallery", not loader.gallery_problem(run)), ("classifier", (folder / "classifier").is_dir())):
        shared = loader.pack_shared(folder, part, None, loader.signature_of(folder / "classifier")) if there else None
        parts[part] = _told(shared) if shared else None
    return parts


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: "-".join(path.parts[-2:]))
def test_a_shipped_run_has_every_bit_that_python_sends(path: Path, javascript: JavaScript) -> None:
    _has_every_bit(path, javascript)


@pytest.mark.parametrize("name", ["autoencoder", "reconstruction", "kl", "elbo", "conv"])
def test_a_trained_run_has_every_bit_that_python_sends(name: str, trained: Path, javascript: JavaScript) -> None:
    _has_every_bit(trained / "digits" / name, javascript)


def _has_every_bit(path: Path, javascript: JavaScript) -> None:
    run = loader.catalog_of([path]).find(path.parent.name, path.name)
    assert run
    found = javascript.evaluate(_call("digestOf"), str(path))
    assert found["problems"] == []
    assert found["count"] == loader.image_count(run)
    for part in found["parts"].values():
        if part:
            part["metadata"] = {name: _value(name, text) for name, text in part["metadata"].items()}
    assert found["parts"] == _expected(run)


Damage = Callable[[Path], object]


def _tensors(name: str, change: Callable[[dict[str, np.ndarray]], object]) -> Damage:
    return lambda run: replace_tensors(run, f"{name}.safetensors", change)


def _bytes(name: str, change: Callable[[bytes], bytes]) -> Damage:
    return lambda run: (run / name).write_bytes(change((run / name).read_bytes()))


def _file(name: str, data: bytes) -> Damage:
    return lambda run: replace_file(run, name, data)


def _tensor_file(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


HALF = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
DAMAGES: dict[str, Damage] = {
    "no config": lambda run: (run / "config.json").unlink(),
    "no weights": lambda run: (run / "model.safetensors").unlink(),
    "no latents": lambda run: (run / "latents.safetensors").unlink(),
    "no trajectory": lambda run: (run / "trajectory.safetensors").unlink(),
    "no metrics": lambda run: (run / "metrics.json").unlink(),
    "empty config": _bytes("config.json", lambda _: b""),
    "config no JSON": _bytes("config.json", lambda _: b"{"),
    "config no object": lambda run: (run / "config.json").write_bytes(b"[1]"),
    "config not UTF-8": _bytes("config.json", lambda _: b'{"a": "\xff"}'),
    "huge config": _bytes("config.json", lambda data: data + bytes(1_000_000)),
    "config with a turned bit": _bytes("config.json", lambda data: data.replace(b'"mlp"', b'"mlq"')),
    "config of another version": changed_config(lambda c: c.update(format_version=3)),
    "config of a text's version": changed_config(lambda c: c.update(format_version="2")),
    "config without a version": changed_config(lambda c: c.pop("format_version")),
    "config without a seal": _bytes("config.json", lambda data: data[: data.rindex(b',\n  "seal"')] + b"\n}\n"),
    "config without training": changed_config(lambda c: c.pop("training")),
    "config without a licence": changed_config(lambda c: c["dataset"].pop("licence")),
    "config without a hash": changed_config(lambda c: c["files"].pop("README.md")),
    "no classes": changed_config(lambda c: c["dataset"].update(classes=[])),
    "columns of no names": changed_config(lambda c: c.update(columns=[{"categories": []}])),
    "columns without a hash": changed_config(lambda c: c.update(columns=[{"name": "a", "categories": None}])),
    "image_shape of two": changed_config(lambda c: c["model"].update(image_shape=[8, 8])),
    "no such posterior": changed_config(lambda c: c["model"].update(posterior="flow")),
    "dropout of one": changed_config(lambda c: c["model"].update(dropout=1)),
    "no prior components": changed_config(lambda c: c["model"].update(prior="mixture")),
    "too many prior components": changed_config(lambda c: c["model"].update(prior="mixture", prior_components=1001)),
    "mixture without tensors": changed_config(lambda c: c["model"].update(prior="mixture", prior_components=2)),
    "gaussian without log_sigma": changed_config(lambda c: c["model"].update(likelihood="gaussian")),
    "layers of no list": changed_config(lambda c: c["model"].update(architecture="layers", encoder_layers=[])),
    "weights turned": _bytes("model.safetensors", damaged),
    "weights empty": _file("model.safetensors", b""),
    "weights cut short": _file("model.safetensors", b"\x10\0\0\0\0\0\0\0{}"),
    "weights with a huge header": _file("model.safetensors", (2**40).to_bytes(8, "little") + b"{}"),
    "weights no safetensors": _file("model.safetensors", _tensor_file(b"{nonsense")),
    "weights with a gap": _file("model.safetensors", _tensor_file({"a": {**HALF, "data_offsets": [4, 8]}}, bytes(8))),
    "weights that overlap": _file("model.safetensors", _tensor_file({"a": HALF, "b": HALF}, bytes(4))),
    "weights beyond the end": _file("model.safetensors", _tensor_file({"a": HALF})),
    "weights with a rest": _file("model.safetensors", _tensor_file({"a": HALF}, bytes(8))),
    "weights of another size": _file("model.safetensors", _tensor_file({"a": {**HALF, "shape": [2]}}, bytes(4))),
    "weights of no type": _file("model.safetensors", _tensor_file({"a": {**HALF, "dtype": "F7"}}, bytes(4))),
    "weight not finite": _tensors("model", lambda a: a["decoder.0.weight"].__setitem__((0, 0), np.nan)),
    "weight of 1e38": _tensors("model", lambda a: a["decoder.0.weight"].__setitem__((0, 0), 1e38)),
    "weights of doubles": _tensors("model", lambda a: a.update({"log_sigma": np.zeros(2)})),
    "a weight too few": _tensors("model", lambda a: a.pop("decoder.0.bias")),
    "a weight too many": _tensors("model", lambda a: a.update({"decoder.9.bias": np.zeros(2, np.float32)})),
    "a weight of another shape": _tensors("model", lambda a: a.update({"decoder.0.bias": np.zeros(3, np.float32)})),
    "no mu": _tensors("latents", lambda a: a.pop("mu")),
    "scalar mu": _tensors("latents", lambda a: a.update(mu=np.array(1, np.float32))),
    "scalar label": _tensors("latents", lambda a: a.update(label=np.array(1))),
    "mu of three dimensions": _tensors("latents", lambda a: a.update(mu=np.zeros((len(a["mu"]), 3), np.float32))),
    "mu not finite": _tensors("latents", lambda a: a["mu"].__setitem__((0, 0), np.inf)),
    "log_var of 1000": _tensors("latents", lambda a: a["log_var"].__setitem__((0, 0), 1000)),
    "kl in double precision": _tensors("latents", lambda a: a.update(kl=a["kl"].astype(np.float64))),
    "label of no class": _tensors("latents", lambda a: a["label"].__setitem__(0, 10)),
    "label below 0": _tensors("latents", lambda a: a["label"].__setitem__(0, -1)),
    "no images": _tensors("latents", lambda a: a.update({name: array[:0] for name, array in a.items()})),
    "trajectory of two axes": _tensors("trajectory", lambda a: a.update(mu=a["mu"][0])),
    "trajectory without epochs": _tensors("trajectory", lambda a: a.pop("epoch")),
    "metrics no JSON": _file("metrics.json", b"nonsense"),
    "metrics of NaN": _file("metrics.json", b'{"elbo": NaN, "kl": 1, "reconstruction": 1}'),
    "metrics without elbo": _file("metrics.json", b'{"kl": 1, "reconstruction": 1}'),
    "metrics turned": _bytes("metrics.json", damaged),
    "too many dimensions": _file(
        "metrics.json", b'{"elbo": 1, "kl": 1, "reconstruction": 1, "kl_per_dimension": [1, 1, 1]}'
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_run_is_refused_with_python_s_line(damage: Damage, checkpoints: Path, javascript: JavaScript) -> None:
    run = checkpoints / "digits" / "kl"
    assert javascript.evaluate(_call("refusalOf"), str(run)) == ""
    damage(run)
    found = javascript.evaluate(_call("refusalOf"), str(run))
    with pytest.raises(CheckpointError) as refused:
        _show(run)
    assert "\n" not in found
    assert _alike(found) == _alike(str(refused.value))


def _show(run: Path) -> None:
    """Have of a run what a file of it has."""
    if problems := loader.catalog_of([run]).problems:
        raise CheckpointError(problems[0])
    there = loader.catalog_of([run]).find(run.parent.name, run.name)
    if not there:
        raise CheckpointError(f"{run}/config.json: missing")  # taken for one that is in training
    for part in ("latents", "decoder", "encoder", "trajectory"):
        loader.load(there, part)


def _alike(line: str) -> str:
    """A line without what the parsers themselves say, Python's values and folders."""
    line = re.sub(r"(?<=not valid JSON) \(.*|(?<=not a safetensors file) \(.*|; train a run with.*", "", line)
    return re.sub(r"/\S*/digits/kl", "RUN", line).replace("None", "null").replace("'2'", '"2"').strip()


def test_notes_and_what_lies_beside_a_run_are_left_out_with_a_line_where_they_are_damaged(
    checkpoints: Path, javascript: JavaScript
) -> None:
    run = checkpoints / "digits" / "kl"
    classifier = shutil.copytree(ROOT / "checkpoints" / "mnist" / "classifier", checkpoints / "digits" / "classifier")
    notes = {"format_version": 2, "name": "Mine\u202e", "note": "", "hidden": False}
    (run / "notes.json").write_bytes(resealed(notes))
    gallery = checkpoints / "digits" / checkpoint.GALLERY
    gallery.write_bytes(damaged(gallery.read_bytes()))
    (classifier / "model.safetensors").unlink()
    found = javascript.evaluate(_call("digestOf"), str(run))
    assert found["parts"]["gallery"] is None
    assert found["parts"]["classifier"] is None
    words = ("'name' is \"Mine\\u202e\", expected a text of up to 60", "these are not the images", "missing")
    assert [word in line for word, line in zip(words, found["problems"], strict=True)] == [True] * 3


@pytest.mark.parametrize("name", ["config.json", "metrics.json"])
def test_a_wrong_value_in_a_field_is_refused_where_python_refuses_it(
    name: str, tmp_path: Path, javascript: JavaScript
) -> None:
    source = ROOT / "checkpoints" / "mnist" / "elbo"
    good = json.loads((source / name).read_bytes())
    run = Path(shutil.copytree(source, tmp_path / "elbo"))
    bad = [(path, wrong, with_value(good, path, wrong)) for path in places(good) for wrong in WRONG]
    texts, expected = [], []
    for _, _, value in bad:
        data = resealed(value) if name == "config.json" else json.dumps(value).encode()
        texts.append(data.decode())
        if name == "config.json":
            (run / name).write_bytes(data)
        else:
            replace_file(run, name, data)
        try:
            checkpoint.load_metrics(run, checkpoint.load_config(run))
            expected.append(False)
        except CheckpointError:
            expected.append(True)
    found = javascript.evaluate(_call("refused"), {"name": name, "texts": texts, "dim": 2})
    tried = zip(bad, found, expected, strict=True)
    differing = [(path, wrong) for (path, wrong, _), ours, python in tried if ours != python]
    # Python's tuple takes an empty object for an empty list.
    assert [one for one in differing if one[0][-1] not in ("hidden_dims", "decoder_hidden_dims") or one[1] != {}] == []
    assert len(bad) > 500
    assert sum(expected) > len(bad) / 2
