// q(z|x) of one image in one run: a Gaussian, or a point without noise.

import { Random } from "./normal.js";
import { StandardPrior } from "./prior.js";

const DRAWS = 64; // of the sampled estimate, the same ones for every image

export class Posterior {
  /**
   * @param {import("./types.js").Encoded} encoded @param {boolean} deterministic
   * @param {import("./prior.js").Prior} [prior] of the same run
   */
  constructor({ mu, sigma, factor }, deterministic, prior = new StandardPrior()) {
    this.prior = prior;
    this.mu = mu;
    /** standard deviation of each coordinate */
    this.sigma = sigma;
    /** L of the covariance L L^T: its rows, up to the diagonal */
    this.factor = factor;
    this.deterministic = deterministic;
  }

  /** z = mu + L epsilon (Eq. 26). @param {ArrayLike<number>} epsilon of any length; what is missing is 0 */
  z(epsilon) {
    return this.mu.map((mu, d) => this.factor[d].reduce((sum, v, i) => sum + v * (epsilon[i] ?? 0), mu));
  }

  /** The epsilon that leads to z. @param {ArrayLike<number>} z */
  epsilon(z) {
    /** @type {number[]} */
    const epsilon = [];
    for (const [d, row] of this.factor.entries()) {
      const rest = epsilon.reduce((left, v, i) => left - row[i] * v, z[d] - this.mu[d]);
      epsilon.push(rest / row[d]);
    }
    return epsilon;
  }

  /** log q in nats at the z that epsilon leads to. @param {number[]} epsilon (D,) */
  logDensity(epsilon) {
    const squares = epsilon.reduce((sum, v) => sum + v * v, 0);
    return this.factor.reduce((sum, row, d) => sum - Math.log(row[d]), -0.5 * squares) -
      0.5 * epsilon.length * Math.log(2 * Math.PI);
  }

  /** KL(q(z|x) || p(z)) in nats: by sampling where the prior was learned; null for a point. */
  kl() {
    if (this.deterministic) return null;
    if (!this.prior.standard) return this.sampledKl();
    return this.factor.reduce((sum, row, d) => {
      const squares = row.reduce((total, v) => total + v * v, 0);
      return sum + 0.5 * (squares + this.mu[d] ** 2 - 1) - Math.log(row[d]);
    }, 0);
  }

  /** The mean of log q(z|x) - log p(z) over draws of q. */
  sampledKl() {
    const random = new Random(1);
    let sum = 0;
    for (let i = 0; i < DRAWS; i++) {
      const epsilon = this.mu.map(() => random.normal());
      sum += this.logDensity(epsilon) - this.prior.logDensity(this.z(epsilon));
    }
    return sum / DRAWS;
  }
}
