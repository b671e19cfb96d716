"""What the JSON files of a checkpoint hold, field by field: config.json, metrics.json, history.jsonl, classifier.json.

Fields that are not named here may hold any finite numbers and texts; nothing reads them.
"""

from __future__ import annotations

from training.beta import BETA, CHANGES, MARKS
from training.fields import (
    COUNT,
    FLAG,
    NUMBER,
    PLAIN,
    SHA256,
    SHARE,
    TEXT,
    Kind,
    by_name,
    list_of,
    null_or,
    number,
    record,
    whole,
)

CLASSES = list_of(TEXT, least=1)
IMAGE_SHAPE = Kind(
    "[C, H, W]", lambda value: list_of(whole(1, 2**15)).fits(value) and len(value) == 3 and _product(value) <= 2**26
)

CONFIG = {
    "format_version": whole(1),
    "dataset": Kind("an object", lambda value: isinstance(value, dict)),
    "model": Kind("an object", lambda value: isinstance(value, dict)),
    "training": Kind("an object", lambda value: isinstance(value, dict)),
    "versions": by_name(TEXT),
    "files": by_name(SHA256),
}
DATASET = {
    "name": TEXT,
    "source": TEXT,
    "licence": TEXT,
    "classes": CLASSES,
    "split": by_name(TEXT),
    "gallery_sha256": null_or(SHA256),
}
DATASET_NEEDED = ("name", "source", "licence", "classes")
# Of the options of fit and import those that anything looks at.
TRAINING = {
    "objective": TEXT,
    "dataset": TEXT,
    "model": TEXT,
    "gradient": TEXT,
    "baseline": TEXT,
    "architecture": TEXT,
    "posterior": null_or(TEXT),
    "likelihood": null_or(TEXT),
    "binarize": TEXT,
    "prior": TEXT,
    "prior_components": null_or(whole(1)),
    "importance_samples": null_or(whole(1)),
    "beta": number(0),
    "latent_dim": whole(1),
    "epochs": whole(1),
    "seed": whole(-(2**63)),
    "image_size": null_or(list_of(whole(1))),
    **dict.fromkeys(("start_from", "family"), null_or(TEXT)),
    CHANGES: MARKS,
}

MEAN = null_or(NUMBER)  # nats or a distance; none where it was not finite or does not apply
METRICS = {
    **dict.fromkeys(("reconstruction", "kl", "elbo"), MEAN),
    **dict.fromkeys(("prior_coverage", "prior_coverage_ceiling", "neighbour_accuracy"), null_or(SHARE)),
    **dict.fromkeys(("recognisable", "recognisable_images"), null_or(SHARE)),
    "recognised_classes": null_or(COUNT),
    **dict.fromkeys(("mutual_information_gap", "attribute_predictability", "factor_vae_score"), MEAN),
    **dict.fromkeys(("dci_disentanglement", "dci_completeness", "dci_informativeness"), MEAN),
    "factors": null_or(list_of(TEXT)),
    "factor_information": null_or(list_of(list_of(NUMBER))),
    "unit": TEXT,
    "split": TEXT,
    **dict.fromkeys(("images", "samples", "held_out_images", "prior_draws", "neighbours", "best_epoch"), COUNT),
    "classifier_sha256": null_or(SHA256),
    "seed": whole(-(2**63)),
    "kl_per_dimension": null_or(list_of(NUMBER, least=1)),
    "active_units": null_or(COUNT),
    "collapsed": FLAG,
    "definitions": by_name(TEXT),
    **dict.fromkeys(("importance_weighted_bound", "log_evidence", "bound_elbo"), MEAN),
    **dict.fromkeys(("bound_images", "bound_draws", "frechet_images"), COUNT),
    "gap": null_or(
        record(
            {
                "images": whole(1),
                "mean": NUMBER,
                "quantiles": by_name(NUMBER, needed=("0.5",)),
                "edges": list_of(number(1e-15), least=2),
                "counts": list_of(COUNT),
            }
        )
    ),
    **dict.fromkeys(("frechet_samples", "frechet_reconstructions"), MEAN),
    **dict.fromkeys(("inception_samples", "inception_reconstructions"), MEAN),
    "shortcomings": list_of(TEXT),
    "feature_network": null_or(record({"name": TEXT, "accuracy": SHARE, "sha256": SHA256})),
}
METRICS_NEEDED = ("reconstruction", "kl", "elbo")

