// The prior p(z) of a run: N(0, I), or a mixture of Gaussians that was learned with the rest. All pages ask it.

import { logDensity } from "./normal.js";

/** @typedef {import("./normal.js").Random} Random */
/** @typedef {{logits: number[], mean: number[][], log_var: number[][]}} Mixture  K components in D dimensions */
/** @typedef {StandardPrior | MixturePrior} Prior */

export class StandardPrior {
  standard = true;
  /** as sentences name it */
  words = "N(0, I)";

  /** log p(z) in nats. @param {ArrayLike<number>} z */
  logDensity(z) {
    return logDensity(z);
  }

  /** A code. @param {Random} random @param {number} dim @returns {number[]} */
  draw(random, dim) {
    return Array.from({ length: dim }, () => random.normal());
  }
}

export class MixturePrior {
  standard = false;

  /** @param {Mixture} mixture @param {string} kind "mixture" or "vamp" */
  constructor({ logits, mean, log_var }, kind) {
    const highest = Math.max(...logits);
    const total = Math.log(logits.reduce((sum, v) => sum + Math.exp(v - highest), 0)) + highest;
    this.logWeight = logits.map((v) => v - total);
    this.mean = mean;
    this.sigma = log_var.map((row) => row.map((v) => Math.exp(0.5 * v)));
    /** log of each component's weight and height */
    this.height = this.logWeight.map((v, k) =>
      v - this.sigma[k].reduce((sum, s) => sum + Math.log(s), 0) - 0.5 * mean[k].length * Math.log(2 * Math.PI)
    );
    const gaussians = `${mean.length} Gaussian${mean.length > 1 ? "s" : ""}`;
    this.words = kind === "vamp" ? `a VampPrior of ${gaussians}` : `a learned mixture of ${gaussians}`;
  }

  /**
   * log p(z) in nats; dimensions beyond its own are N(0, 1), as that of a line drawn on a plane.
   * @param {ArrayLike<number>} z
   */
  logDensity(z) {
    const dim = this.mean[0].length;
    let [highest, sum] = [-Infinity, 0];
    for (let k = 0; k < this.mean.length; k++) {
      const [mean, sigma] = [this.mean[k], this.sigma[k]];
      let squares = 0;
      for (let d = 0; d < dim; d++) squares += ((z[d] - mean[d]) / sigma[d]) ** 2;
      const log = this.height[k] - 0.5 * squares;
      if (log > highest) [highest, sum] = [log, sum * Math.exp(highest - log) + 1];
      else sum += Math.exp(log - highest);
    }
    const idle = z.length > dim ? logDensity(Array.from(z).slice(dim)) : 0;
    return highest + Math.log(sum) + idle;
  }

  /** A code. @param {Random} random @param {number} _dim @returns {number[]} */
  draw(random, _dim) {
    let left = random.uniform();
    let k = 0;
    for (; k < this.mean.length - 1; k++) if ((left -= Math.exp(this.logWeight[k])) < 0) break;
    return this.mean[k].map((mean, d) => mean + this.sigma[k][d] * random.normal());
  }
}

/**
 * The prior that a run's file names.
 * @param {Record<string, string>} metadata  prior, prior_kind (explorer/loader.py)
 */
export function priorOf({ prior, prior_kind }) {
  return prior ? new MixturePrior(JSON.parse(prior), prior_kind) : new StandardPrior();
}
