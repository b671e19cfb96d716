"""What an exported file holds: for every page and choice of runs the payload that Python would give, and the arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from explorer import addresses, fitted_priors, loader
from explorer.export.arrays import compact
from explorer.export.places import bar
from explorer.modules import WEB, modules_by_page
from explorer.run_folders import refusals, signature_of
from explorer.screens import decoding, screen
from explorer.screens.shell import view_of
from explorer.shared_parts import CLASSIFIER, SharedPart, pack_shared
from explorer.views.page_address import Page, Runs, parameters_in_browser, parse_address
from explorer.views.pages import PAGES

# What a module calls to have a part of a run; latents, decoder and columns are for all pages.
LOADERS: dict[loader.Part, str] = {"encoder": "loadEncoder(", "trajectory": "loadTrajectory("}
LOADS_CLASSIFIER = "loadClassifier("


@dataclass(frozen=True)
class Contents:
    """`data` for explorer/web/hosts/file.js; `arrays`: gzipped safetensors by address; `titles` of the runs."""

    pages: Sequence[str]
    data: dict[str, Any]
    arrays: dict[str, bytes]
    titles: Sequence[str]


def contents(catalog: loader.Catalog, pages: Sequence[Page], images: bool) -> Contents:
    """All that a file of these runs and pages needs; without the held-out `images` if these are not wanted."""
    with loader.one_look(catalog):
        listed = {page.name: _page(page, decoding.names_of(page), images) for page in pages}
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


def _set(page: Page, dataset: str, names: Runs, images: bool) -> dict[str, Any]:
    """A page of a data set: its payload, and where another choice of runs has other fields, these."""
    there = list(names[dataset])
    state, _ = parse_address({"dataset": dataset}, page, {dataset: there})
    payloads = {
        ",".join(chosen): _payload(page, {**state, **_choice(page, chosen)}, images) for chosen in _choices(page, there)
    }
    base = next(iter(payloads.values()))
    others = {key: _differing(base, payload) for key, payload in payloads.items()}
    runs = [loader.catalog().datasets[dataset][name] for name in there]
    return {
        "parameters": parameters_in_browser(page, there),
        "defaults": state,
        "runs": there,
        "shapes": {
            run.name: {
                "dim": run.config.model.latent_dim,
                "count": loader.image_count(run),
                "classes": list(run.config.dataset["classes"]),
                "conditional": bool(run.config.model.condition),
            }
            for run in runs
        },
        "payload": base,
        "others": {key: fields for key, fields in others.items() if fields},
    }


def _choices(page: Page, there: Sequence[str]) -> list[tuple[str, ...]]:
    """Every choice of runs that a page's switch allows, each in the order of the runs."""
    least, most = page.parameters["runs"].rule["runs"] if "runs" in page.parameters else (1, 1)
    sizes = range(min(least, len(there)), min(most, len(there)) + 1)
    return [chosen for size in sizes for chosen in combinations(there, size)]


def _choice(page: Page, chosen: Sequence[str]) -> dict[str, Any]:
    return {"runs": list(chosen)} if "runs" in page.parameters else {"run": chosen[0]}


def _payload(page: Page, state: dict[str, Any], images: bool) -> dict[str, Any]:
    payload = {**screen(page.name).payload(state), "assets": ""}
    del payload["state"]
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
    """The text of a page's modules, but for the one that loads."""
    return "".join(
        (WEB / name).read_text(encoding="utf-8") for name in modules_by_page()[page] if name != "run/loading.js"
    )


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
