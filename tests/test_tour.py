"""Tours: the shipped one is whole, and every way to get one wrong is named with its line."""

from __future__ import annotations

import re

import pytest

from explorer.views.pages import PAGES
from explorer.views.tour import TourError, parse_tour, scene_shown
from tests.server import ROOT

RUNS = {"mnist": ["autoencoder", "reconstruction", "kl", "elbo", "elbo-score-function"], "ujipen": ["elbo"]}
GOOD = """title = "A talk"

[[scene]]
title = "One"
text = "See this."
show = "/?run=elbo&z=0.5,-1.2"

[[scene]]
title = "Two"
text = \"\"\"And
this.\"\"\"
show = "/compare?runs=kl,elbo"
"""


def test_the_shipped_tour_follows_the_notes() -> None:
    file = ROOT / "explorer" / "tours" / "notes.toml"
    tour = parse_tour(file.read_text(), file.name)
    shown = [scene_shown(scene, tour.file, PAGES, RUNS) for scene in tour.scenes]
    assert {one.page.name for one in shown} >= {"prior", "probability", "reconstruct", "gradients", "metrics"}
    runs = [one.state["run"] for one in shown if one.page.name == "explore"]
    assert runs == ["elbo", "elbo", "autoencoder", "reconstruction", "kl", "kl", "elbo", "elbo"]
    assert [scene.find for scene in tour.scenes if scene.ask] == ["class 7", "class 1", "hole"]
    cited = {number for scene in tour.scenes for number in re.findall(r"Eq\. (\d+)", scene.symbols)}
    assert cited >= {"1", "4", "9", "10", "20", "22", "26", "30", "31"}
    assert all(scene.symbols for scene in tour.scenes)


def test_a_tour_is_read() -> None:
    tour = parse_tour(GOOD, "talk.toml")
    assert (tour.title, [scene.title for scene in tour.scenes]) == ("A talk", ["One", "Two"])
    assert [scene.line for scene in tour.scenes] == [3, 8]
    assert tour.scenes[1].text == "And this."
    shown = scene_shown(tour.scenes[0], tour.file, PAGES, RUNS)
    assert (shown.page.name, shown.topic) == ("explore", "")
    assert (shown.state["run"], shown.state["z"]) == ("elbo", [0.5, -1.2])


def test_a_scene_says_it_in_symbols_and_shows_a_part_of_a_page() -> None:
    show = "/probability?run=elbo&image=3#bound"
    source = GOOD.replace("/compare?runs=kl,elbo", show).replace('And\nthis."""', 'And\nthis."""\nsymbols = \'q\'')
    tour = parse_tour(source, "talk.toml")
    assert [scene.symbols for scene in tour.scenes] == ["", "q"]
    shown = scene_shown(tour.scenes[1], tour.file, PAGES, RUNS)
    assert (shown.page.name, shown.state["image"], shown.topic) == ("probability", 3, "bound")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("", "", ""), "1 to 60 scenes"),
        (('title = "A talk"', "", ""), 'expected title = "..."'),
        (('text = "See this."', "text = See this.", ""), "talk.toml: line 5: "),
        (('text = "See this."', "", ""), "talk.toml, line 3: the scene needs text"),
        (('text = "See this."', "text = 3", ""), "talk.toml, line 5: the scene needs text"),
        (('text = "See this."', 'text = "See this."\nnote = "x"', ""), "talk.toml, line 6: 'note' is none of"),
        (('title = "Two"', f'title = "{"x" * 61}"', ""), "talk.toml, line 9: title has 61 characters"),
        (("[[scene]]", "[scene]", ""), "talk.toml"),
        (('title = "A talk"', 'title = "A talk"\nauthor = "me"', ""), "talk.toml, line 2: expected"),
    ],
)
def test_a_broken_file_is_named_with_its_line(change: tuple[str, str, str], message: str) -> None:
    source = GOOD.replace(change[0], change[1], 1) if change[0] else 'title = "A talk"\n'
    with pytest.raises(TourError) as caught:
        parse_tour(source, "talk.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("show", "message"),
    [
        ("/nowhere", "there is no page 'nowhere'"),
        ("/?run=gan", "run=gan: there is no such run"),
        ("/?z=here", "z=here: expected a number for each dimension"),
        ("/compare?speed=9", "the page compare has no parameter 'speed'"),
        ("/probability#plot", "has no part '#plot'; it has #plane, #bound"),
        ("/#plot", "has no part '#plot'; it is shown whole"),
        ("/?dataset=cifar", "dataset=cifar"),
    ],
)
def test_an_address_that_means_nothing_is_named_with_its_line(show: str, message: str) -> None:
    tour = parse_tour(GOOD.replace("/compare?runs=kl,elbo", show), "talk.toml")
    with pytest.raises(TourError) as caught:
        scene_shown(tour.scenes[1], tour.file, PAGES, RUNS)
    assert str(caught.value).startswith("talk.toml, line 8: scene 'Two': ")
    assert message in str(caught.value)
