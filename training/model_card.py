"""The model card of a run, in the Hugging Face format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huggingface_hub import ModelCard, ModelCardData

from training.beta import in_words
from training.data.binarize import has_grey
from training.data.datasets import ImageData
from training.measure.definitions import ALL_DEFINITIONS, DEFINITIONS, FACTOR_DEFINITIONS, SHARES
from training.model.spec import ModelSpec
from training.objective import Objective
from training.options import FitOptions, ImportOptions
from training.shortcomings import stored_shortcomings

IWAE = """

What is minimised is minus the importance-weighted bound of {} draws an image (Burda et al., 2016), which with one draw
is the loss above; the best epoch is the one whose bound on the validation images is highest."""
PRIORS = {
    "mixture": """

The prior is a mixture of {} Gaussians, learned with the rest. The KL to it has no closed form: it is the sampled
estimate log q(z|x) - log p(z), a mean over draws of q(z|x).""",
    "vamp": """

The prior is the mean of q(z|u) over {} learned pseudo-inputs u (VampPrior, Tomczak and Welling, 2018), a mixture of
Gaussians. The KL to it has no closed form: it is the sampled estimate log q(z|x) - log p(z), a mean over draws of
q(z|x).""",
}
GRADIENT = ",\nalong the score-function gradient (Eqs. 18-20), baseline: {}"
TURNED = """ Beta, the weight of the KL term, was
turned by hand while it was trained: {}.
The epoch that is kept is the best of those since the last change."""
TITLES = {
    "autoencoder": "plain autoencoder",
    "reconstruction": "reconstruction term only",
    "kl": "KL term only",
    "elbo": "full ELBO",
    "iwae": "importance-weighted bound",
    "imported": "imported",
}

TRAINED = """\
A {architecture} encoder {encoder} and decoder {decoder} with {latent_dim} latent dimensions, a {posterior} posterior
and a {likelihood} likelihood, trained for {epochs} epochs to minimise
`{w_rec:g} * reconstruction + {w_kl:g} * kl` (Eq. 30 of "Variational Autoencoders", J. Lu, 2019) by
auto-encoding variational Bayes{gradient}.{began}{turned}"""
PIXELS = {
    "grey": """

The pixels are grey: -log p(x|z) of a Bernoulli is then a cross-entropy, not a log-probability, and ELBO, bounds and
log p(x) are no log-probabilities of the images.""",
    "fixed": """

Each pixel was made black or white, by the chance of its grey, in one fixed draw of each image (`fixed_draw` of
training/data/binarize.py), on which all terms are measured too: the ELBO bounds a log-probability.""",
    "stochastic": """

Each pixel was made black or white, by the chance of its grey, anew each time an image was trained on; all terms are
measured on one fixed draw of each image (`fixed_draw` of training/data/binarize.py): the ELBO bounds a
log-probability.""",
}
IMPORTED = """\
The PyTorch model `{model}`, trained elsewhere and imported: an encoder of {encoder} layers and a decoder of {decoder}
with {latent_dim} latent dimensions, a {posterior} posterior and a {likelihood} likelihood."""

TEXT = """---
{header}
---

# Variational autoencoder on {dataset}: {title}

{what}

## Test figures

{images:,} test images, {samples} draws of z each; nats per image, summed over pixels. The shares, in [0, 1], are of the
{held_out_images:,} held-out images and of {prior_draws:,} draws of the prior.{sizes}
{beware}
| figure | value | definition |
|---|---|---|
{rows}

## Data

{source}; licence {licence}. Splits: {splits}.

## Use

    from training.checkpoint import load_latents, load_model

    model = load_model("checkpoints/{folder}/{name}")
    mu, log_var = model.encode(x)    # x (N, {channels}, {height}, {width}) in [0, 1]
    images = model.image(mu)

