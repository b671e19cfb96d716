"""What each figure is, in one line, in the words shown to people."""

DEFINITIONS = {
    "reconstruction": "E_q[-log p(x|z)], mean over images, in nats per image summed over pixels (Eq. 30)",
    "kl": "KL(q(z|x) || p(z)), mean over images, in nats per image; none for a deterministic code (Eq. 30)",
    "elbo": "-(reconstruction + kl), in nats per image; none for a deterministic code (Eq. 9)",
}
