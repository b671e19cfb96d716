"""What Train computes in the browser: its plane against NumPy's, half precision, beta's scale, memory taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from explorer import loader
from tests.arrays import compute
from tests.javascript import JavaScript

PLANES = """
async ({ frames, dim, size }) => {
  const { steadyPlane } = await import("/assets/maths/steady_plane.js");
  let plane = null;
  const out = { xy: [], basis: [], origin: [] };
  for (let start = 0; start < frames.length; start += size) {
    plane = steadyPlane(Float32Array.from(frames.slice(start, start + size)), dim, plane);
    for (const name of Object.keys(out)) out[name].push(...plane[name]);
  }
  return Object.fromEntries(Object.entries(out).map(([name, values]) => [name, Float64Array.from(values)]));
}
"""


@pytest.mark.parametrize("dim", [3, 16])
def test_the_plane_is_numpy_s_and_turns_no_further_than_the_codes(javascript: JavaScript, dim: int) -> None:
    rng = np.random.default_rng(dim)
    spread = np.array([4, 2.5, *np.linspace(0.8, 0.1, dim - 2)])
    turned = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    codes = (rng.normal(size=(200, dim)) * spread) @ turned + rng.normal(size=dim)
    frames = np.stack([codes + 0.02 * k * rng.normal(size=codes.shape) for k in range(6)]).astype(np.float32)
    found = compute(javascript, PLANES, frames=frames.ravel(), dim=dim, size=frames[0].size)
    bases = found["basis"].reshape(6, 2, dim)
    points = found["xy"].reshape(6, 200, 2)
    origins = found["origin"].reshape(6, dim)
    for basis, xy, origin, mu in zip(bases, points, origins, frames.astype(float), strict=True):
        np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-6)
        axes = np.linalg.svd(mu - mu.mean(0), full_matrices=False)[2][:2]
        np.testing.assert_allclose(np.linalg.svd(axes @ basis.T)[1], 1, atol=1e-4)  # the same plane
        np.testing.assert_allclose(xy, mu @ basis.T, atol=1e-5)
        np.testing.assert_allclose(origin + mu.mean(0) @ basis.T @ basis, mu.mean(0), atol=1e-5)
    steps = np.abs(np.diff(points, axis=0)).max()
    assert steps < 1  # an axis that flips moves points by their whole width


def test_two_dimensions_are_shown_as_they_are(javascript: JavaScript) -> None:
    codes = np.random.default_rng(0).normal(3, 2, (50, 2)).astype(np.float32)
    found = compute(javascript, PLANES, frames=codes.ravel(), dim=2, size=codes.size)
    np.testing.assert_array_equal(found["xy"].reshape(-1, 2), codes)
    np.testing.assert_array_equal(found["origin"], [0, 0])


def test_half_precision_is_numpy_s(javascript: JavaScript, tmp_path: Path) -> None:
    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    save_file({"a": finite}, tmp_path / "half.safetensors")
    read = """
    async ({ url }) => {
      const { fetchSafetensors } = await import("/assets/network/safetensors.js");
      return { a: (await fetchSafetensors(url)).tensors.a.data };
    }
    """
    found = compute(javascript, read, url=(tmp_path / "half.safetensors").as_uri())
    np.testing.assert_array_equal(found["a"], finite.astype(np.float32))


def test_beta_s_scale_has_both_ends_and_the_elbo_in_the_middle(javascript: JavaScript) -> None:
    scale = """
    async () => {
      const { betaAt, betaWords, placeOf } = await import("/assets/pages/train/beta_scale.js");
      const places = Array.from({ length: 201 }, (_, i) => i / 2);
      return [places.map(betaAt), [0, 1, "inf"].map(betaWords), places.map((at) => placeOf(betaAt(at)) - at)];
    }
    """
    betas, words, away = javascript.evaluate(scale)
    assert (betas[0], betas[100], betas[200]) == (0, 1, "inf")
    numbers = [float(beta) for beta in betas]
    assert numbers == sorted(numbers)
    assert words == ["reconstruction only", "ELBO", "KL only"]
    assert max(map(abs, away)) <= 4


@pytest.mark.parametrize("name", ["elbo", "conv"])
def test_a_decoder_takes_over_another_one_s_memory(
    javascript: JavaScript, trained: Path, run_file: Callable[[Path, loader.Part], str], name: str
) -> None:
    decode = """
    async ({ url, z }) => {
      const { fetchSafetensors } = await import("/assets/network/safetensors.js");
      const { Decoder } = await import("/assets/network/decoder.js");
      const { tensors, metadata } = await fetchSafetensors(url);
      const twice = Object.fromEntries(Object.entries(tensors).map(([name, { shape, data }]) =>
        [name, { shape, data: data.map((v) => -2 * v) }]));
      const alone = new Decoder(tensors, metadata);
      const other = new Decoder(twice, metadata);
      other.decode(z);
      const after = new Decoder(tensors, metadata, other);
      const same = Number(other.network.wasm === after.network.wasm);
      return { alone: alone.decode(z), after: after.decode(z), same };
    }
    """
    url = run_file(trained / "digits" / name, "decoder")
    found = compute(javascript, decode, url=url, z=np.array([0.3, -1.2, 0.5][: 3 if name == "conv" else 2]))
    np.testing.assert_array_equal(found["alone"], found["after"])
    assert found["same"] == 1
