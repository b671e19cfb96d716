"""The pages by their places, and the parameters of their addresses: the one list of them in Python."""

from __future__ import annotations

from dataclasses import replace

from explorer.views.page_address import Page
from explorer.views.parameters import (
    box,
    boxes,
    choice,
    coloring,
    ellipse,
    epoch,
    filters,
    images,
    index,
    latent,
    mask,
    number,
    numbers,
    ordering,
    point,
    run,
    runs,
    several,
    text,
    weight,
    whole,
)

COLOR_BY = ("label", "reconstruction", "kl", "width", "density", "rank:reconstruction", "rank:kl", "rank:width")
BACKGROUND = ("nothing", "manifold", "prior", "percentiles", "percentile-manifold")
POINTS = ("auto", "means", "draws")  # what stands for an image: auto is draws where the means tell nothing
MARKS = ("auto", "dots", "images", "labels")  # auto is labels where there are more classes than colours
PROJECTIONS = ("pca", "umap", "axes")
LINES = ("neighbours", "walk")
PATHS = ("linear", "spherical", "shortest")

# The class that conditional runs are given; none: the first.
GIVEN = replace(index(), expected="expected the number of a class, as in given=3; showing the first")

EXPLORE = Page(
    "explore",
    {
        "run": run(),
        "given": GIVEN,
        "z": latent(),
        "projection": choice(*PROJECTIONS),
        "axes": numbers("the numbers of two latent dimensions", "axes=1,2", 1, 2),
        "points": choice(*POINTS),
        "at": point("at=0.5,-1.2"),
        "image": index(),
        "set": images(),
        "hide": numbers("numbers of classes", "hide=0,3", 0),
        "lines": several(*LINES, default=()),
        "walk": whole(0, 0, 9999),
        "epoch": epoch(),
        "marks": choice(*MARKS),
        "lens": choice("on", "off"),
        "view": box(),
        "tray": choice("auto", "selection", "samples", "sliders"),
        "draws": whole(0, 0, 9999),
        "color_by": coloring(*COLOR_BY),
        "background": choice(*BACKGROUND),
    },
    widgets=("run", "given"),
    one_image=True,
    decodes=False,
    in_file=True,
)

COMPARE = Page(
    "compare",
    {
        "runs": runs(2, 4),
        "given": GIVEN,
        "link": choice("image", "z", "draw"),
        "z": latent(),
        "image": index(),
        "set": images(),
        "color_by": coloring(*COLOR_BY),
        "points": choice(*POINTS),
        "marks": choice(*MARKS),
        "epoch": epoch(),
        "views": boxes(),
        "figures": choice("closed", "open"),
    },
    widgets=(
        "runs",
        "given",
    ),
    one_image=True,
    decodes=False,
    in_file=True,
)

DIAL = Page(
    "dial",
    {
        "family": text(""),
        "beta": weight(1),
        "link": choice("image", "z"),
        "image": index(),
        "z": latent(),
    },
    one_image=True,
)

RECONSTRUCT = Page(
    "reconstruct",
    {
        "runs": runs(1, 4),
        "given": GIVEN,
        "detail": replace(run(), kept=False),
        "image": index(),
        "set": images(),
        "eps": latent("eps=0.5,-1.2"),
        "source": choice("held-out", "draw"),
        "class": replace(index(), expected="expected the number of a class, as in class=3; showing all"),
        "order": choice("auto", "random", "worst", "best", "odd", "selection"),
        "seed": whole(0, 0, 9999),
        "noise": number(0, 0, 3),
        "difference": choice("off", "on"),
        "how": choice("open", "closed"),
    },
    widgets=(
        "runs",
        "given",
    ),
    in_file=True,
)

TRAVERSE = Page(
    "traverse",
    {
        "run": run(),
        "given": GIVEN,
        "z": latent(),
        "image": index(),
        "steps": whole(None, 5, 21, "as many as there is room for"),
    },
    widgets=(
        "run",
        "given",
    ),
    in_file=True,
)

