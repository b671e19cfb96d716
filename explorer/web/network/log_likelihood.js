// log p(x|z) of one image under each likelihood that a decoder may have: the only copy in the browser.

/** @typedef {import("./decoder.js").Decoder} Decoder */
/**
 * log p(x|z) in nats, summed over pixels.
 * @typedef {(pixels: Float64Array, logits: ArrayLike<number>, logSigma: number) => number} Density
 */

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** As training/model/likelihood.py defines them. @type {Record<string, Density>} */
const LIKELIHOODS = { bernoulli, "continuous-bernoulli": continuousBernoulli, gaussian };

export class LogLikelihood {
  /** @param {Decoder} decoder @param {ArrayLike<number>} pixels of x, in [0, 1] */
  constructor(decoder, pixels) {
    const density = LIKELIHOODS[decoder.likelihood];
    if (!density) throw new Error(`the browser knows no likelihood called ${decoder.likelihood}`);
    this.density = density;
    this.decoder = decoder;
    this.pixels = Float64Array.from(pixels);
    this.logSigma = decoder.logSigma;
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
    const logit = logits[i];
    // log(1 + e^l) without overflow.
    sum += pixels[i] * logit - (logit > 0 ? logit : 0) - Math.log1p(Math.exp(logit > 0 ? -logit : logit));
  }
  return sum;
}

/** @type {Density} */
function continuousBernoulli(pixels, logits, logSigma) {
  let sum = bernoulli(pixels, logits, logSigma);
  for (let i = 0; i < pixels.length; i++) {
    const logit = logits[i];
    // The normaliser is l / tanh(l / 2), by its series near 0.
    sum += Math.abs(logit) < 0.1
      ? Math.LN2 + logit ** 2 / 12 - (7 * logit ** 4) / 1440
      : Math.log(logit / Math.tanh(logit / 2));
  }
  return sum;
}

/** @type {Density} */
function gaussian(pixels, logits, logSigma) {
  const precision = Math.exp(-2 * logSigma);
  let sum = -pixels.length * (logSigma + LOG_TWO_PI / 2);
  for (let i = 0; i < pixels.length; i++) {
    const far = pixels[i] - 1 / (1 + Math.exp(-logits[i]));
    sum -= 0.5 * precision * far * far;
  }
  return sum;
}
