// The code that suits some pixels best, with the prior's pull: Gauss and Newton's way up, through the decoder.

import { backward, factorOf, forward } from "../maths/cholesky.js";

/** @typedef {import("./decoder.js").Decoder} Decoder */
/**
 * Some pixels of an image: which, and their values in [0, 1].
 * @typedef {{pixels: number[], x: ArrayLike<number>, terms: import("./log_likelihood.js").PixelTerms}} Pixels
 */
/**
 * z, log p(pixels, z) there in nats less what no z changes, and minus its second derivatives (D, D).
 * @typedef {{z: number[], value: number, precision: number[][]}} Mode
 */

const DIFFERENCE = 1e-2; // of a code, over which the decoder is taken to be linear
const LOGIT = 1e-2; // the same of a logit
const LEAST = 0.1; // second derivative that a prior of several components is taken to have
const STILL = 1e-3; // nats: a step that gains less is the last

export class ModeSearch {
  /** @param {Decoder} decoder @param {Pixels} pixels @param {ArrayLike<number>} z to start from */
  constructor(decoder, pixels, z) {
    this.decoder = decoder;
    this.pixels = pixels;
    this.damping = 1e-2;
    this.done = false;
    this.here = this.look(Array.from(z));
  }

  /** The log-joint at z, its gradient, and minus its second derivatives as Gauss and Newton take them. */
  look(/** @type {number[]} */ z) {
    const { pixels, x, terms: { factor, offset } } = this.pixels;
    const codes = [z, ...z.map((_, d) => z.map((v, e) => v + (e === d ? DIFFERENCE : 0)))];
    /** @type {Float64Array[]} logits of the pixels, at z and beside it */
    const logits = [];
    this.decoder.logitsOfEach(codes, (all) => logits.push(Float64Array.from(pixels, (pixel) => all[pixel])));
    const [at, ...beside] = logits;
    let { value, gradient, precision } = this.prior(z);
    const slopes = new Float64Array(z.length);
    for (let i = 0; i < at.length; i++) {
      const log = (/** @type {number} */ logit) => x[pixels[i]] * factor(logit) + offset(logit);
      const [below, here, above] = [log(at[i] - LOGIT), log(at[i]), log(at[i] + LOGIT)];
      value += here;
      const slope = (above - below) / (2 * LOGIT);
      const bend = Math.max((2 * here - above - below) / LOGIT ** 2, 0);
      for (let d = 0; d < slopes.length; d++) slopes[d] = (beside[d][i] - at[i]) / DIFFERENCE;
      for (let d = 0; d < slopes.length; d++) {
        gradient[d] += slope * slopes[d];
        for (let e = 0; e <= d; e++) precision[d][e] += bend * slopes[d] * slopes[e];
      }
    }
    precision.forEach((row, d) => row.forEach((_, e) => e < d && (precision[e][d] = row[e])));
    return { z, value, gradient, precision };
  }

  /** log p(z), its gradient, and minus its second derivatives, as far as they pull. @param {number[]} z */
  prior(z) {
    const { prior } = this.decoder;
    const value = prior.logDensity(z);
    const beside = (/** @type {number} */ d, /** @type {number} */ by) =>
      prior.logDensity(z.map((v, e) => (e === d ? v + by : v)));
    const sides = z.map((_, d) => [beside(d, -DIFFERENCE), beside(d, DIFFERENCE)]);
    const gradient = sides.map(([low, high]) => (high - low) / (2 * DIFFERENCE));
    const precision = sides.map(([low, high], d) =>
      z.map((_, e) => (d === e ? Math.max((2 * value - low - high) / DIFFERENCE ** 2, LEAST) : 0))
    );
    return { value, gradient, precision };
  }

  /** One step up; `done` once it gains nothing. @returns {Mode} */
  step() {
    const { z, value, gradient, precision } = this.here;
    const factor = factorOf(precision.map((row, d) => row.map((v, e) => d === e ? v * (1 + this.damping) : v)));
    const by = factor ? backward(factor, forward(factor, gradient)) : gradient.map((v) => 1e-3 * v);
    const next = this.look(z.map((v, d) => v + by[d]));
    if (next.value > value) {
      this.here = next;
      this.damping = Math.max(this.damping / 4, 1e-4);
      this.done = next.value - value < STILL;
    } else {
      this.damping *= 8;
      this.done = this.damping > 1e4;
    }
    return this.here;
  }

  /** So many steps, or as many as gain something. @param {number} most @returns {Mode} */
  run(most) {
    for (let i = 0; i < most && !this.done; i++) this.step();
    return this.here;
  }
}
