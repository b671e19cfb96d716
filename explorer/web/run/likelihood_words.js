// What the figures of a run's likelihood are, in half a line, where they are not simply log-probabilities of the image.

/** @typedef {{likelihood: string, crossEntropy?: boolean, binarizes?: boolean}} Likelihood  of a decoder */

/** "" where nothing is to be said. @param {Likelihood} decoder */
export function likelihoodWords({ crossEntropy, binarizes }) {
  if (crossEntropy) return "grey pixels: a cross-entropy, no log-probability";
  return binarizes ? "of the image made black and white" : "";
}

/** The same of several runs at once. @param {Likelihood[]} decoders */
export function sharedLikelihoodWords(decoders) {
  const words = new Set(decoders.map(likelihoodWords));
  if (words.size < 2) return [...words][0] ?? "";
  return "not of one likelihood: grey pixels give a cross-entropy, no log-probability, so compare like with like";
}

/** Why pixels that are drawn look as they do. @param {Likelihood} decoder */
export function drawnPixelsWords({ crossEntropy }) {
  return crossEntropy
    ? " Noisy, because this Bernoulli was fitted to grey pixels: their values became chances of white."
    : "";
}
