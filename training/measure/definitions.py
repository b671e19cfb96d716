"""What each metric is, in one line, in the words shown to people."""

PRIOR_DRAWS = 4096
NEIGHBOURS = 10
RECOGNISED = 0.5
RECOGNISED_CLASS = 0.01  # share of all draws of the prior

DEFINITIONS = {
    "reconstruction": "E_q[-log p(x|z)], mean over images, in nats per image summed over pixels (Eq. 30)",
    "kl": "KL(q(z|x) || p(z)), mean over images, in nats per image; none for a deterministic code (Eq. 30)",
    "elbo": "-(reconstruction + kl), in nats per image; none for a deterministic code (Eq. 9)",
    "prior_coverage": (
        "overlap of the aggregate posterior q(z), the mean of q(z|x) over the held-out images, with the prior: "
        f"the integral of min(q(z), p(z)), 1 if they are equal, from {PRIOR_DRAWS:,} draws of the prior; "
        "none for a deterministic code"
    ),
    "neighbour_accuracy": (
        f"share of held-out images whose label is the commonest among their {NEIGHBOURS} nearest neighbours in "
        "latent space, by Euclidean distance of the means and leaving the image itself out"
    ),
    "recognisable": (
        f"share of {PRIOR_DRAWS:,} images decoded at draws of the prior in which the classifier sees one of the "
        f"classes with a probability of at least {RECOGNISED:g}, none of them being an answer too; "
        "none without a classifier"
    ),
}
# What those are to be held against.
DEFINITIONS_OF_CONTEXT = {
    "prior_coverage_ceiling": (
        "prior coverage of as many q(z|x) of the same covariances whose aggregate posterior is the prior: their means "
        "drawn so that mean and noise together are N(0, I); few images leave holes in many dimensions"
    ),
    "recognisable_images": "share of the test images themselves in which the same classifier sees a class as surely",
    "recognised_classes": (
        f"classes that it sees so surely in at least {RECOGNISED_CLASS:.0%} of the images decoded at draws of the prior"
    ),
}
SHARES = ("prior_coverage", "neighbour_accuracy", "recognisable")

BOUND_IMAGES = 1000
BOUND_DRAWS = 5000
FRECHET_IMAGES = 10_000
ACTIVE_VARIANCE = 0.01
COLLAPSED_KL = 0.01  # nats

# Of the latent space, always there.
DEFINITIONS_OF_UNITS = {
    "kl_per_dimension": (
        "KL(q(z_d|x) || N(0, 1)) of each latent dimension d by itself, mean over the held-out images, in nats; for a "
        "diagonal covariance they sum to the KL; none for a deterministic code"
    ),
    "active_units": (
        f"latent dimensions whose posterior mean varies over the held-out images by a variance above "
        f"{ACTIVE_VARIANCE:g} (Burda et al., 2016)"
    ),
    "collapsed": (
        f"posterior collapse: the KL is below {COLLAPSED_KL:g} nats or no unit is active, so q(z|x) ignores the image"
    ),
}
# They take minutes: `python -m training evaluate DIR --save` adds them.
SLOW_DEFINITIONS = {
    "importance_weighted_bound": (
        f"mean over test images of log (1/K) sum_k p(x, z_k) / q(z_k|x), K = {BOUND_DRAWS:,} draws of q(z|x) an image "
        "(Burda et al., 2016), in nats per image; between the ELBO and log p(x); none for a deterministic code"
    ),
    "log_evidence": (
        "log p(x) (Eq. 4), mean over the same test images, in nats per image, by numerical integration over the latent "
        "space; none for more than two latent dimensions and for a deterministic code"
    ),
    "bound_elbo": "ELBO (Eq. 9) of the images that the bound and log p(x) are of, in nats per image",
    "gap": (
        "log p(x) - ELBO = KL(q(z|x) || p(z|x)) (Eq. 10) of held-out images evenly chosen, in nats: mean, quantiles "
        "and counts between `edges`, what lies beyond them counted at the ends; none where log p(x) is none"
    ),
    "frechet_samples": (
        "Frechet distance (Eq. 31) of images decoded at draws of the prior, each the mean E[x|z], from the test "
        "images, as 128 features of the classifier see them; not comparable with Inception's FID; none without a "
        "classifier"
    ),
    "frechet_reconstructions": (
        "the same of test images decoded at their own posterior means: what is left of it when z is right"
    ),
    "inception_samples": (
        "Frechet inception distance (FID) of images decoded at draws of the prior from the test images; none for grey "
        "images and where Inception's weights are not on this machine"
    ),
    "inception_reconstructions": "the same of test images decoded at their own posterior means",
}
BINS = 20
FOREST_TREES = 50
VOTES = 800
VOTE_IMAGES = 64
FACTOR_SEED = 0

# Of the held-out images whose factors are known; absent where the data set has none.
_BINNED = f"in {BINS} intervals of equal width"
FACTOR_DEFINITIONS = {
    "mutual_information_gap": (
        "MIG (Chen et al., 2018): the mutual information of a factor with the latent dimension that knows most of it, "
        f"less that with the next one, as a share of the factor's entropy, mean over factors; posterior means {_BINNED}"
    ),
    "dci_disentanglement": (
        f"D of DCI (Eastwood and Williams, 2018): 1 if each latent dimension matters to one factor only; by the "
        f"importances of a random forest of {FOREST_TREES} trees for each factor, on posterior means; 1 less their "
        "entropy over factors, weighted by importance"
    ),
    "dci_completeness": (
        "C of DCI: 1 if one latent dimension only matters to each factor; 1 less the entropy of the same importances "
        "over dimensions"
    ),
    "dci_informativeness": (
        "I of DCI: accuracy of the same forests for the factors, trained on three quarters of the images, on the rest; "
        "mean over factors"
    ),
    "attribute_predictability": (
        "SAP (Kumar et al., 2018): how well the best single latent dimension predicts a factor, less the next one, "
        "mean over factors; R^2 of a straight line for a number, balanced accuracy of thresholds on a quarter left "
        "out for categories"
    ),
    "factor_vae_score": (
        f"FactorVAE score (Kim and Mnih, 2018): share of {VOTES} votes that name the factor in which {VOTE_IMAGES} "
        "images are alike by the active latent dimension that varies least among them; which dimension stands for "
        f"which factor is learned from {VOTES} votes before"
    ),
}
ALL_DEFINITIONS = DEFINITIONS | DEFINITIONS_OF_CONTEXT | DEFINITIONS_OF_UNITS | FACTOR_DEFINITIONS | SLOW_DEFINITIONS