EPOCH = {
    "epoch": COUNT,
    **dict.fromkeys(("train_reconstruction", "train_kl", "validation_reconstruction", "validation_kl"), MEAN),
    "validation_loss": MEAN,
    "learning_rate": NUMBER,
    "seconds": number(0),
}
EPOCH_NEEDED = tuple(EPOCH)
EPOCH |= {"beta": BETA, "marks": MARKS}  # where beta was turned in it

CLASSIFIER = {
    "format_version": whole(1),
    "sha256": SHA256,
    "dataset": TEXT,
    "classes": CLASSES,
    "image_shape": IMAGE_SHAPE,
    "accuracy": SHARE,
    "accuracy_with_rejection": SHARE,
    "recognised_images": SHARE,
    "rejected_images": SHARE,
    "rejected_non_images": SHARE,
    "definitions": by_name(TEXT),
    "split": TEXT,
    "source": TEXT,
    "licence": TEXT,
    "versions": by_name(TEXT),
}
CLASSIFIER_NEEDED = ("format_version", "sha256", "dataset", "classes", "image_shape", "accuracy")

POINT = {
    "latent_dim": whole(1),
    "seed": COUNT,
    "elbo": NUMBER,
    **dict.fromkeys(("scaled", "mean", "encoder"), by_name(number(0), needed=("reparameterization", "none"))),
}
VARIANCES = {
    "format_version": whole(1),
    "unit": TEXT,
    "definitions": by_name(TEXT, needed=("scaled", "mean", "encoder")),
    "training": record({"dataset": TEXT, "epochs": whole(1), "gradient": TEXT}),
    "images": COUNT,
    "draws": COUNT,
    "points": list_of(PLAIN, least=1),
}
WIDE = number(-1e300, 1e300)  # a variance goes with 1/sigma^2
ROWS = Kind("rows of four numbers", lambda value: list_of(list_of(WIDE), 1).fits(value) and {*map(len, value)} == {4})
NOISE = {
    "version": TEXT,
    "images": whole(1),
    "draws": whole(1),
    "seed": COUNT,
    "decoded": FLAG,
    "curves": by_name(ROWS, needed=("reparameterization", "none", "expected")),
    "agreement": by_name(
        Kind(
            "a cosine or null, and two numbers",
            lambda value: list_of(null_or(WIDE)).fits(value) and len(value) == 3 and None not in value[1:],
        )
    ),
    "squared_length": number(0, 1e300),
    "clamped": SHARE,
}
NOISES = {"format_version": whole(1), "unit": TEXT, "runs": by_name(PLAIN)}

GAUSSIANS = record(
    {"logits": list_of(WIDE, 1), "mean": list_of(list_of(WIDE, 1), 1), "log_var": list_of(list_of(WIDE, 1), 1)}
)
DIFFERENCE = Kind(
    "a number and its standard error or null",
    lambda value: (
        isinstance(value, list) and len(value) == 2 and NUMBER.fits(value[0]) and null_or(NUMBER).fits(value[1])
    ),
)
PRIOR_ROW = {
    "prior": TEXT,
    "components": null_or(whole(1)),
    "converged": null_or(FLAG),
    "coverage": SHARE,
    "log_evidence": NUMBER,
    "over_own": DIFFERENCE,
    "below_best": DIFFERENCE,
    "effective_draws": number(1),
    "recognisable": null_or(SHARE),
    "gaussians": null_or(GAUSSIANS),
}
FITTED = {
    "version": TEXT,
    "fitted_images": whole(1),
    "fitted_draws": whole(1),
    "judged_images": whole(1),
    "draws": whole(1),
    "seed": COUNT,
    "priors": list_of(PLAIN, least=2),
}
FITTED_PRIORS = {"format_version": whole(1), "unit": TEXT, "runs": by_name(PLAIN)}


def _product(numbers: list[int]) -> int:
    product = 1
    for value in numbers:
        product *= value
    return product
