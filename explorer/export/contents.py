"""What an exported file holds: for every page and choice of runs the payload that Python would give, and the arrays."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from explorer import addresses, fitted_priors, loader
from explorer.export.arrays import compact
from explorer.export.places import bar
from explorer.export.talk import Talk, talk_in, talk_payload
from explorer.modules import WEB, modules_by_page
from explorer.run_folders import refusals, signature_of
from explorer.screens import decoding, screen
from explorer.screens.shell import view_of
from explorer.shared_parts import CLASSIFIER, SharedPart, pack_shared
from explorer.views.page_address import Page, Runs, parameters_in_browser, parse_address
from explorer.views.pages import PAGES, TOUR

# What a module calls to have a part of a run; latents, decoder and columns are for all pages.
LOADERS: dict[loader.Part, str] = {"encoder": "loadEncoder(", "trajectory": "loadTrajectory("}
LOADS_CLASSIFIER = "loadClassifier("
LOADING = ("run/loading.js", "pages/tour/prefetch.js")


@dataclass(frozen=True)
class Contents:
    """`data` for explorer/web/hosts/file.js; `arrays`: gzipped safetensors by address; `titles` of the runs."""

    pages: Sequence[str]
    data: dict[str, Any]
    arrays: dict[str, bytes]
    titles: Sequence[str]


def contents(catalog: loader.Catalog, pages: Sequence[Page], images: bool, talk: Talk | None = None) -> Contents:
    """All that a file of these runs and pages needs; without the held-out `images` if these are not wanted.

    `talk`: the one that Tour shows, if not the project's own. Raises TourError where it cannot be shown.
    """
    with loader.one_look(catalog):
        listed = {page.name: _page(page, decoding.names_of(page), images) for page in pages if page is not TOUR}
        if TOUR in pages:
            with_runs = {name for name, page in listed.items() if page["sets"]}
            listed[TOUR.name] = _tour(talk or talk_in(None), with_runs, images)
        there = [page for page in pages if listed[page.name]["sets"]]
        shown = {page.name: listed[page.name] for page in there}
        data = {"places": bar(there), "pages": shown, "absent": [name for name in PAGES if name not in shown]}
        runs = [run for found in catalog.datasets.values() for run in found.values()]
        arrays = _arrays(runs, "".join(map(_source, (page.name for page in there))), images)
    titles = [f"{run.path.parent.name}/{run.name}" for run in runs]
    return Contents([page.name for page in there], data, arrays, titles)


def _page(page: Page, names: Runs, images: bool) -> dict[str, Any]:
    rules = {name: dict(parameter.rule) for name, parameter in page.parameters.items()}
    kept = {name: parameter.expected for name, parameter in page.parameters.items()}
    sets = {dataset: _set(page, dataset, names, images) for dataset in names}
    return {"rules": rules, "expected": kept, "sets": sets}


def _tour(talk: Talk, pages: Container[str], images: bool) -> dict[str, Any]:
    """Tour, of which a file has one talk; it belongs to no data set, so the first stands for all."""
    alone = replace(TOUR, parameters={name: rule for name, rule in TOUR.parameters.items() if name != "talk"})
    names = decoding.names_of(TOUR)
    dataset = next(iter(names))
    state, _ = parse_address({"dataset": dataset}, TOUR, names)
    payload = talk_payload(talk, state, pages)
    if payload is None:
        return _page(alone, {}, images)
    for scene in payload["scenes"]:
        scene["payload"] = _without_server(scene["payload"], images)
    del payload["state"]
    there = list(names[dataset])
    return {
        **_page(alone, {}, images),
        "sets": {dataset: {**_about(alone, dataset, there), "payload": {**payload, "assets": ""}, "others": {}}},
    }


def _set(page: Page, dataset: str, names: Runs, images: bool) -> dict[str, Any]:
    """A page of a data set: its payload, and where another choice of runs has other fields, these."""
    there = list(names[dataset])
    state, _ = parse_address({"dataset": dataset}, page, {dataset: there})
    payloads = {
        ",".join(chosen): _payload(page, {**state, **_choice(page, chosen)}, images) for chosen in _choices(page, there)
    }
    base = next(iter(payloads.values()))
    others = {key: _differing(base, payload) for key, payload in payloads.items()}
    return {
        **_about(page, dataset, there),
        "payload": base,
        "others": {key: fields for key, fields in others.items() if fields},
    }


def _about(page: Page, dataset: str, there: Sequence[str]) -> dict[str, Any]:
    """What the address must know of a page of a data set, and of its runs."""
    runs = [loader.catalog().datasets[dataset][name] for name in there]
    return {
        "parameters": parameters_in_browser(page, there),
        "defaults": parse_address({"dataset": dataset}, page, {dataset: there})[0],
        "runs": list(there),
        "shapes": {
            run.name: {
                "dim": run.config.model.latent_dim,
                "count": loader.image_count(run),
                "classes": list(run.config.dataset["classes"]),
                "conditional": bool(run.config.model.condition),
            }
            for run in runs
        },
    }


def _choices(page: Page, there: Sequence[str]) -> list[tuple[str, ...]]:
    """Every choice of runs that a page's switch allows, each in the order of the runs."""
    least, most = page.parameters["runs"].rule["runs"] if "runs" in page.parameters else (1, 1)
    sizes = range(min(least, len(there)), min(most, len(there)) + 1)
    return [chosen for size in sizes for chosen in combinations(there, size)]


def _choice(page: Page, chosen: Sequence[str]) -> dict[str, Any]:
    return {"runs": list(chosen)} if "runs" in page.parameters else {"run": chosen[0]}


def _payload(page: Page, state: dict[str, Any], images: bool) -> dict[str, Any]:
    payload = _without_server(screen(page.name).payload(state), images)
    del payload["state"]
    return payload


def _without_server(payload: dict[str, Any], images: bool) -> dict[str, Any]:
    payload = {**payload, "assets": ""}
    if "fitted" in payload:
        payload["fitted"] = fitted_priors.exported(payload["fitted"])
    if not images:
        payload["gallery"] = None
        if "pictured" in payload:
            payload["pictured"] = []
    return payload


def _differing(base: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if value != base[name]}


def _source(page: str) -> str:
    """The text of a page's modules, but for those that load what others say."""
    return "".join((WEB / name).read_text(encoding="utf-8") for name in modules_by_page()[page] if name not in LOADING)


def _arrays(runs: Sequence[loader.Run], source: str, images: bool) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    parts: list[loader.Part] = ["latents", "decoder", *(part for part, call in LOADERS.items() if call in source)]
    for run in runs:
        for part in parts:
            if part != "trajectory" or view_of(run).trajectory:
                found[addresses.part_url(run, part)] = loader.load(run, part)
        for place in range(len(run.config.columns)):
            found[f"{addresses.column_url(run)}{place}"] = loader.load_column(run, place)
        if images and (url := addresses.gallery_url(run)) and url not in found:
            found[url] = _shared(run, "gallery")
        classifier = loader.classifier_record(run.path.parent.name) if LOADS_CLASSIFIER in source else None
        if classifier:
            url = addresses.shared_url(run.path.parent.name, "classifier", classifier["sha256"])
            found[url] = _shared(run, "classifier")
    return {url: compact(packed) for url, packed in found.items()}


def _shared(run: loader.Run, part: SharedPart) -> bytes:
    folder = run.path.parent
    with refusals(folder / part):
        return pack_shared(folder, part, None, signature_of(folder / CLASSIFIER))
