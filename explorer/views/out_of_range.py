"""Values of an address that make sense, but not for the runs that it names: the shell tells of each."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.views.page_address import Page, State, shortened
from explorer.views.parameters import written


def out_of_range(state: State, page: Page, dims: Sequence[int], count: int, classes: int) -> list[tuple[str, str]]:
    """The parameters that the shown runs cannot show, each with a note that says what is shown instead.

    `dims`: the runs' latent dimensions; `count`: how many held-out images all of them have; `classes`: of the data set.
    """
    found = []
    for name, parameter in page.parameters.items():
        value = state[name]
        if value is None:
            continue
        problem = _problem(name, value, dims, count, classes)
        if problem:
            found.append((name, f"{name}={shortened(written(parameter.kind, value))}: {problem}"))
    return found


def _problem(name: str, value: object, dims: Sequence[int], count: int, classes: int) -> str | None:
    images = f"this run has images 0 to {count - 1}"
    match name, value:
        case "image" | "image_a" | "image_b", int(index) if index >= count:
            return f"{images}; none is selected"
        case "set", [*_, int(last)] if last >= count:
            return f"{images}; none are selected"
        case "z" | "eps", list(numbers) if len(numbers) not in {2, *dims}:
            words = f"{len(numbers)} number{'s' * (len(numbers) != 1)}"
            return f"has {words}, this run has {_dimensions(dims[0])}; showing the default"
        case "axes", list(axes) if max(axes) > min(dims):
            return f"this run has {_dimensions(min(dims))}; showing the default"
        case "hide", list(hidden) if max(hidden) >= classes:
            return f"the data set has classes 0 to {classes - 1}; showing all"
    return None


def _dimensions(count: int) -> str:
    return f"{count} latent dimension{'s' * (count != 1)}"
