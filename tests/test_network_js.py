"""The browser's forward passes against torch's: decoders, encoders, the classifier, and every kind of layer."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer import loader
from tests.arrays import compute
from tests.javascript import JavaScript, javascript
from tests.server import ROOT
from training import checkpoint
from training.data.binarize import fixed_draw
from training.measure.classifier import classify, load_classifier
from training.measure.evaluation import encode_all
from training.model.posterior import is_full, standard_deviations

SHIPPED = sorted(path.parent for path in (ROOT / "checkpoints").glob("*/*/config.json"))
RunFile = Callable[[Path, loader.Part], str]
SMALL = ("autoencoder", "reconstruction", "kl", "elbo", "conv")

ALONE = 101  # points decoded one by one, the others four at a time
DECODE = """
async ({ url, points, dim }) => {
  const { fetchSafetensors } = await import("/assets/network/safetensors.js");
  const { Decoder } = await import("/assets/network/decoder.js");
  const { tensors, metadata } = await fetchSafetensors(url);
  const decoder = new Decoder(tensors, metadata);
  const each = Array.from({ length: points.length / dim }, (_, i) => points.slice(i * dim, (i + 1) * dim));
  const images = new Float32Array(each.length * decoder.pixels);
  const put = (pixels, i) => images.set(pixels, i * decoder.pixels);
  each.slice(0, ALONE).forEach((z, i) => put(decoder.decode(z), i));
  let next = ALONE;
  decoder.decodeEach(each.slice(ALONE), (pixels) => put(pixels, next++));
  return { images };
}
"""
ENCODE = """
async ({ url, images, count }) => {
  const { Encoder } = await import("/assets/network/encoder.js");
  const encoder = await Encoder.fetch(url);
  const size = images.length / count;
  const each = Array.from({ length: count }, (_, i) => images.subarray(i * size, (i + 1) * size));
  return { codes: each.map((pixels) => encoder.encode(Float32Array.from(pixels, (v) => v / 255))) };
}
"""
CLASSIFY = """
async ({ url, images, count }) => {
  const { Classifier } = await import("/assets/network/classifier.js");
  const classifier = await Classifier.fetch(url);
  const size = images.length / count;
  const each = Array.from({ length: count }, (_, i) => images.subarray(i * size, (i + 1) * size));
  const share = (pixels) => Array.from(classifier.probabilities(Float32Array.from(pixels, (v) => v / 255)));
  return { shares: each.map(share) };
}
"""


@pytest.fixture(scope="module")
def without_webassembly() -> Iterator[JavaScript]:
    with javascript() as process:
        process.evaluate("delete globalThis.WebAssembly")
        yield process


def _largest_difference(place: JavaScript, path: Path, url: str) -> float:
    mu = checkpoint.load_latents(path)["mu"]
    rng = np.random.default_rng(5)
    z = rng.uniform(mu.min(0) - 1, mu.max(0) + 1, (400, mu.shape[1])).astype(np.float32)
    z[:100] = mu[:100]
    model = checkpoint.load_model(path).given(-1)  # no class, as the browser gives none
    with torch.no_grad():
        expected = model.image(torch.from_numpy(z)).flatten(1).numpy()
    found = compute(place, DECODE.replace("ALONE", str(ALONE)), url=url, points=z, dim=z.shape[1])
    ours = found["images"].reshape(expected.shape)
    return float(np.abs(ours - expected).max())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_shipped_runs_decode_as_in_torch(path: Path, javascript: JavaScript, run_file: RunFile) -> None:
    assert _largest_difference(javascript, path, run_file(path, "decoder")) <= 1e-5


@pytest.mark.parametrize("compiled", [True, False], ids=["WebAssembly", "without it"])
@pytest.mark.parametrize("run", SMALL)
def test_every_kind_of_layer_and_likelihood_decodes_as_in_torch(
    run: str,
    compiled: bool,
    trained: Path,
    javascript: JavaScript,
    without_webassembly: JavaScript,
    run_file: RunFile,
) -> None:
    path = trained / "digits" / run
    place = javascript if compiled else without_webassembly
    assert place.evaluate("typeof WebAssembly") == ("object" if compiled else "undefined")
    assert _largest_difference(place, path, run_file(path, "decoder")) <= 1e-5


def _encodes_as_in_torch(place: JavaScript, path: Path, url: str) -> None:
    gallery = path.parent / checkpoint.GALLERY
    if gallery.exists():
        images = checkpoint.load_gallery(gallery)["images"][::50]
    else:  # those of UJI Pen Characters do not ship
        images = np.random.default_rng(4).integers(0, 256, (20, 1, 28, 28), dtype=np.uint8)
    binary = checkpoint.load_config(path).binarize != "none"  # the browser draws by itself
    shown = fixed_draw(images) if binary else images
    mu, spread = encode_all(checkpoint.load_model(path).given(-1), torch.from_numpy(shown))
    ours = compute(place, ENCODE, url=url, images=images, count=len(images))["codes"]
    scale = max(float(mu.abs().max()), 1)
    np.testing.assert_allclose(np.array([code["mu"] for code in ours]) / scale, mu.numpy() / scale, atol=1e-5)
    factor = spread if is_full(mu, spread) else torch.diag_embed(standard_deviations(mu, spread))
    for code, expected in zip(ours, factor.numpy(), strict=True):
        rows = [np.pad(row, (0, len(mu[0]) - len(row))) for row in code["factor"]]
        np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-6)
    sigma = np.array([code["sigma"] for code in ours])
    np.testing.assert_allclose(sigma, standard_deviations(mu, spread).numpy(), rtol=1e-4)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_shipped_runs_encode_as_in_torch(path: Path, javascript: JavaScript, run_file: RunFile) -> None:
    _encodes_as_in_torch(javascript, path, run_file(path, "encoder"))


@pytest.mark.parametrize("run", SMALL)
def test_every_kind_of_posterior_and_layer_encodes_as_in_torch(
    run: str, trained: Path, javascript: JavaScript, run_file: RunFile
) -> None:
    path = trained / "digits" / run
    _encodes_as_in_torch(javascript, path, run_file(path, "encoder"))


def test_the_classifier_says_what_it_says_in_torch(javascript: JavaScript, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    digits = checkpoint.load_gallery(ROOT / "checkpoints" / "mnist" / "gallery.safetensors")["images"][::50]
    images = np.concatenate([digits, rng.integers(0, 256, (20, 1, 28, 28), dtype=np.uint8)])
    model, _ = load_classifier(ROOT / "checkpoints" / "mnist" / "classifier")
    expected = classify(model, torch.from_numpy(images))
    assert len(set(expected.argmax(1).tolist())) == 11, "every class, and none of them"
    file = tmp_path / "classifier.safetensors"
    file.write_bytes(gzip.decompress(loader.load_shared("mnist", "classifier")))
    found = compute(javascript, CLASSIFY, url=file.as_uri(), images=images, count=len(images))
    np.testing.assert_allclose(found["shares"], expected, atol=1e-5)
