"""Runs in words, for the pages and their switches: their titles and what each optimises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.views.beta_changes import turns_in_words

TITLES = {
    "autoencoder": "Autoencoder",
    "reconstruction": "Reconstruction only",
    "kl": "KL only",
    "elbo": "Full ELBO",
    "elbo-full-covariance": "ELBO, full covariance",
    "elbo-score-function": "ELBO, score function",
    "elbo-conv": "ELBO, convolutional",
    "elbo-16d": "ELBO, 16-D",
    "elbo-conditional": "ELBO, conditional",
    "elbo-binary": "ELBO, binary",
    "elbo-mixture-prior": "ELBO, mixture",
    "beta-4": "ELBO, β = 4",
}
SENTENCES = {
    "autoencoder": "A code without noise, trained only to rebuild its image: no prior holds the codes together.",
    "reconstruction": "Samples z from q(z|x) but only rebuilds the image: nothing ties q(z|x) to the prior.",
    "kl": "Only pulls every q(z|x) onto the prior N(0, I): z says nothing of the image, and the decoder never learns.",
    "iwae": "Raises the importance-weighted bound of several draws an image: q(z|x) need not be as tight.",
    "elbo": "Rebuilds the image and pays for straying from the prior: codes pack around 0 (Eq. 30).",
}


@dataclass(frozen=True)
class RunText:
    """`title` for switches, `sentence` on what the run optimises."""

    title: str
    sentence: str


def run_text(name: str, training: dict[str, Any], posterior: str) -> RunText:
    """Words for a run from its folder's name and its training options."""
    objective = str(training.get("objective", ""))
    if objective == "imported":
        sentence = f"{training.get('model')}, imported: what it minimised is not known here."
        if training.get("condition"):
            sentence = f"Encoder and decoder are given the class y. {sentence}"
        return RunText(TITLES.get(name, name), _dimensions(training) + sentence)
    if objective == "latents":
        what = f"Latents alone, {training.get('latents')!r} of {training.get('file')}: no decoder, no prior."
        return RunText(TITLES.get(name, name), _dimensions(training) + what)
    beta = training.get("beta", 1)
    sentence = SENTENCES.get(objective, f"Trained with the objective {objective!r}, posterior {posterior}.")
    if objective == "elbo" and beta != 1:
        weighs = "more than in the ELBO" if beta > 1 else "less than in the ELBO" if beta else "nothing"
        sentence = f"Minimises reconstruction + {beta:g} KL: the prior weighs {weighs}."
    if turns := turns_in_words(training):
        sentence = f"Its beta was turned while it was trained: {turns}."
    if training.get("gradient") == "score-function":
        sentence = f"Learned by the score-function gradient (Eq. 20). {sentence}"
    if posterior == "full":
        sentence = f"Each q(z|x) may tilt: its covariance is a full L Lᵀ (Eq. 22). {sentence}"
    if training.get("architecture") == "conv":
        sentence = f"Convolutions in place of full layers. {sentence}"
    if (prior := training.get("prior", "standard")) != "standard":
        kind = "a VampPrior" if prior == "vamp" else "a mixture of Gaussians"
        plain = objective == "elbo" and beta == 1
        sentence = (
            f"Its prior is {kind}, learned with the rest; its KL is a sampled estimate. {'' if plain else sentence}"
        )
    if training.get("binarize", "none") != "none":
        sentence = f"Its pixels are black or white, by chance of their grey: p(x) is a probability. {sentence}"
    if training.get("condition"):
        sentence = f"Encoder and decoder are given the class y, so its figures are of log p(x|y). {sentence}"
    return RunText(TITLES.get(name, name), _dimensions(training) + sentence)


def _dimensions(training: dict[str, Any]) -> str:
    dim = training.get("latent_dim", 2)
    if dim == 1:
        return "One latent dimension: z is a single number. "
    return f"{dim} latent dimensions, of which a plane shows two directions. " if dim > 2 else ""


def run_order(names: list[str]) -> list[str]:
    """The shipped runs in this order, the notes' four first, then all other runs as given."""
    order = list(TITLES)
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))
