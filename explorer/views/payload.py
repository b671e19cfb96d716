"""What a page of explorer/web is given to show, for the screens: words, colours and addresses of a data set's runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.views.page_address import State
from explorer.views.palette import class_colors, value_colors


@dataclass(frozen=True)
class RunView:
    """A run as the browser knows it: words, addresses of its arrays, and test metrics in nats per image.

    `trajectory`: address of its means through training, or None where it was not trained here. `columns`: what else is
    known of each held-out image, as `column_view` says it, whose values are at the address `column`, ended by the
    column's place. `kl_per_dimension`: (D,) in nats, or None where its metrics have none.
    """

    title: str
    sentence: str
    decoder: str
    encoder: str
    latents: str
    trajectory: str | None
    metrics: dict[str, float | None]
    columns: Sequence[Mapping[str, Any]]
    column: str
    kl_per_dimension: list[float] | None = None


def column_view(name: str, categories: Sequence[str] | None) -> dict[str, Any]:
    """A column as the browser knows it: its categories with a colour for each, or None for one of numbers."""
    return {"name": name, "categories": categories, "colors": class_colors(len(categories or ()))}


@dataclass(frozen=True)
class PagePayload:
    """A page's data; see explorer/web/run/payload.js.

    `state`: the page's parameters. Those that the browser itself changes count when the page opens, not after.
    `classifier` and `gallery`: addresses, None where the data set has none.
    """

    page: str
    assets: str
    runs: dict[str, dict[str, Any]]
    classes: tuple[str, ...]
    class_colors: tuple[str, ...]
    value_colors: tuple[str, ...]
    gallery: str | None
    classifier: str | None
    definitions: dict[str, str]
    state: State


def page_payload(
    page: str,
    state: State,
    runs: Mapping[str, RunView],
    classes: Sequence[str],
    gallery: str | None,
    classifier: str | None,
    assets: str,
    definitions: Mapping[str, str],
) -> dict[str, Any]:
    """The JSON object for the component; a page adds what only it needs. Of `runs` nothing is copied: only read it."""
    payload = PagePayload(
        page=page,
        assets=assets,
        runs={name: vars(run) for name, run in runs.items()},
        classes=tuple(classes),
        class_colors=class_colors(len(classes)),
        value_colors=value_colors(),
        gallery=gallery,
        classifier=classifier,
        definitions=dict(definitions),
        state=dict(state),
    )
    return vars(payload)
