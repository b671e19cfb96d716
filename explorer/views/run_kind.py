"""What kind of run a figure is of: which runs' figures may be held against each other, and which have no meaning."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.views.beta_changes import beta_at_end, objective_of

LIKELIHOODS = {"bernoulli": "Bernoulli", "gaussian": "Gaussian", "continuous-bernoulli": "continuous Bernoulli"}


@dataclass(frozen=True)
class RunKind:
    """A run, as far as its figures depend on it.

    `data`: data set, split and size of the images, as one text; `objective`: what it minimised, empty where that is
    not known; `posterior`: "deterministic", "diagonal" or "full".
    """

    data: str
    likelihood: str
    latent_dim: int
    posterior: str
    objective: str

    @property
    def likelihood_text(self) -> str:
        """As it stands beside the run's name: "Bernoulli likelihood", or "Bernoulli likelihood given the class"."""
        family = next((name for name in LIKELIHOODS.values() if self.likelihood.startswith(name)), self.likelihood)
        return f"{family} likelihood{self.likelihood.removeprefix(family)}"

    @property
    def deterministic(self) -> bool:
        """Whether its code has no noise, so that it has neither q(z|x) nor a prior."""
        return self.posterior == "deterministic"


def run_kind(
    dataset: Mapping[str, Any],
    image_shape: Sequence[int],
    likelihood: str,
    latent_dim: int,
    posterior: str,
    training: Mapping[str, Any],
) -> RunKind:
    """The kind of a run whose config.json has these."""
    images = json.dumps([dataset.get("name"), list(image_shape), dataset.get("split")], sort_keys=True)
    named = LIKELIHOODS.get(likelihood, likelihood)
    if training.get("binarize", "none") != "none":  # of other data: pixels of 0 and 1
        named += " of binary pixels"
    if training.get("condition"):  # log p(x|y) is no log p(x)
        named = f"{named} given the class"
    return RunKind(images, named, latent_dim, posterior, _objective(training))


def _objective(training: Mapping[str, Any]) -> str:
    if (last := beta_at_end(training)) is not None:
        return objective_of(last)
    name = str(training.get("objective", ""))
    if name == "elbo":
        return objective_of(training.get("beta", 1))
    return {
        "autoencoder": "reconstruction",
        "reconstruction": "reconstruction",
        "kl": "KL",
        "iwae": "importance-weighted bound",
    }.get(name, "")


def why_apart(kinds: Sequence[RunKind], likelihoods: bool = True) -> str:
    """Why figures of these runs are not compared, empty where they may be; `likelihoods`: whether these matter."""
    if len({kind.data for kind in kinds}) > 1:
        return "their images differ (data set, split or size)"
    names = list(dict.fromkeys(kind.likelihood for kind in kinds))
    if likelihoods and len(names) > 1:
        return f"their likelihoods differ ({', '.join(names)})"
    return ""
