"""Which runs a page can show, by what decodes them: the browser, the server, or nothing; and words for the others."""

from __future__ import annotations

from contextlib import suppress

from explorer import loader
from explorer.views.page_address import Page, Runs
from training.checkpoint import CheckpointError


def names_of(page: Page) -> dict[str, list[str]]:
    """Names of the runs that a page can show, by data set."""
    return loader.catalog().decoding if page.decodes else loader.catalog().names


def why_none(asked: str, names: Runs) -> str | None:
    """Why a page can show no run of the data set that it is asked for, or None when it can."""
    if names and (asked in names or asked not in loader.catalog().datasets):
        return None
    asked = asked or next(iter(loader.catalog().datasets))
    return f"{asked}: no run with a decoder, which this page needs. Explore and Compare show its runs."


def left_out(dataset: str, names: Runs) -> str | None:
    """Which runs of a data set a page leaves out, or None."""
    runs = loader.catalog().datasets[dataset]
    alone = [run.words.title for name, run in runs.items() if name not in names[dataset]]
    return f"Without a decoder, shown by Explore and Compare alone: {', '.join(alone)}." if alone else None


def pictured(shown: list[loader.Run]) -> loader.Run:
    """The run whose pictures stand for all that are shown: not latents alone that came without, if there is another."""
    return next((run for run in shown if run.config.model.has_decoder or not loader.gallery_problem(run)), shown[0])


def why_no_pictures(shown: list[loader.Run]) -> str | None:
    """Why the held-out images of runs cannot be shown, or None where they can; several panels say so themselves."""
    run = pictured(shown)
    if len(shown) > 1 and not run.config.model.has_decoder and not run.config.dataset["gallery_sha256"]:
        return None
    return loader.gallery_problem(run)


def why_too_many(page: Page, shown: list[loader.Run]) -> str | None:
    """Why a page that decodes, or that decodes many images at once, cannot show these runs, or None when it can."""
    if page.decodes and (alone := [run for run in shown if not run.config.model.has_decoder]):
        return f"{alone[0].words.title} has no decoder, which this page needs. Explore and Compare show it."
    if page.one_image:
        return None
    for run in shown:
        if why := loader.why_by_server(run):
            return (
                f"{run.words.title} is decoded by the server, one image at a time: {why}. Explore and Compare show it; "
                "this page decodes many images at once."
            )
    return None


def can_show(page: Page, run: loader.Run) -> bool:
    """Whether a page decodes a run as it needs to; what is broken is said where it is shown."""
    if page.decodes and not run.config.model.has_decoder:
        return False
    with suppress(CheckpointError):
        return page.one_image or not loader.why_by_server(run)
    return True
