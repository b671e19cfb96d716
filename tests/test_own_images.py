"""A person's own images in the explorer: colour, not square, without labels; and 62 classes without their images."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.opener import Open, opener
from tests.server import serve
from training.options import FitOptions
from training.run import fit

PAGES = ("", "compare", "reconstruct", "traverse", "interpolate", "prior", "probability")


@pytest.fixture(scope="module")
def open_own(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    root = tmp_path_factory.mktemp("own")
    generator = np.random.default_rng(0)
    pictures = root / "pictures"
    pictures.mkdir()
    for index in range(80):
        corners = Image.fromarray(generator.integers(0, 256, (2, 2, 3), np.uint8))
        corners.resize((8, 12), Image.Resampling.BILINEAR).save(pictures / f"{index}.png")
    signs = generator.integers(0, 256, (310, 6, 6), np.uint8)
    np.savez(root / "signs.npz", images=signs, labels=np.arange(310) % 62)
    for name, dataset, gallery in (
        ("photos", f"folder:{pictures}", "auto"),
        ("signs", f"npz:{root / 'signs.npz'}", "never"),
    ):
        for objective in ("elbo", "reconstruction"):
            fit(
                FitOptions(
                    out=root / "checkpoints" / name / objective,
                    dataset=dataset,
                    data_dir=root / "data",
                    objective=objective,  # type: ignore[arg-type]
                    hidden_dims=(16,),
                    epochs=2,
                    gallery=gallery,  # type: ignore[arg-type]
                )
            )
    with serve(root / "checkpoints") as address, opener(browser, address) as open_page:
        yield open_page


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_colour_without_labels(open_own: Open, page: str) -> None:
    open_own(f"{page}?dataset=photos")  # a remark on the console fails it


def test_without_labels_points_are_coloured_by_density(open_own: Open) -> None:
    page = open_own("?dataset=photos&run=elbo")
    expect(page.locator(".lx-legend .lx-scale")).to_contain_text("Density of images")
    expect(page.locator(".lx-legend button")).to_have_count(0)
    page = open_own("?dataset=signs&run=elbo&color_by=density")
    expect(page.locator(".lx-legend .lx-scale")).to_contain_text("Density of images")


def test_many_classes_leave_room_for_the_plane(open_own: Open) -> None:
    page = open_own("?dataset=signs&run=elbo")
    legend = page.locator(".lx-legend")
    expect(legend.locator("button")).to_have_count(62)
    assert legend.bounding_box()["height"] <= 100
    expect(legend).to_have_class(re.compile("lx-more-right"))  # a sign that there is more
    last = legend.locator("button").last
    last.focus()  # by keyboard it is scrolled to
    box, frame = last.bounding_box(), legend.bounding_box()
    assert frame["y"] <= box["y"] + 1 and box["y"] + box["height"] <= frame["y"] + frame["height"] + 1


def test_images_that_are_not_square_keep_their_ratio(open_own: Open) -> None:
    page = open_own("?dataset=photos&run=elbo")
    canvas = page.get_by_test_id("decoded-image")
    assert canvas.evaluate("canvas => [canvas.width, canvas.height]") == [8, 12]
    assert canvas.evaluate("canvas => getComputedStyle(canvas).objectFit") == "contain"
    page = open_own("prior?dataset=photos&run=elbo")
    cells = page.locator(".lx-square .lx-mosaic").bounding_box()
    square = page.locator(".lx-square").bounding_box()
    assert cells["width"] / cells["height"] == pytest.approx(8 / 12, rel=0.02)
    assert cells["height"] <= square["height"] + 1


def test_interpolation_within_one_class_is_between_two_images(open_own: Open) -> None:
    page = open_own("interpolate?dataset=photos&run=elbo")
    note = page.locator(".lx-note", has_text="changes the image by").first
    assert float(note.inner_text().split()[4]) > 0