INTERPOLATE = Page(
    "interpolate",
    {
        "run": run(),
        "given": GIVEN,
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
    widgets=(
        "run",
        "given",
    ),
    in_file=True,
)

PRIOR = Page(
    "prior",
    {
        "run": run(),
        "given": GIVEN,
        "side": whole(20, 5, 40),
        "low": number(5, 0.1, 45),
        "holes": choice("off", "on"),
        "z": latent(),
        "seed": whole(0, 0, 9999),
        "draw": choice("mean", "pixels"),
        "view": choice("percentiles", "fitted"),
        "fit": text(""),
    },
    widgets=(
        "run",
        "given",
    ),
    in_file=True,
)

GRADIENTS = Page(
    "gradients",
    {
        "run": run(),
        "images": choice("16", "4", "64"),
        "draws": choice("2048", "1024", "8192"),
        "seed": whole(0, 0, 9999),
        "of": choice("scaled", "mean", "encoder"),
        "mean": number(1.5, -3, 3),
        "samples": whole(4, 0, 8),  # as a logarithm to the base 2
        "height": number(2, 0, 10),
        "estimator": choice("reparameterization", "score"),
        "less": choice("nothing", "expected"),
        "toy_seed": whole(0, 0, 9999),
    },
    widgets=("run", "images", "draws", "seed", "of"),
    in_browser=False,
    opens_live=True,
    one_image=True,
)

PROBABILITY = Page(
    "probability",
    {
        "run": run(),
        "image": index(),
        "family": choice("own", "diagonal", "full"),
        "q": ellipse(),
        "spread": number(0.8, 0, 0.99),
    },
    widgets=("run",),
    in_file=True,
)

INFER = Page(
    "infer",
    {
        "run": run(),
        "given": GIVEN,
        "image": index(),
        "source": choice("held-out", "draw"),
        "mode": choice("part", "paint"),
        "seen": mask(),
        "bright": mask(),
        "dark": mask(),
        "brush": whole(3, 0, 9),
    },
    widgets=("run", "given"),
    in_file=True,
)

MOST_RUNS = 60
# Metrics in the order of the table's columns.
COLUMNS = (
    "elbo",
    "reconstruction",
    "kl",
    "bound_elbo",
    "importance_weighted_bound",
    "log_evidence",
    "gap",
    "frechet_samples",
    "frechet_reconstructions",
    "inception_samples",
    "inception_reconstructions",
    "recognisable",
    "prior_coverage",
    "neighbour_accuracy",
    "active_units",
    "mutual_information_gap",
    "dci_disentanglement",
    "dci_completeness",
    "dci_informativeness",
    "attribute_predictability",
    "factor_vae_score",
)
METRICS = Page(
    "metrics",
    {
        "runs": replace(runs(1, MOST_RUNS), default=lambda names: list(names[:MOST_RUNS])),
        "only": filters(),
        "sort": ordering("given", *COLUMNS),
        "seeds": choice("apart", "together"),
        "figure": choice("log_evidence", *(column for column in COLUMNS if column != "log_evidence")),
        "against": replace(ordering("option:latent_dim"), kept=False),
        "term": choice("elbo", "reconstruction", "kl", "loss"),
        "split": choice("validation", "both", "train"),
        "axis": choice("linear", "log"),
    },
    widgets=("runs", "only", "sort", "seeds", "figure", "against", "term", "split", "axis"),
    in_browser=False,
)

TRAIN = Page("train", {"job": text("")}, one_image=True, decodes=False)

TOUR = Page(
    "tour",
    {
        "talk": text("notes"),
        "scene": whole(1, 1, 60),
        "present": choice("0", "1"),
    },
    widgets=("talk",),
    in_file=True,
)

# Each place of the bar by its name, with the pages that are its views and their names there; it leads to the first.
PLACES: dict[str, tuple[tuple[Page, str], ...]] = {
    "Explore": ((EXPLORE, "Plane"), (TRAVERSE, "Traverse"), (PRIOR, "Prior")),
    "Train": ((TRAIN, "Train"),),
    "Compare": ((COMPARE, "Planes"), (DIAL, "Beta dial"), (METRICS, "Table")),
    "Reconstruct": ((RECONSTRUCT, "Reconstruct"),),
    "Interpolate": ((INTERPOLATE, "Interpolate"),),
    "Theory": ((PROBABILITY, "Probability"), (INFER, "Infer"), (GRADIENTS, "Gradients")),
    "Learn": ((TOUR, "Tour"),),
}
PAGES = {page.name: page for views in PLACES.values() for page, _ in views}
