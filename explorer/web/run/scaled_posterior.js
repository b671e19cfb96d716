// q(z|x) of an image with all its standard deviations scaled alike, its mean kept: both terms of Eq. 30, and the image.

import { LogLikelihood } from "../network/log_likelihood.js";
import { Random } from "../maths/normal.js";

/** @typedef {import("./latent_space.js").LatentSpace} LatentSpace */
/** @typedef {{reconstruction: number, kl: number, image: Float32Array}} ScaledTerms  nats, nats, E[x] of (pixels,) */

export const DRAWS = 32; // each with its mirror image, the same ones for every scale
const SEED = 1;

/**
 * Whether an image's q can be scaled: it has one, its pixels are here, and so is the decoder.
 * @param {LatentSpace} space @param {import("./held_out.js").HeldOut} heldOut
 */
export function canScale({ decodes, values, decoder }, { gallery }) {
  return decodes && values.kl !== null && gallery !== null && decoder.server === "";
}

export class ScaledPosterior {
  /**
   * @param {LatentSpace} space not bent @param {number} index of the image
   * @param {ArrayLike<number>} x its pixels in [0, 1]
   */
  constructor(space, index, x) {
    this.space = space;
    this.index = index;
    this.decoder = space.decoder.given(space.arrays.label.data[index]);
    this.likelihood = new LogLikelihood(this.decoder, x);
    this.kl = /** @type {Float32Array} */ (space.values.kl)[index];
    this.trace = Array.from({ length: space.dim }, (_, d) => variance(space, index, d)).reduce((a, b) => a + b);
    const random = new Random(SEED);
    this.noise = Array.from({ length: DRAWS / 2 }, () => Array.from({ length: space.dim }, () => random.normal()))
      .flatMap((epsilon) => [epsilon, epsilon.map((v) => -v)]);
  }

  /** z = mu + scale L epsilon (Eq. 26) of each draw. @param {number} scale @returns {number[][]} (DRAWS, D) */
  codes(scale) {
    const { space, index } = this;
    const scaled = this.noise.map((epsilon) => epsilon.map((v) => scale * v));
    if (space.dim > 2) return scaled.map((epsilon) => /** @type {number[]} */ (space.drawn(index, epsilon)));
    const q = /** @type {import("../maths/gaussian.js").Gaussian} */ (space.gaussian(index));
    return scaled.map(([first, second = 0]) => q.z([first, second]).slice(0, space.dim));
  }

  /** @param {number} scale of the standard deviations, 1: the encoder's @returns {ScaledTerms} */
  at(scale) {
    const { decoder, likelihood } = this;
    const codes = this.codes(scale);
    const image = new Float32Array(decoder.pixels);
    let reconstruction = 0;
    decoder.logitsOfEach(codes, (logits) => {
      reconstruction -= likelihood.ofLogits(logits) / DRAWS;
      for (let i = 0; i < image.length; i++) image[i] += decoder.mean(logits[i]) / DRAWS;
    });
    return { reconstruction, kl: this.klAt(scale, codes), image };
  }

  /**
   * Closed form for N(0, I); what another prior makes of the draws is held against those of the encoder's own q.
   * @param {number} scale @param {number[][]} codes drawn at that scale
   */
  klAt(scale, codes) {
    const { decoder: { prior }, space: { dim }, kl, trace } = this;
    const entropy = dim * Math.log(scale); // by how much it is above that of the encoder's q
    if (prior.standard) return kl + 0.5 * trace * (scale * scale - 1) - entropy;
    const own = this.codes(1);
    const fall = codes.reduce((sum, z, i) => sum + prior.logDensity(own[i]) - prior.logDensity(z), 0) / DRAWS;
    return kl + fall - entropy;
  }
}

/** @param {LatentSpace} space @param {number} index @param {number} d dimension */
function variance(space, index, d) {
  if (space.dim > 2) return space.covariance(index, d, d);
  return /** @type {Float32Array} */ (space.cov)[3 * index + 2 * d];
}
