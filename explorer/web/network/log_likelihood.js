// log p(x|z) of one image, by the decoder in the page.

/** @typedef {import("./decoder.js").Decoder} Decoder */

const LOG_TWO_PI = Math.log(2 * Math.PI);

export class LogLikelihood {
  /** @param {Decoder} decoder @param {ArrayLike<number>} pixels of x, in [0, 1] */
  constructor(decoder, pixels) {
    this.network = decoder.network;
    this.pixels = Float64Array.from(pixels);
    this.logSigma = decoder.logSigma;
    this.of = {
      gaussian: this.gaussian,
      bernoulli: this.bernoulli,
      "continuous-bernoulli": this.continuousBernoulli,
    }[decoder.likelihood] ?? this.bernoulli;
  }

  /** In nats, summed over pixels. @param {ArrayLike<number>} z */
  at(z) {
    return this.of(this.network.run(z));
  }

  /** The same at several codes, faster. @param {ArrayLike<number>[]} codes */
  atEach(codes) {
    const found = new Float64Array(codes.length);
    this.network.runEach(codes, (logits, i) => {
      found[i] = this.of(logits);
    });
    return found;
  }

  /** @param {ArrayLike<number>} logits */
  bernoulli(logits) {
    let sum = 0;
    for (let i = 0; i < this.pixels.length; i++) {
      const logit = logits[i];
      // log(1 + e^l) without overflow.
      sum += this.pixels[i] * logit - (logit > 0 ? logit : 0) - Math.log1p(Math.exp(logit > 0 ? -logit : logit));
    }
    return sum;
  }

  /** @param {ArrayLike<number>} logits */
  continuousBernoulli(logits) {
    let sum = this.bernoulli(logits);
    for (let i = 0; i < this.pixels.length; i++) {
      const logit = logits[i];
      // The normaliser is l / tanh(l / 2), by its series near 0.
      sum += Math.abs(logit) < 0.1
        ? Math.LN2 + logit ** 2 / 12 - (7 * logit ** 4) / 1440
        : Math.log(logit / Math.tanh(logit / 2));
    }
    return sum;
  }

  /** @param {ArrayLike<number>} logits */
  gaussian(logits) {
    const precision = Math.exp(-2 * this.logSigma);
    let sum = -this.pixels.length * (this.logSigma + LOG_TWO_PI / 2);
    for (let i = 0; i < this.pixels.length; i++) {
      const far = this.pixels[i] - 1 / (1 + Math.exp(-logits[i]));
      sum -= 0.5 * precision * far * far;
    }
    return sum;
  }
}
