"""What the Explore page's browser module gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from explorer.views.link import Link
from explorer.views.palette import class_colors, value_colors


@dataclass(frozen=True)
class RunView:
    """A run as the browser knows it: words, addresses of its arrays, and test figures in nats per image."""

    title: str
    sentence: str
    decoder: str
    latents: str
    figures: dict[str, float | None]


@dataclass(frozen=True)
class ExplorePayload:
    """The page's data; `initial` is used when the page opens, not after. See explorer/web/explore.js."""

    assets: str
    dataset: str
    run: str
    runs: dict[str, RunView]
    classes: tuple[str, ...]
    class_colors: tuple[str, ...]
    value_colors: tuple[str, ...]
    gallery: str | None
    color_by: str
    background: str
    initial: dict[str, Any]
    definitions: dict[str, str]


def explore_payload(
    link: Link,
    initial: Link,
    runs: Mapping[str, RunView],
    classes: Sequence[str],
    gallery: str | None,
    assets: str,
    definitions: Mapping[str, str],
) -> dict[str, Any]:
    """The JSON object for the component. `link`: what the widgets say now; `initial`: where the page opened."""
    payload = ExplorePayload(
        assets=assets,
        dataset=link.dataset,
        run=link.run,
        runs=dict(runs),
        classes=tuple(classes),
        class_colors=class_colors(len(classes)),
        value_colors=value_colors(),
        gallery=gallery,
        color_by=link.color_by,
        background=link.background,
        initial={"z": initial.z, "image": initial.image},
        definitions=dict(definitions),
    )
    return asdict(payload)
