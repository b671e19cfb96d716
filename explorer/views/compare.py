"""What a run's metrics say of its latent space, for the Compare page, in words that are true of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.views import commands

Metrics = Mapping[str, float | None]
Classes = Sequence[str | None]  # None in place of a name: of images without a label

COVERS, MISSES = 0.8, 0.4  # of what as many images can cover
APART, MIXED = 0.66, 0.22  # of accuracy beyond what a guess reaches
MOST, FEW = 0.7, 0.3
MOST_DIMENSIONS = 2
TELLING = 0.1  # the least ceiling by which a coverage is judged


def verdict(metrics: Metrics, classes: int, latent_dim: int = 2, given: bool = False) -> str:
    """One sentence, under its figures, on how a run covers the prior, keeps its classes apart and fills the space.

    A metric that a run does not have is left out. `classes`: how many, for what a guess would reach. In more than two
    of `latent_dim` dimensions the held-out images are too few to tell how the prior is covered. `given`: the run's
    decoder is given the class, which its code then need not hold.
    """
    cloud = _cloud(metrics, latent_dim)
    parts = [part for part in (cloud, _classes(metrics.get("neighbour_accuracy"), classes, given)) if part]
    samples = _samples(metrics, classes)
    if not parts and not samples:
        return "This run was written without figures of its latent space."
    joined = "; ".join(part for part in (", ".join(parts), samples) if part)
    return joined[0].upper() + joined[1:] + "."


def alone(own: Classes, shared: Sequence[str]) -> str:
    """The same for latents without a decoder, whose classes are `own`, among runs that together have `shared` ones."""
    words = "Latents alone: there is no decoder and no prior, so that only the points can be compared."
    return words if len(shared) < 2 or any(own) else f"{words} They came without classes."


def shared_classes(
    own: Mapping[str, Classes], first: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, list[int] | None]]:
    """The classes of several runs together, given those of each; and of each run the numbers that its own have there.

    None where all runs have the same, which are then those that the `first` run is written with; -1 where an image has
    no label.
    """
    if len({tuple(classes) for classes in own.values()}) == 1:
        return tuple(first), dict.fromkeys(own)
    together = list(dict.fromkeys(name for classes in own.values() for name in classes if name is not None))
    number: dict[str | None, int] = {name: place for place, name in enumerate(together)}
    return tuple(together), {run: [number.get(name, -1) for name in classes] for run, classes in own.items()}


def missing(runs: Mapping[str, Metrics], shown: Mapping[str, commands.Place], classifier: bool, classes: int) -> str:
    """One line on how to get the metrics that the runs shown lack; empty if they lack none that they could have."""
    if classes < 2:
        return ""  # without classes there is neither an accuracy nor a classifier
    lacking = [place for name, place in shown.items() if _lacks(runs[name])]
    steps = [commands.evaluate(place) for place in lacking]
    if not steps:
        return ""
    if classifier:
        return f"Figures that are none can be computed: {' && '.join(steps)}"
    return f"Recognisable prior samples need a classifier: {' && '.join([commands.classifier(lacking[0]), *steps])}"


def _lacks(metrics: Metrics) -> bool:
    return metrics.get("neighbour_accuracy") is None or metrics.get("recognisable") is None


def _cloud(metrics: Metrics, latent_dim: int) -> str:
    coverage, ceiling = metrics.get("prior_coverage"), metrics.get("prior_coverage_ceiling")
    if coverage is None:
        return "a code without noise, not tied to the prior" if metrics.get("kl") is None else ""
    if not ceiling or latent_dim > MOST_DIMENSIONS:
        return ""
    if ceiling < TELLING:
        return "posteriors too narrow to tell how the prior is covered"
    share = coverage / ceiling
    return f"{'fills' if share >= COVERS else 'misses most of' if share < MISSES else 'covers part of'} the prior"


def _classes(accuracy: float | None, classes: int, given: bool) -> str:
    if accuracy is None or classes == 1:
        return ""
    beyond = (accuracy * classes - 1) / (classes - 1)
    if given and beyond < APART:
        return "classes share the space, as each is given with z"
    return f"classes {'lie apart' if beyond >= APART else 'overlap' if beyond >= MIXED else 'cannot be told apart'}"


def _samples(metrics: Metrics, classes: int) -> str:
    share, seen = metrics.get("recognisable"), metrics.get("recognised_classes")
    if share is None:
        return ""
    if share == 0:
        return "no prior sample is recognisable"
    how = "most" if share >= MOST else "few" if share < FEW else "some"
    of = "" if seen is None else f" ({seen:.0f} of {classes} classes)"
    return f"{how} prior samples are recognisable{of}"
