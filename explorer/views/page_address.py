"""A page's state from its address, `?dataset=mnist&run=elbo&z=0.5,-1.2&image=17`, for the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from explorer.views.parameters import Parameter, choice, written

State = dict[str, Any]
Runs = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Page:
    """A page's name and the parameters of its state; `widgets` are set beside the browser's part, the rest in it.

    Every page has the parameter `dataset` besides. `in_browser`: it has a part of its own in the browser, without which
    Streamlit's elements are all of it, but for what stands over them if it `opens_live`. `one_image`: it decodes at
    most one image of a run at a time, so that the server can do it for a model that the browser cannot run. `decodes`:
    it needs a decoder, which latents alone do not have. `in_file`: it needs no server, and stands in an exported file.
    """

    name: str
    parameters: Mapping[str, Parameter]
    widgets: tuple[str, ...] = ()
    in_browser: bool = True
    opens_live: bool = False
    one_image: bool = False
    decodes: bool = True
    in_file: bool = False


def parse_address(params: Mapping[str, str], page: Page, names: Runs) -> tuple[State, list[str]]:
    """A valid state from query parameters, and one note for each value that made no sense and became its default.

    `names`: the names of the runs there are, by data set; at least one.
    """
    notes: list[str] = []
    state: State = {}
    for name, parameter in {"dataset": choice(*names), **page.parameters}.items():
        there = names[state["dataset"]] if state else ()
        state[name] = default = parameter.default(there)
        if name in params:
            try:
                state[name] = parameter.parse(params[name], there)
            except ValueError:
                what = parameter.expected or f"there is no such {name.replace('_', ' ')}; showing {default}"
                notes.append(f"{name}={shortened(params[name])}: {what}")
    return state, notes


def parameters_in_browser(page: Page, there: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the browser must know of a page's parameters to write them into its address, but for `dataset`.

    `there`: names of the data set's runs. A value that is the `default` is left out, but run and runs are always named,
    so that a link means the same when other runs have been added.
    """
    return {
        name: {
            "kind": parameter.kind,
            "default": None if name in ("run", "runs") else parameter.default(there),
            "kept": parameter.kept,
            "widget": name in page.widgets,
        }
        for name, parameter in page.parameters.items()
    }


def change_dataset(state: State, page: Page, names: Runs) -> State:
    """`state` moved to its new data set: runs are kept by name, what belongs to the old latent space is dropped."""
    there = names[state["dataset"]]
    new = dict(state)
    for name, parameter in page.parameters.items():
        value = new.get(name)
        known = (
            all(run in there for run in ([value] if name == "run" else value or []))
            if name in ("run", "runs")
            else True
        )
        if not parameter.kept or not known:
            new[name] = parameter.default(there)
    return new


def without_lost(state: State, page: Page, names: Runs) -> tuple[State, str]:
    """`state` without a data set and runs that are no longer there, and what is shown instead; "" if all are."""
    dataset = state["dataset"] if state["dataset"] in names else next(iter(names))
    there = names[dataset]
    chosen = state["runs"] if "runs" in state else [state["run"]] if "run" in state else []
    lost = [str(run) for run in chosen or [] if run not in there]
    if "detail" in state and state["detail"] not in there:
        state = {**state, "detail": page.parameters["detail"].default(there)}
    if dataset == state["dataset"] and not lost:
        return state, ""
    new = change_dataset({**state, "dataset": dataset}, page, names)
    if dataset == state["dataset"] and "runs" in state:
        left = [run for run in chosen if run in there]
        with suppress(ValueError):
            new["runs"] = page.parameters["runs"].parse(written("texts", left), there)
    showing = ", ".join(new["runs"] if "runs" in new else [new["run"]] if "run" in new else [dataset])
    gone = ", ".join(lost) if dataset == state["dataset"] else str(state["dataset"])
    return new, f"{gone}: no longer there, hidden, or it cannot be read; showing {showing}"


def shortened(text: str) -> str:
    """A user's text, fit to be shown: one short line without markup."""
    clean = "".join(character if character.isalnum() or character in " .,-_+" else "?" for character in text)
    return clean if len(clean) <= 40 else clean[:40] + "..."
