// The field's terms: what each means in words, then in symbols. A button that names one opens it (term_popover.js).

/**
 * @typedef {object} Meaning
 * @property {string} title
 * @property {string} words
 * @property {string} [symbols]
 * @property {string} [said]  the word by which a sentence speaks of it, which is then made a button
 */

/** @satisfies {Record<string, Meaning>} */
export const TERMS = {
  active: {
    title: "Active dimension",
    words: "A coordinate of the code whose mean varies from image to image. An inactive one says nothing of them.",
    symbols: "Var over x of E_q[z_d] > 0.01 (Burda et al., 2016)",
  },
  amortisation: {
    title: "Amortisation gap",
    words: "What one encoder for all images costs this one: the best q of the family would close it.",
    symbols: "ELBO of the best q of the family − ELBO of the encoder's q",
  },
  ancestral: {
    title: "Ancestral samples",
    words: "First a code from the prior, then an image from that code: so, the model says, images come about.",
    symbols: "z ~ p(z), then x ~ p(x|z)",
  },
  approximation: {
    title: "Approximation gap",
    words: "What a Gaussian of this family can never close, if none is better than the one found: from q, from the " +
      "encoder's q and from the modes of the true posterior.",
    symbols: "log p(x) − ELBO of the best q of the family",
  },
  bound: {
    title: "Importance-weighted bound",
    words:
      "The mean of K weighted draws from the encoder's q bounds the evidence from below, and the closer the more " +
      "draws (Burda et al., 2016).",
    symbols: "E[log of the mean of K weights p(x, z) / q(z|x)] ≤ log p(x)",
  },
  "class-posterior": {
    title: "What it may be",
    words:
      "The classifier's answers for images decoded at draws of z from the posterior, averaged: how probable each " +
      "class is, given only the pixels that are seen.",
    symbols: "E of p(y|x̂(z)) over z ~ p(z | seen pixels)",
  },
  code: {
    title: "Code",
    words: "The latent vector that stands for an image: the encoder gives it, the decoder makes an image of it.",
    symbols: "z, one number for each latent dimension",
    said: "code",
  },
  confidence: {
    title: "Confidence",
    words: "The probability that the classifier gives the likeliest class: it falls where no class is to be seen.",
    symbols: "max over classes y of p(y|x)",
  },
  "distance-from-z": {
    title: "Distance from z",
    words: "How far the nearest held-out image's code lies from the handle's: large where the decoder knows no data.",
    symbols: "‖z − μ‖, Euclidean, in all latent dimensions",
  },
  "distance-to-images": {
    title: "Distance to real images",
    words: "From the decoded image to the nearest held-out one, over pixels from 0 to 1. It means the same in every " +
      "run, unlike a distance between codes.",
    symbols: "min over held-out x of ‖x̂ − x‖",
  },
  elbo: {
    title: "ELBO, the evidence lower bound",
    words:
      "What the model is trained to raise. It never lies above the evidence, and reaches it only where q(z|x) is " +
      "the true posterior.",
    symbols: "ELBO = E_q[log p(x|z)] − KL(q(z|x) || p(z)) ≤ log p(x)",
  },
  entropy: {
    title: "Entropy of z",
    words: "How uncertain the code is: less than 0 where it is known more closely than within an area of 1.",
    symbols: "H = −E[log p(z | seen pixels)], of the prior ½ D (1 + log 2π)",
  },
  evidence: {
    title: "Evidence",
    words: "How likely the whole model makes this image, all codes together; here by numerical integration.",
    symbols: "log p(x) = log ∫ p(x|z) p(z) dz",
  },
  factor: {
    title: "Factor",
    words: "The factor of the data that this dimension knows most of, over the held-out images.",
    symbols: "I(z_d; v) / H(v): their mutual information as a share of the factor's entropy",
  },
  gap: {
    title: "Gap",
    words: "How far q(z|x) is from the true posterior: what the ELBO falls short of the evidence.",
    symbols: "KL(q(z|x) || p(z|x)) = log p(x) − ELBO",
  },
  "held-out": {
    title: "Held-out image",
    words: "An image of the data set that the run was not trained on.",
    said: "held-out",
  },
  hole: {
    title: "Hole",
    words: "A cell of the grid into which the encoder's mean sends no held-out image.",
    symbols: "no x with μ(x) in the cell",
  },
  kl: {
    title: "KL",
    words: "How far the image's own distribution of codes lies from the prior: 0 only where the code says nothing of " +
      "the image.",
    symbols: "KL(q(z|x) || p(z)) = E_q[log q(z|x) − log p(z)]",
  },
  "kl-of-dimension": {
    title: "KL of a dimension",
    words: "What this coordinate of the code says of an image, by itself, mean over the held-out images.",
    symbols: "KL(q(z_d|x) || N(0, 1))",
  },
  latent: {
    title: "Latent",
    words: "Not seen in the data: the model supposes it behind every image, and the encoder infers it.",
    symbols: "p(x, z) = p(x|z) p(z), where only x is observed",
    said: "latent",
  },
  length: {
    title: "Change of the image",
    words: "By how much the decoded image changes along the path: the distances between the images at 64 steps, over " +
      "pixels from 0 to 1, added up.",
    symbols: "Σ_t ‖x̂(t) − x̂(t − 1)‖",
    said: "changes the image",
  },
  "log-prior": {
    title: "log p(z)",
    words: "How likely the prior holds this code: far from 0 it falls fast.",
    symbols: "log N(z; 0, I) = −½ ‖z‖² − ½ D log 2π",
  },
  nats: {
    title: "Nats",
    words: "The unit of information by natural logarithms, 1.44 bits. All figures in nats are of one image, summed " +
      "over its pixels.",
    symbols: "1 nat = 1 / ln 2 bits",
  },
  noise: {
    title: "Noise",
    words:
      "How much of the posterior's own spread is added to its mean, with the same ε in every run. A code without " +
      "noise stays.",
    symbols: "z = μ + noise · σ ⊙ ε",
  },
  percentiles: {
    title: "Percentiles",
    words: "The share of the prior that lies below the first and the last column, and row.",
    symbols: "Φ(z_d), of the standard normal",
  },
  posterior: {
    title: "Approximate posterior",
    words: "The codes that the encoder holds possible for one image, as a Gaussian.",
    symbols: "q(z|x) = N(μ, Σ)",
    said: "q(z|x)",
  },
  prior: {
    title: "Prior",
    words: "Where codes come from when there is no image: a standard normal.",
    symbols: "p(z) = N(0, I)",
    said: "prior",
  },
  reconstruction: {
    title: "Reconstruction term",
    words: "What it costs to tell the image once its code is known, on average over codes drawn from its posterior.",
    symbols: "E_q[−log p(x|z)]",
  },
  "reconstruction-at-z": {
    title: "Reconstruction term at this z",
    words: "What it costs to tell the image once this code is known.",
    symbols: "−log p(x|z)",
  },
  residual: {
    title: "Residual",
    words: "What Eq. 10 says is 0. The gap takes p(x) from weighted draws, the first line from quadrature: a wrong " +
      "log p(x) would show here.",
    symbols: "log p(x) − gap − ELBO",
  },
  "seen-evidence": {
    title: "log p of what is seen",
    words:
      "How likely the model makes the pixels that are seen, whatever the hidden ones may be: they are left out of " +
      "the product. With every pixel seen it is the evidence of the image.",
    symbols: "log ∫ p(z) ∏ p(x_i|z) dz over the seen pixels i",
  },
  taught: {
    title: "Information gain",
    words: "By how much less uncertain z is: the entropy before less the entropy after. What strokes taught adds up; " +
      "one that surprises may leave z less certain, and then counts below 0.",
    symbols: "H before − H after",
  },
  "true-posterior": {
    title: "True posterior",
    words: "The codes that could have made this image, by the model itself and Bayes' rule.",
    symbols: "p(z|x) = p(x|z) p(z) / p(x)",
  },
};

/** @typedef {keyof typeof TERMS} TermName */

/**
 * A button in markup that opens a term's meaning.
 * @param {TermName} name @param {string} text @param {string} [attributes]
 */
export function term(name, text, attributes = "") {
  return `<button type="button" class="lx-term" data-term="${name}" ${attributes}>${text}</button>`;
}