For looking at and teaching; not for any decision about people.
"""


def model_card(
    options: FitOptions | ImportOptions,
    data: ImageData,
    spec: ModelSpec,
    metrics: dict[str, Any],
    beta_changes: Sequence[dict[str, Any]] = (),
) -> str:
    """README.md of the checkpoint: header for the hub, what the run is, its metrics, data source and licence."""
    objective = "imported" if isinstance(options, ImportOptions) else options.objective
    header = ModelCardData(
        license=None if objective == "imported" else "mit",
        library_name="pytorch",
        datasets=[data.name],
        tags=["variational-autoencoder", "latent-space", objective],
    )
    channels, height, width = spec.image_shape
    rows = "\n".join(
        _row(name, metrics[name], definition)
        for name, definition in ALL_DEFINITIONS.items()
        if name in DEFINITIONS or metrics.get(name) is not None
    )
    text = TEXT.format(
        header=header.to_yaml(),
        dataset=data.name,
        folder=options.out.resolve().parent.name,
        name=options.out.name,
        title=TITLES[objective],
        what=(_import(options, spec) if isinstance(options, ImportOptions) else _training(options, spec, beta_changes))
        + _pixels(options, data, spec),
        images=metrics["images"],
        samples=metrics["samples"],
        held_out_images=metrics["held_out_images"],
        prior_draws=metrics["prior_draws"],
        sizes=_sizes(metrics),
        rows=rows,
        beware="".join(f"\nWarning: {line}.\n" for line in stored_shortcomings(metrics)),
        source=data.source,
        licence=data.licence,
        splits="; ".join(f"{part}: {what}" for part, what in data.split.items()),
        channels=channels,
        height=height,
        width=width,
    )
    return str(ModelCard(text, ignore_metadata_errors=False))


def _training(options: FitOptions, spec: ModelSpec, beta_changes: Sequence[dict[str, Any]]) -> str:
    turned = TURNED.format(in_words(beta_changes)) if beta_changes else ""
    objective = Objective.preset(options.objective, options.beta)
    return TRAINED.format(
        architecture="fully connected" if spec.architecture == "mlp" else "convolutional",
        encoder="-".join(map(str, spec.hidden_dims)),
        decoder="-".join(map(str, spec.decoder_hidden_dims)),
        latent_dim=spec.latent_dim,
        posterior=spec.posterior,
        likelihood=spec.likelihood,
        epochs=options.epochs,
        w_rec=objective.w_rec,
        w_kl=objective.w_kl,
        gradient="" if options.gradient == "reparameterization" else GRADIENT.format(options.baseline),
        began=f"\nIt began with the weights of `{began}`." if (began := options.recipe()["start_from"]) else "",
        turned=turned,
    ) + (
        (IWAE.format(options.importance_samples) if options.objective == "iwae" else "")
        + (PRIORS[spec.prior].format(spec.prior_components) if spec.prior != "standard" else "")
    )


def _pixels(options: FitOptions | ImportOptions, data: ImageData, spec: ModelSpec) -> str:
    """What a Bernoulli's pixels are, where that is to be said."""
    if spec.likelihood != "bernoulli":
        return ""
    if options.binarize != "none":
        return PIXELS[options.binarize]
    return PIXELS["grey"] if has_grey(data.test.images) else ""


def _import(options: ImportOptions, spec: ModelSpec) -> str:
    return IMPORTED.format(
        model=options.model,
        encoder=len(spec.encoder_layers),
        decoder=len(spec.decoder_layers),
        latent_dim=spec.latent_dim,
        posterior=spec.posterior,
        likelihood=spec.likelihood,
    )


def _sizes(metrics: dict[str, Any]) -> str:
    """Sample sizes of the metrics that `evaluate` adds."""
    network = metrics.get("feature_network")
    lines = []
    if metrics.get("importance_weighted_bound") is not None:
        lines.append(f"Bounds and log p(x): the first {metrics['bound_images']:,} test images.")
    if network:
        lines.append(
            f"Frechet distances: {metrics['frechet_images']:,} images; {network['name']}, accuracy "
            f"{network['accuracy']:.4f}, sha256 {network['sha256'][:12]}."
        )
    return "".join(f"\n{line}" for line in lines)


def _row(name: str, value: Any, definition: str) -> str:
    escaped = definition.replace("|", r"\|")
    return f"| {name} | {_number(name, value)} | {escaped} |"


def _number(name: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict):  # a distribution
        return f"{value['mean']:.2f}"
    if isinstance(value, list):
        return ", ".join(f"{item:.2f}" for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return f"{value:.3f}" if name in (*SHARES, *FACTOR_DEFINITIONS) else f"{value:.2f}"
