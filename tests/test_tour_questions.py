"""Scenes that ask before they show: nothing tells the answer, and the answer is what the latents say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy.spatial import KDTree

from explorer.views.pages import PAGES
from explorer.views.tour import TourError, label_to_find, parse_tour, scene_shown
from tests.opener import Open, next_frame, wait_until_still
from tests.server import ROOT
from tests.test_tour import GOOD, RUNS
from training import checkpoint

SEVENS, ONES, HOLE = 2, 14, 22  # scenes of the shipped talk
LATENTS = checkpoint.load_latents(ROOT / "checkpoints" / "mnist" / "elbo")


def _drag(page: Page, z: tuple[float, float]) -> np.ndarray:
    """Drag the handle by the mouse to where z is, and return where it went."""
    plane = page.get_by_test_id("latent-plane")
    handle = page.get_by_test_id("handle")
    start = handle.bounding_box()
    assert start
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y)
    next_frame(page)
    at = [float(v) for v in str(plane.get_attribute("data-z")).split(",")]
    scale = 50 / at[0]
    page.mouse.move(x + scale * z[0], y - scale * z[1], steps=3)
    page.mouse.up()
    next_frame(page)
    return np.array([float(v) for v in str(plane.get_attribute("data-z")).split(",")])


def test_the_answer_is_what_the_latents_say(open_page: Open) -> None:
    page = open_page(f"tour?scene={SEVENS}")
    question = page.get_by_test_id("scene-question")
    expect(question).to_contain_text("where you think the 7s are")
    for hidden in (".lx-legend", "[data-testid=decoded-image]", ".lx-tools"):
        expect(page.locator(f".lx-scene {hidden}").first).to_be_hidden()
    assert page.locator(".lx-tour-text").is_hidden()
    wait_until_still(page)
    z = _drag(page, (-0.5, -0.4))
    page.get_by_test_id("scene-reveal").click()
    answer = page.get_by_test_id("scene-answer")
    expect(answer).to_be_visible()
    mu, label = LATENTS["mu"], LATENTS["label"]
    distance = np.linalg.norm(mu - z, axis=1)
    near = label[np.argsort(distance)[:20]]
    numbers = re.match(
        r".*: of the 20 images whose means are nearest to your handle (\d+) are class 7", answer.inner_text()
    )
    assert numbers, answer.inner_text()
    assert int(numbers[1]) == (near == 7).sum()
    away = re.search(r"The nearest of class 7 is ([\d.e−]+) away", answer.inner_text())
    assert away
    assert float(away[1].replace("−", "-")) == pytest.approx(distance[label == 7].min(), rel=0.01, abs=1e-4)
    expect(question).to_be_hidden()
    expect(page.locator(".lx-scene .lx-legend")).to_be_visible()


def test_keys_answer_first_and_a_hole_is_measured(open_page: Open) -> None:
    page = open_page(f"tour?scene={HOLE}")
    wait_until_still(page)
    handle = page.get_by_test_id("handle")
    handle.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    z = np.array([float(v) for v in str(page.get_by_test_id("latent-plane").get_attribute("data-z")).split(",")])
    page.keyboard.press("Enter")
    answer = page.get_by_test_id("scene-answer")
    expect(answer).to_be_visible()
    mu = LATENTS["mu"].astype(float)
    tree = KDTree(mu)
    every = max(1, len(mu) // 200)
    usual = np.sort(tree.query(mu[::every], k=2)[0][:, 1])
    usual = usual[len(usual) // 2]
    nearest = np.linalg.norm(mu - z, axis=1).min()
    found = re.search(
        r"is ([\d.e−]+) away, ([\d.]+) times .* \(median ([\d.]+)\); (.*) % of the prior", answer.inner_text()
    )
    assert found, answer.inner_text()
    assert float(found[1]) == pytest.approx(nearest, rel=0.01, abs=1e-4)
    assert float(found[3]) == pytest.approx(usual, rel=0.01)
    assert float(found[2]) == pytest.approx(nearest / usual, rel=0.02)
    share = 100 * np.exp(-(z @ z) / 2)
    if found[4].startswith("<"):
        assert share < float(found[4].strip("< "))
    else:
        assert float(found[4].strip("> ")) == pytest.approx(share, rel=0.06, abs=0.06)
    page.keyboard.press("PageDown")
    expect(page.locator(".lx-tour-count")).to_have_text(re.compile(f"^{HOLE + 1} / "))
    page.keyboard.press("PageUp")
    expect(page.get_by_test_id("scene-question")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(answer).to_be_visible()
    expect(page.locator(".lx-tour-count")).to_have_text(re.compile(f"^{HOLE} / "))


def test_a_key_that_comes_before_its_scene_shows_the_answer_when_the_scene_is_there(open_page: Open) -> None:
    style = re.compile(r"pages/explore/explore\.css")
    page = open_page(f"tour?scene={ONES}", route=(style, lambda route: None))
    expect(page.get_by_test_id("scene-question")).to_be_visible()
    page.keyboard.press("PageDown")
    page.unroute(style)  # what was held back goes on
    expect(page.get_by_test_id("scene-answer")).to_contain_text("are class 1")
    expect(page.locator(".lx-tour-count")).to_have_text(re.compile(f"^{ONES} / "))
    expect(page.locator(".lx-scene .lx-legend")).to_be_visible()


def test_on_a_phone_a_finger_answers(open_page: Open) -> None:
    page = open_page(f"tour?scene={ONES}", size="phone")
    wait_until_still(page)
    box = page.locator(".lx-scene .lx-area").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    page.get_by_test_id("scene-reveal").tap()
    expect(page.get_by_test_id("scene-answer")).to_contain_text("are class 1")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('ask = "Where?"', "'ask' and 'find' go together"),
        ('find = "class 7"', "'ask' and 'find' go together"),
        ('ask = "Where?"\nfind = "7"', 'line 7: expected find = "hole", or "class"'),
        (f'ask = "{"x" * 161}"\nfind = "hole"', "line 6: ask has 161 characters"),
    ],
)
def test_a_question_that_is_none_is_named_with_its_line(more: str, message: str) -> None:
    with pytest.raises(TourError) as caught:
        parse_tour(GOOD.replace('text = "See this."', f'text = "See this."\n{more}'), "talk.toml")
    assert message in str(caught.value)


def test_what_is_to_be_found_must_be_there() -> None:
    ask = 'ask = "Where?"\nfind = "class q"\n'
    tour = parse_tour(GOOD.replace('show = "', ask + 'show = "'), "talk.toml")
    with pytest.raises(TourError, match="there is no such class; classes are 0, 1"):
        label_to_find(tour.scenes[0], tour.file, ["0", "1"])
    assert label_to_find(tour.scenes[0], tour.file, ["p", "q"]) == 1
    with pytest.raises(TourError, match="only the plane of Explore"):
        scene_shown(tour.scenes[1], tour.file, PAGES, RUNS)
