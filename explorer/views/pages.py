"""The pages and the parameters of their addresses."""

from __future__ import annotations

from dataclasses import replace

from explorer.views.link import Page, choice, index, number, point, run, runs, several, whole

COLOR_BY = ("label", "reconstruction", "kl", "width")
BACKGROUND = ("nothing", "manifold", "prior")
PATHS = ("linear", "spherical", "shortest")

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
        "detail": replace(run(), kept=False),
        "image": index(),
        "eps": point("eps=0.5,-1.2"),
        "source": choice("held-out", "draw"),
        "class": replace(index(), expected="expected the number of a class, as in class=3; showing all"),
        "order": choice("random", "worst", "best"),
        "seed": whole(0, 0, 9999),
        "noise": number(0, 0, 3),
        "difference": choice("off", "on"),
        "how": choice("closed", "open"),
    },
    widgets=("runs",),
)

INTERPOLATE = Page(
    "interpolate",
    {
        "run": run(),
        "mode": choice("two", "same", "arithmetic"),
        "image_a": index(),
        "image_b": index(),
        "a": point("a=0.5,-1.2"),
        "b": point("b=0.5,-1.2"),
        "class_a": whole(2, 0, 9999),
        "class_b": whole(6, 0, 9999),
        "strength": number(1, -2, 2),
        "view": choice("paths", "runs"),
        "paths": several(*PATHS, default=PATHS),
        "steps": whole(9, 3, 25),
        "t": number(0.5, 0, 1),
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
