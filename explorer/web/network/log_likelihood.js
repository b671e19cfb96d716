// log p(x|z) of one image under each likelihood that a decoder may have: the only copy in the browser.

import { fixedDraw } from "../maths/binarize.js";

/** @typedef {import("./decoder.js").Decoder} Decoder */
/**
 * log p(x|z) in nats, summed over pixels.
 * @typedef {(pixels: Float64Array, logits: ArrayLike<number>, logSigma: number) => number} Density
 */

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** As training/model/likelihood.py defines them. @type {Record<string, Density>} */
const LIKELIHOODS = { bernoulli, "continuous-bernoulli": continuousBernoulli, gaussian };

/**
 * What each makes of one pixel: log p(x_i|z) = x_i factor + offset + constant, of which only the last, that of x_i and
 * a Gaussian's deviation, knows nothing of z.
 * @typedef {object} PixelTerms
 * @property {(logit: number) => number} factor
 * @property {(logit: number) => number} offset
 * @property {(pixel: number) => number} constant
 * @property {(factor: number) => number} mean  E[x_i|z], of the factor
 */

/** @param {Pick<Decoder, "likelihood" | "logSigma" | "mean">} decoder @returns {PixelTerms} */
export function pixelTerms({ likelihood, logSigma, mean }) {
  const identity = (/** @type {number} */ logit) => logit;
  const none = () => 0;
  const precision = Math.exp(-2 * logSigma);
  /** @type {Record<string, PixelTerms>} */
  const all = {
    bernoulli: { factor: identity, offset: bernoulliOffset, constant: none, mean },
    "continuous-bernoulli": {
      factor: identity,
      offset: (logit) => bernoulliOffset(logit) + logNormaliser(logit),
      constant: none,
      mean,
    },
    gaussian: {
      factor: (logit) => precision * sigmoid(logit),
      offset: (logit) => -0.5 * precision * sigmoid(logit) ** 2,
      constant: (pixel) => -0.5 * precision * pixel * pixel - logSigma - LOG_TWO_PI / 2,
      mean: (factor) => factor / precision,
    },
  };
  if (!all[likelihood]) throw new Error(`the browser knows no likelihood called ${likelihood}`);
  return all[likelihood];
}

export class LogLikelihood {
  /** @param {Decoder} decoder @param {ArrayLike<number>} pixels of x, in [0, 1]; made binary where the run's were */
  constructor(decoder, pixels) {
    const density = LIKELIHOODS[decoder.likelihood];
    if (!density) throw new Error(`the browser knows no likelihood called ${decoder.likelihood}`);
    this.density = density;
    this.decoder = decoder;
    this.pixels = Float64Array.from(decoder.binarizes ? fixedDraw(pixels) : pixels);
    this.logSigma = decoder.logSigma;
    /** p(z) of the same run */
    this.prior = decoder.prior;
  }

  /** log p(x|z) in nats, summed over pixels. @param {ArrayLike<number>} z */
  at(z) {
    return this.ofLogits(this.decoder.logits(z));
  }

  /** The same at several codes, faster. @param {ArrayLike<number>[]} codes */
  atEach(codes) {
    const found = new Float64Array(codes.length);
    this.decoder.logitsOfEach(codes, (logits, i) => {
      found[i] = this.ofLogits(logits);
    });
    return found;
  }

  /** The same where the decoder's network has run already. @param {ArrayLike<number>} logits that it gave for z */
  ofLogits(logits) {
    return this.density(this.pixels, logits, this.logSigma);
  }
}

/** @type {Density} */
function bernoulli(pixels, logits) {
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) {
    sum += pixels[i] * logits[i] + bernoulliOffset(logits[i]);
  }
  return sum;
}

/** -log(1 + e^l) without overflow. @param {number} logit */
function bernoulliOffset(logit) {
  return -(logit > 0 ? logit : 0) - Math.log1p(Math.exp(logit > 0 ? -logit : logit));
}

/** @type {Density} */
function continuousBernoulli(pixels, logits, logSigma) {
  let sum = bernoulli(pixels, logits, logSigma);
  for (let i = 0; i < pixels.length; i++) sum += logNormaliser(logits[i]);
  return sum;
}

/** The logarithm of l / tanh(l / 2), by its series near 0. @param {number} logit */
function logNormaliser(logit) {
  return Math.abs(logit) < 0.1
    ? Math.LN2 + logit ** 2 / 12 - (7 * logit ** 4) / 1440
    : Math.log(logit / Math.tanh(logit / 2));
}

/** @type {Density} */
function gaussian(pixels, logits, logSigma) {
  const precision = Math.exp(-2 * logSigma);
  let sum = -pixels.length * (logSigma + LOG_TWO_PI / 2);
  for (let i = 0; i < pixels.length; i++) {
    const far = pixels[i] - sigmoid(logits[i]);
    sum -= 0.5 * precision * far * far;
  }
  return sum;
}

/** @param {number} logit */
function sigmoid(logit) {
  return 1 / (1 + Math.exp(-logit));
}
