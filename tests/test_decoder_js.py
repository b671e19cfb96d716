"""The browser's forward pass against torch's, for every shipped run and every kind of layer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page

from tests.server import ROOT, serve
from training import checkpoint

SHIPPED = sorted(path.parent for path in (ROOT / "checkpoints").glob("*/*/config.json"))
SMALL = ("autoencoder", "reconstruction", "kl", "elbo", "conv")

DECODE = """
async ({ url, points }) => {
  const { fetchSafetensors } = await import("/assets/safetensors.js");
  const { Decoder } = await import("/assets/decoder.js");
  const { tensors, metadata } = await fetchSafetensors(url);
  const decoder = new Decoder(tensors, metadata);
  return points.map((z) => Array.from(decoder.decode(z)));
}
"""


@pytest.fixture(scope="module")
def small_app(trained: Path) -> Iterator[str]:
    with serve(trained) as address:
        yield address


def _largest_difference(page: Page, path: Path) -> float:
    mu = checkpoint.load_latents(path)["mu"]
    rng = np.random.default_rng(5)
    z = rng.uniform(mu.min(0) - 1, mu.max(0) + 1, (1000, mu.shape[1])).astype(np.float32)
    z[:100] = mu[:100]
    model = checkpoint.load_model(path)
    with torch.no_grad():
        expected = model.image(torch.from_numpy(z)).flatten(1).numpy()
    url = f"/runs/{path.parent.name}/{path.name}/decoder"
    ours = np.array(page.evaluate(DECODE, {"url": url, "points": z.tolist()}), dtype=np.float32)
    assert ours.std() > 0
    return float(np.abs(ours - expected).max())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_shipped_runs_decode_as_in_torch(path: Path, shipped_app: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{shipped_app}/assets/icon.svg")
    assert _largest_difference(page, path) <= 1e-5
    page.close()


@pytest.mark.parametrize("run", SMALL)
def test_every_kind_of_layer_and_likelihood_decodes_as_in_torch(
    run: str, trained: Path, small_app: str, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(f"{small_app}/assets/icon.svg")
    assert _largest_difference(page, trained / "digits" / run) <= 1e-5
    page.close()
