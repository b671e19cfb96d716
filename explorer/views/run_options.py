"""The options that runs were made with, named in the field's terms, and which of them differ between runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.views.beta_changes import BETA_CHANGES, turns_in_words
from explorer.views.run_kind import LIKELIHOODS

NONE = "\N{EN DASH}"
MOST = 80  # characters of a value
LARGEST = 2**53  # up to which whole numbers are told apart by a float
SEED = "seed"
LOSSES = {
    "elbo": "reconstruction + \N{GREEK SMALL LETTER BETA} KL",
    "reconstruction": "reconstruction",
    "kl": "KL",
    "iwae": "importance-weighted bound",
    "autoencoder": "reconstruction, no noise",
}
POSTERIORS = {"diagonal": "diagonal", "full": "full covariance", "deterministic": "none: a code"}
GRADIENTS = {"reparameterization": "reparameterization", "score-function": "score function"}
PIXELS = {"none": "as they are", "fixed": "binary, one draw", "stochastic": "binary, drawn anew"}
NETWORKS = {"mlp": "MLP", "conv": "convolutions"}
# What is said by another option, by the run's model or its data, or is the same question twice.
_TOLD = {
    *("objective", "beta", "latent_dim", "architecture", "hidden_dims", "decoder_hidden_dims", "posterior"),
    *(
        "likelihood",
        "binarize",
        "prior",
        "prior_components",
        "frames",
        "family",
        "activation",
        "gradient",
        "baseline",
        "condition",
        "dataset",
        "image_size",
        SEED,
        BETA_CHANGES,
    ),
}


@dataclass(frozen=True)
class Option:
    """An option: its name in the address, its title, and what it is in a few words; empty where these say no more."""

    name: str
    title: str
    meaning: str = ""


@dataclass(frozen=True, order=True)
class Value:
    """A run's value of an option as people read it; `key` sorts: numbers by size, before words."""

    key: tuple[Any, ...]
    text: str

    @property
    def is_number(self) -> bool:
        """Whether it is a number, which says little without the option's title."""
        return bool(self.key[0] == 0)


NO_VALUE = Value((2, "", ()), NONE)
Options = Mapping[str, Value]
KNOWN = (
    Option("objective", "Loss", "What was minimised."),
    Option("beta", "\N{GREEK SMALL LETTER BETA}", "The weight of the KL term in the loss."),
    Option("latent_dim", "D", "Latent dimensions: how many numbers z has."),
    Option("network", "Network", "The encoder's layers by their width, of convolutions by their channels."),
    Option("activation", "Activation", "The non-linearity of hidden layers."),
    Option("dropout", "Dropout", "The share of the encoder's activations that are dropped while training."),
    Option("condition", "Given", "What encoder and decoder are given beside x and z."),
    Option("posterior", "q(z|x)", "The family of the approximate posterior."),
    Option("likelihood", "p(x|z)", "The distribution of a pixel."),
    Option("prior", "p(z)", "The prior, by its components where it was learned with the rest."),
    Option("importance_samples", "K", "Draws of z an image in the importance-weighted bound."),
    Option("binarize", "Pixels", "Whether images were made black and white, by one draw or anew each time."),
    Option("gradient", "Gradient", "The estimator of the ELBO's gradient, and what the score function subtracts."),
    Option("data", "Data set"),
    Option("images", "Trained on", "The images that the run learned from."),
    Option("shape", "Image size", "Height and width in pixels, and channels."),
    Option("start_from", "Started from", "The run whose weights it began with."),
    Option("epochs", "Epochs", "Passes over the training images."),
    Option("batch_size", "Batch", "Images a step."),
    Option("learning_rate", "Learning rate", "Adam's, at its peak."),
    Option("weight_decay", "Weight decay"),
    Option("schedule", "Schedule", "How the learning rate changes while training."),
    Option(SEED, "Seed", "Of the first weights, the order of images and the noise."),
    Option("precision", "Stored as", "The precision of the stored weights."),
)
OF_SOME_LOSSES = ("beta", "gradient")
_BY_NAME = {option.name: option for option in KNOWN}


