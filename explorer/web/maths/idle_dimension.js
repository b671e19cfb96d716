// One latent dimension as two, of which the second is idle: no decoder sees it, and q and the prior agree on it.

import { Gaussian } from "./gaussian.js";

/** @typedef {import("./types.js").LogLikelihood} LogLikelihood */

// KL, ELBO, log-weights and p(z|x) of the pair are those of the one dimension, to the last digit: what is written for
// a plane serves a line.

/**
 * q(z|x) of one dimension.
 * @param {number} mu @param {number} sigma
 */
export function lineGaussian(mu, sigma) {
  return new Gaussian([mu, 0], [sigma, 1], 0);
}

/** log p(x|z) of pairs whose second number is idle. @param {LogLikelihood} likelihood @returns {LogLikelihood} */
export function withIdleDimension(likelihood) {
  return {
    prior: likelihood.prior,
    at: (z) => likelihood.at([z[0]]),
    atEach: (codes) => likelihood.atEach(codes.map((z) => [z[0]])),
  };
}
