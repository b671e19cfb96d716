"""The address of a page's state: `?dataset=mnist&run=elbo&z=0.5,-1.2&image=17`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLOR_BY = ("label", "reconstruction", "kl", "width")
BACKGROUND = ("nothing", "manifold", "prior")
MAX_COORDINATE = 1000.0


@dataclass(frozen=True)
class Link:
    """State of the Explore page. `z`: the handle's point on the plane; `image`: index of the selected image."""

    dataset: str
    run: str
    z: tuple[float, float] | None = None
    image: int | None = None
    color_by: str = COLOR_BY[0]
    background: str = BACKGROUND[0]


def default_run(runs: Sequence[str]) -> str:
    """The run to open with: the full ELBO if it is there."""
    return "elbo" if "elbo" in runs else runs[0]


def parse_link(params: Mapping[str, str], runs: Mapping[str, Sequence[str]]) -> tuple[Link, list[str]]:
    """A valid Link from query parameters, and one note for each value that made no sense and became its default.

    `runs`: the names of the runs there are, by data set; at least one.
    """
    notes: list[str] = []

    def choose(name: str, options: Sequence[str], default: str) -> str:
        value = params.get(name, default)
        if value in options:
            return value
        notes.append(f"{name}={_short(value)}: there is no such {name.replace('_', ' ')}; showing {default}")
        return default

    dataset = choose("dataset", list(runs), next(iter(runs)))
    link = Link(
        dataset=dataset,
        run=choose("run", runs[dataset], default_run(runs[dataset])),
        z=_parse_z(params.get("z"), notes),
        image=_parse_image(params.get("image"), notes),
        color_by=choose("color_by", COLOR_BY, COLOR_BY[0]),
        background=choose("background", BACKGROUND, BACKGROUND[0]),
    )
    return link, notes


def format_link(link: Link) -> dict[str, str]:
    """Query parameters from which `parse_link` makes `link` again; choices at their default are left out."""
    params = {"dataset": link.dataset, "run": link.run}
    if link.z is not None:
        params["z"] = ",".join(f"{value:g}" if value == float(f"{value:g}") else repr(value) for value in link.z)
    if link.image is not None:
        params["image"] = str(link.image)
    if link.color_by != COLOR_BY[0]:
        params["color_by"] = link.color_by
    if link.background != BACKGROUND[0]:
        params["background"] = link.background
    return params


def parse_point(value: object) -> tuple[tuple[float, float] | None, int | None]:
    """(z, image) from what the browser reports, `{"z": [x, y], "image": index or null}`; None where it is neither."""
    if not isinstance(value, Mapping):
        return None, None
    z, image = value.get("z"), value.get("image")
    is_pair = isinstance(z, Sequence) and len(z) == 2 and all(isinstance(v, int | float) for v in z)
    point = (float(z[0]), float(z[1])) if is_pair else None  # type: ignore[index]
    return point if point and all(map(math.isfinite, point)) else None, image if isinstance(image, int) else None


def _parse_z(text: str | None, notes: list[str]) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = math.nan
    if abs(x) <= MAX_COORDINATE and abs(y) <= MAX_COORDINATE:
        return x, y
    notes.append(f"z={_short(text)}: expected two numbers, as in z=0.5,-1.2; showing the default point")
    return None


def _parse_image(text: str | None, notes: list[str]) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    notes.append(f"image={_short(text)}: expected the index of a held-out image, as in image=17; none is selected")
    return None


def _short(text: str) -> str:
    """A user's text, fit to be shown: one short line without markup."""
    clean = "".join(character if character.isalnum() or character in " .,-_+" else "?" for character in text)
    return clean if len(clean) <= 40 else clean[:40] + "..."