def options_of(training: Mapping[str, Any], model: Mapping[str, Any], dataset: Mapping[str, Any]) -> dict[str, Value]:
    """A run's options from what its config.json says; those that say nothing of such a run are left out.

    `model`: the fields of its ModelSpec.
    """
    objective, has_model = str(training.get("objective", "")), model["architecture"] != "none"
    found: dict[str, Any] = {
        "objective": LOSSES.get(objective, objective),
        "beta": turns_in_words(training) or (training.get("beta", 1) if objective == "elbo" else None),
        "latent_dim": model["latent_dim"],
        "network": _network(model),
        "activation": model["activation"] if model["architecture"] in NETWORKS else None,
        "condition": "the class y" if training.get("condition") else None,
        "posterior": POSTERIORS.get(model["posterior"], model["posterior"]) if has_model else None,
        "likelihood": LIKELIHOODS.get(model["likelihood"], model["likelihood"]) if has_model else None,
        "prior": _prior(model) if has_model else None,
        "binarize": PIXELS.get(str(training.get("binarize", "none"))) if is_trained(training) else None,
        "gradient": _gradient(training) if objective in ("elbo", "reconstruction") else None,
        "data": training.get("dataset") or dataset.get("name"),
        "images": (dataset.get("split") or {}).get("train"),
        "shape": _shape(model["image_shape"]) if has_model else None,
        # Of a model that was made elsewhere, and of latents, it is not what training began with.
        SEED if is_trained(training) else "seed_of_measuring": training.get("seed"),
        **{name: value for name, value in training.items() if name not in _TOLD},
    }
    return {name: value_of(value) for name, value in found.items() if value is not None}


def is_trained(training: Mapping[str, Any]) -> bool:
    """Whether a run was trained here, so that its seed is what it began with."""
    return training.get("objective") in LOSSES


def option(name: str) -> Option:
    """The option of a name; one that is not known here is called what config.json calls it."""
    return _BY_NAME.get(name) or Option(name, " ".join(name.split("_")).capitalize())


def differing(runs: Sequence[Options]) -> list[Option]:
    """The options in which runs differ, in the order to show.

    What only some losses have differs between those that have it: of the others the loss itself says that they do not.
    """
    names = [*_BY_NAME, *sorted({name for run in runs for name in run} - set(_BY_NAME))]
    found = []
    for name in names:
        values = {run.get(name, NO_VALUE) for run in runs}
        if name in OF_SOME_LOSSES:
            values.discard(NO_VALUE)
        if len(values) > 1:
            found.append(option(name))
    return found


def values_of(runs: Iterable[Options], name: str) -> list[Value]:
    """The different values that runs have of an option, in order."""
    return sorted({run.get(name, NO_VALUE) for run in runs})


def has_all(options: Options, only: Sequence[str]) -> bool:
    """Whether a run has what is asked for: of each option that is named, one of the values."""
    asked: dict[str, set[str]] = {}
    for name, _, text in (part.partition(":") for part in only):
        asked.setdefault(name, set()).add(text)
    return all(options.get(name, NO_VALUE).text in texts for name, texts in asked.items())


def value_of(value: Any) -> Value:
    """A value of config.json as people read it."""
    if isinstance(value, bool):
        return Value((1, "yes" if value else "no", ()), "yes" if value else "no")
    if isinstance(value, int | float) and abs(value) < LARGEST:
        return Value((0, float(value), ()), repr(value).removesuffix(".0"))
    if isinstance(value, list):
        value = ", ".join(value_of(part).text for part in value)
    text = " ".join(str(value).split()) or NONE
    text = text if len(text) <= MOST else f"{text[: MOST - 1]}\N{HORIZONTAL ELLIPSIS}"
    parts = re.split("([0-9]+)", text.replace(",", ""))
    # The digits of a text by their count and then as text: there may be more of them than int() takes.
    numbers = tuple((len(part.lstrip("0")), part.lstrip("0")) for part in parts[1::2])
    return Value((1, "\0".join(part.casefold() for part in parts[::2]), numbers), text)


def _network(model: Mapping[str, Any]) -> str | None:
    kind = model["architecture"]
    if kind not in NETWORKS:
        return None if kind == "none" else "made elsewhere"
    widths, back = (list(map(str, model[name])) for name in ("hidden_dims", "decoder_hidden_dims"))
    words = f"{NETWORKS[kind]} {'-'.join(widths)}".strip()
    return words if back == widths[::-1] else f"{words}, back by {'-'.join(back) or 'none'}"


def _gradient(training: Mapping[str, Any]) -> str | None:
    if "gradient" not in training:
        return None
    name, baseline = str(training["gradient"]), training.get("baseline", "none")
    return GRADIENTS.get(name, name) + (
        f", {'no' if baseline == 'none' else baseline} baseline" if name == "score-function" else ""
    )


def _prior(model: Mapping[str, Any]) -> str:
    kind, count = model.get("prior", "standard"), model.get("prior_components", 0)
    return {"mixture": f"mixture of {count}", "vamp": f"VampPrior of {count}"}.get(kind, "N(0, I)")


def _shape(image_shape: Sequence[int]) -> str:
    channels, height, width = image_shape
    return f"{height} \N{MULTIPLICATION SIGN} {width}" + (f", {channels} channels" if channels > 1 else "")
