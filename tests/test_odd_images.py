"""The odd ones on Explore: images unlike their neighbours, against scikit-learn, and the worst by a term."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect
from sklearn.neighbors import NearestNeighbors

from tests.opener import Open, address_of
from tests.server import ROOT
from training import checkpoint


def _chosen(address: dict[str, str]) -> set[int]:
    return set(np.cumsum([int(step, 36) for step in address["set"].split(".")]).tolist())


def test_images_unlike_their_neighbours_and_the_worst_are_selected(open_page: Open) -> None:
    latents = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "elbo")
    page = open_page("?dataset=mnist&run=elbo&hide=0")
    choice, title = page.get_by_test_id("select-odd"), page.get_by_test_id("latent-neighbours")
    choice.select_option("neighbours")
    expect(title).to_contain_text("Of another class than most of their 10 nearest neighbours.")
    mu, label = latents["mu"].astype(np.float64), latents["label"]
    _, near = NearestNeighbors(n_neighbors=11).fit(mu).kneighbors(mu)
    others = [[other for other in row if other != index][:10] for index, row in enumerate(near)]
    unlike = (label[np.array(others)] != label[:, None]).mean(1) > 0.5
    expected = set(np.flatnonzero(unlike & (label != 0)).tolist())
    page.wait_for_function("new URL(location).searchParams.has('set')")
    assert len(expected ^ _chosen(address_of(page))) <= len(expected) // 100, (
        "but for codes that are as near in float32"
    )
    choice.select_option("kl")
    expect(title).to_contain_text("The 20 with the highest KL.")
    kl = np.where(label == 0, -np.inf, latents["kl"])
    worst = set(np.argsort(-kl, kind="stable")[:20].tolist())
    page.wait_for_function(f"new URL(location).searchParams.get('set')?.split('.').length === {len(worst)}")
    assert _chosen(address_of(page)) == worst
    choice.select_option("class:0")
    expect(page.get_by_text("This class is switched off in the legend.")).to_be_visible()
