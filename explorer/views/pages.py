"""The pages and the parameters of their addresses."""

from __future__ import annotations

from explorer.views.link import Page, choice, index, point, run, runs, whole

COLOR_BY = ("label", "reconstruction", "kl", "width")
BACKGROUND = ("nothing", "manifold", "prior")

EXPLORE = Page(
    "explore",
    {
        "run": run(),
        "z": point(),
        "image": index(),
        "color_by": choice(*COLOR_BY),
        "background": choice(*BACKGROUND),
    },
    widgets=("run", "color_by", "background"),
)

COMPARE = Page(
    "compare",
    {
        "runs": runs(2, 4),
        "link": choice("image", "z"),
        "z": point(),
        "image": index(),
        "color_by": choice(*COLOR_BY),
    },
    widgets=("runs",),
)

RECONSTRUCT = Page(
    "reconstruct",
    {
        "runs": runs(1, 4),
        "image": index(),
        "seed": whole(0, 0, 9999),
    },
    widgets=("runs",),
)

INTERPOLATE = Page(
    "interpolate",
    {
        "run": run(),
    },
    widgets=("run",),
)

PRIOR = Page(
    "prior",
    {
        "run": run(),
        "seed": whole(0, 0, 9999),
    },
    widgets=("run",),
)

PAGES = {page.name: page for page in (EXPLORE, COMPARE, RECONSTRUCT, INTERPOLATE, PRIOR)}
