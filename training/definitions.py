"""What each figure is, in one line, in the words shown to people."""

PRIOR_DRAWS = 4096
NEIGHBOURS = 10
RECOGNISED = 0.5

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
SHARES = ("prior_coverage", "neighbour_accuracy", "recognisable")
